"""Who and where: the project that is played, and the variables that point a process at it."""

from collections.abc import Mapping

from tests.clouds.gcp.routes import SERVICES

PROJECT = "mlops-test"
NUMBER = "123456789012"
REGION = "europe-west4"
TOKEN = "test-token"
USER = "deployer@example.com"
ACCOUNT_TOKEN = "test-token-of:"
"""What stands before a service account's address in its token."""


def variables(address: str, project: str, token: str) -> Mapping[str, str]:
    """Return the variables that point our clients and plugins at a cloud.

    gcloud documents `CLOUDSDK_API_ENDPOINT_OVERRIDES_<SERVICE>`; the rest are Google's clients'.
    """
    overrides = {
        f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service.upper()}": f"{address}/{service}/"
        for service in SERVICES
    }
    return {
        **overrides,
        "CLOUDSDK_CORE_PROJECT": project,
        "GOOGLE_CLOUD_PROJECT": project,
        "GOOGLE_CLOUD_REGION": REGION,
        "GOOGLE_OAUTH_ACCESS_TOKEN": token,
        # No client may ask for the metadata server of a machine.
        "NO_GCE_CHECK": "true",
    }
