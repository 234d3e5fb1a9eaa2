"""Facts that follow from the declaration alone: names, addresses, resource names."""

from mlops_iac.provider import Scope
from mlops_iac_gcp import names

UNKNOWN = {"$unknown": True}
"""What is only known when a version is trained, built or deployed."""


def project(scope: Scope) -> str:
    """Return the Google Cloud project; planning refuses a platform without one."""
    return scope.target.account or ""


def region(scope: Scope) -> str:
    """Return the region; planning refuses a platform without one."""
    return scope.target.region or ""


def location(scope: Scope) -> str:
    """Return the parent of everything in Vertex AI."""
    return f"projects/{project(scope)}/locations/{region(scope)}"


def vertex_address(scope: Scope) -> str:
    """Return the root of Vertex AI's API."""
    return f"https://{region(scope)}-aiplatform.googleapis.com/"


def labels(scope: Scope) -> dict[str, str]:
    """Return the labels of everything that can carry them."""
    return names.labels(scope.tags)


def bucket(scope: Scope) -> str:
    """Return the name of the artifact bucket; names are global, so its hash holds the place."""
    return scope.platform_name(names.BUCKET, content=location(scope))


def repository_id(scope: Scope) -> str:
    """Return the id of the platform's image repository."""
    return scope.platform_name(names.REPOSITORY)


def repository_name(scope: Scope) -> str:
    """Return the full name of the platform's image repository."""
    return f"{location(scope)}/repositories/{repository_id(scope)}"


def image_registry(scope: Scope) -> str:
    """Return the address that images are pushed to and pulled from."""
    # A project of an old domain is written with a slash: `example.com:p` is `example.com/p`.
    owner = project(scope).replace(":", "/")
    return f"{region(scope)}-docker.pkg.dev/{owner}/{repository_id(scope)}"


def model_id(scope: Scope, model: str) -> str:
    """Return the id of a registered model."""
    return scope.physical_name(names.MODEL, model)


def model_name(scope: Scope, model: str) -> str:
    """Return the full name of a registered model."""
    return f"{location(scope)}/models/{model_id(scope, model)}"


def endpoint_id(scope: Scope, endpoint: str) -> str:
    """Return the id of an endpoint: ten digits."""
    return scope.physical_name(names.ENDPOINT, endpoint)


def endpoint_name(scope: Scope, endpoint: str) -> str:
    """Return the full name of an endpoint."""
    return f"{location(scope)}/endpoints/{endpoint_id(scope, endpoint)}"


def service_name(scope: Scope, endpoint: str) -> str:
    """Return the full name of the service of a serverless endpoint."""
    return f"{location(scope)}/services/{scope.physical_name(names.SERVICE, endpoint)}"


def mounted(scope: Scope, path: str) -> str:
    """Return where a container on Vertex AI finds an object of the artifact bucket."""
    return f"/gcs/{bucket(scope)}/{path}"


def address(scope: Scope, path: str) -> str:
    """Return the URI of an object of the artifact bucket."""
    return f"gs://{bucket(scope)}/{path}"


def console(scope: Scope, path: str) -> str:
    """Return a page of the console."""
    return f"https://console.cloud.google.com/{path}?project={project(scope)}"
