"""Who and where: the subscription that is played, and the variables that point a process at it."""

from collections.abc import Mapping

SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
TENANT = "22222222-2222-4222-8222-222222222222"
USER = "33333333-3333-4333-8333-333333333333"
"""The object id of who deploys: owner of the subscription."""
REGION = "westeurope"

SECRET = "test-secret"
"""What a process tells the identity endpoint that may be whoever it names."""
SECRET_OF = f"{SECRET}-of:"
"""What stands before the ids of the identities that a machine has, separated by commas."""

IDENTITY = "identity/token"
METADATA = "metadata/endpoints"
ARM = "resourcemanager"
STORAGE = "core.localhost"
"""What stands for `core.windows.net` in hosts that a client makes of an account's name."""

SERVICES = (ARM, "blob", "inference", "logs", "metrics", "mlflow", "registry", "table", "vault")
"""Services whose real addresses our adapter knows, and that are told where they are here."""


def variables(
    address: str, authority: str, subscription: str = SUBSCRIPTION, secret: str = SECRET
) -> Mapping[str, str]:
    """Return the variables that point our clients and plugins, and Azure's own, at a cloud.

    `MSI_*` is how Azure ML's machines get tokens (azure-identity, `AzureMLCredential`);
    `ARM_CLOUD_METADATA_URL` is azure-ai-ml's, `ARM_METADATA_HOSTNAME` azure-native's.

    Args:
        address: the cloud's.
        authority: the file of the certificate that signed the cloud's.
        subscription: the one that is played.
        secret: what the process tells the identity endpoint.
    """
    overrides = {
        f"MLOPS_IAC_AZURE_ENDPOINT_{service.upper()}": f"{address}/{service}"
        for service in SERVICES
    }
    certificates = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")
    return {
        **overrides,
        **dict.fromkeys(certificates, authority),
        "ARM_CLOUD_METADATA_URL": f"{address}/{METADATA}?api-version=2019-05-01",
        "ARM_METADATA_HOSTNAME": address.removeprefix("https://"),
        "ARM_SUBSCRIPTION_ID": subscription,
        "AZURE_SUBSCRIPTION_ID": subscription,
        "AZURE_TENANT_ID": TENANT,
        "MSI_ENDPOINT": f"{address}/{IDENTITY}",
        "MSI_SECRET": secret,
    }
