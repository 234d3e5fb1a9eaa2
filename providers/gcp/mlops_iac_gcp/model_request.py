"""The model version that a run registers, and the copy of it that an endpoint serves."""

from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.provider import Scope
from mlops_iac.registry import APPROVED, PENDING
from mlops_iac.specs import Approval, ModelEndpoint, RegisteredModel
from mlops_iac_gcp import facts, names
from mlops_iac_gcp.registry import APPROVAL
from mlops_iac_gcp.serving.filling import ENDPOINT
from mlops_iac_gcp.workload import env_list, pruned, variables

API = "aiplatform.v1"
UPLOAD_MODEL = "aiplatform.projects.locations.models.upload"
_DEPLOYMENT_TIMEOUT_SECONDS = 1800


def register_version(  # noqa: PLR0913  what a request may say, by keyword
    model: RegisteredModel,
    scope: Scope,
    artifact: Any,
    key: Any,
    description: str,
    *,
    image: Any = None,
) -> dict[str, Any]:
    """Return the request that registers what a run trained; `registry.upload` sends it.

    The first version names the model's id; those that follow name it as their parent.
    """
    state = PENDING if model.approval is Approval.MANUAL else APPROVED
    version = pruned(
        {
            "displayName": scope.physical_name(names.DISPLAY, model.name),
            "description": model.description or None,
            "versionDescription": description,
            "labels": {**facts.labels(scope), APPROVAL: state},
            "artifactUri": artifact,
            "containerSpec": container(
                {},
                scope.platform.runtime_image if image is None else image,
                trusts_pickle=model.trust_pickle,
            ),
            "encryptionSpec": _encryption(key),
        }
    )
    return _upload(scope, {"modelId": facts.model_id(scope, model.name), "model": version})


def copied_version(endpoint: ModelEndpoint, scope: Scope, key: Any) -> dict[str, Any]:
    """Return the request that makes the endpoint's own copy of a version.

    Environment and image stand in Vertex AI's model, not in its deployment: a version that is
    served with variables of an endpoint is a model of that endpoint, over the same artifacts.
    """
    values = served_variables(endpoint, scope)
    labels = {**facts.labels(scope), ENDPOINT: facts.endpoint_id(scope, endpoint.name)}
    copy = pruned(
        {
            "displayName": scope.physical_name(names.DISPLAY, endpoint.name),
            "labels": labels,
            "artifactUri": facts.UNKNOWN,
            "containerSpec": container(values, trusts_pickle=trusts_pickle(endpoint, scope)),
            "encryptionSpec": _encryption(key),
        }
    )
    return _upload(scope, {"modelId": facts.UNKNOWN, "model": copy})


def container(values: dict[str, Any], image: Any = None, *, trusts_pickle: bool) -> dict[str, Any]:
    """Return how an image serves a model behind Vertex AI's contract.

    Args:
        values: variables of the server.
        image: the image; left out where only deploying tells it: a version is served by the image
            that it was registered with, which holds the requirements of its job.
        trusts_pickle: whether the model may be loaded although it holds pickled code.
    """
    environment: dict[str, Any] = {
        # The runtime loads nothing whose digest is not this one.
        contract.MODEL_DIGEST: facts.UNKNOWN,
        **values,
        contract.TRUST_PICKLE: contract.flag(value=trusts_pickle),
    }
    return {
        "imageUri": facts.UNKNOWN if image is None else image,
        "command": ["python", "-m", "mlops_iac.runtime.serve"],
        "env": env_list(environment),
        "ports": [{"containerPort": 8080}],
        "predictRoute": "/predict",
        "healthRoute": "/health",
        "deploymentTimeout": f"{_DEPLOYMENT_TIMEOUT_SECONDS}s",
    }


def trusts_pickle(endpoint: ModelEndpoint, scope: Scope) -> bool:
    """Whether the model of an endpoint may be loaded although it holds pickled code."""
    model = scope.specs.get(str(endpoint.model.name))
    return isinstance(model, RegisteredModel) and model.trust_pickle


def served_variables(endpoint: ModelEndpoint, scope: Scope) -> dict[str, Any]:
    """Return the variables of an endpoint's server: the declared ones, and what it serves."""
    return {**variables(endpoint.environment, scope), **_told(endpoint)}


def _told(endpoint: ModelEndpoint) -> dict[str, Any]:
    """Return what the server is told of the version that it serves."""
    pinned = endpoint.model.version
    return {
        contract.MODEL_NAME: str(endpoint.model.name),
        # A challenger is another version of the same model.
        contract.MODEL_VERSION: facts.UNKNOWN
        if pinned is None or endpoint.challenger is not None
        else str(pinned),
        contract.TIMEOUT_SECONDS: str(int(endpoint.timeout.total_seconds())),
    }


def _encryption(key: Any) -> dict[str, Any] | None:
    return None if key is None else {"kmsKeyName": key}


def _upload(scope: Scope, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "api": API,
        "operation": UPLOAD_MODEL,
        "params": {"parent": facts.location(scope)},
        "body": body,
    }
