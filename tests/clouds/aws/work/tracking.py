"""MLflow for what is executed: a folder of this cloud stands for each app and tracking server.

The image's plug-in `sagemaker-mlflow` signs requests to an address that an ARN names; neither it
nor the address is here.
"""

from collections.abc import Mapping

from tests.clouds.aws.hooks import Run

_URI = "MLFLOW_TRACKING_URI"


def tracked(run: Run, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a request with the ARN of a tracking server as its folder."""
    uri = environment.get(_URI, "")
    if not uri.startswith("arn:"):
        return dict(environment)
    folder = run.root.parents[1] / "mlflow" / uri.rpartition("/")[2]
    return {**environment, _URI: folder.as_uri(), "MLFLOW_ALLOW_FILE_STORE": "true"}
