"""The model version that a run registers, and the copy of it that an endpoint serves."""

from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.provider import Scope
from mlops_iac.specs import Approval, ModelEndpoint, RegisteredModel
from mlops_iac_gcp import facts, names
from mlops_iac_gcp.job_request import API, UPLOAD_MODEL
from mlops_iac_gcp.workload import env_list, pruned, variables

_DEPLOYMENT_TIMEOUT_SECONDS = 1800


def register_version(
    model: RegisteredModel, scope: Scope, artifact: str, key: Any, description: str
) -> dict[str, Any]:
    """Return the request that registers what a run trained.

    The first version names the model's id; those that follow name it as their parent.
    """
    state = "pending" if model.approval is Approval.MANUAL else "approved"
    version = pruned(
        {
            "displayName": scope.physical_name(names.DISPLAY, model.name),
            "description": model.description or None,
            "versionDescription": description,
            "labels": {**facts.labels(scope), "approval": state},
            "artifactUri": artifact,
            "containerSpec": container(scope, {}, trusts_pickle=model.trust_pickle),
            "encryptionSpec": None if key is None else {"kmsKeyName": key},
        }
    )
    return _upload(scope, {"modelId": facts.model_id(scope, model.name), "model": version})


def serve_version(
    endpoint: ModelEndpoint, scope: Scope, key: Any, service_account: Any
) -> dict[str, Any]:
    """Return the request that makes the endpoint's own copy of a version.

    Environment and image stand in Vertex AI's model, not in its deployment: a version that is
    served with variables of an endpoint is a model of that endpoint, over the same artifacts.
    """
    model = scope.specs.get(endpoint.model.name)
    trusts = isinstance(model, RegisteredModel) and model.trust_pickle
    copy = pruned(
        {
            "displayName": scope.physical_name(names.DISPLAY, endpoint.name),
            "labels": facts.labels(scope),
            "artifactUri": facts.UNKNOWN,
            "containerSpec": container(
                scope, variables(endpoint.environment, scope), trusts_pickle=trusts
            ),
            "encryptionSpec": None if key is None else {"kmsKeyName": key},
        }
    )
    body = {
        "modelId": facts.UNKNOWN,
        "model": copy,
        "serviceAccount": service_account,
    }
    return _upload(scope, body)


def container(scope: Scope, values: dict[str, str], *, trusts_pickle: bool) -> dict[str, Any]:
    """Return how the platform's runtime image serves a model behind Vertex AI's contract."""
    environment: dict[str, Any] = {
        **values,
        contract.MODEL_DIGEST: facts.UNKNOWN,
        contract.TRUST_PICKLE: contract.flag(value=trusts_pickle),
    }
    return {
        "imageUri": scope.platform.runtime_image or facts.UNKNOWN,
        "command": ["python", "-m", "mlops_iac.runtime.serve"],
        "env": env_list(environment),
        "ports": [{"containerPort": 8080}],
        "predictRoute": "/predict",
        "healthRoute": "/health",
        "deploymentTimeout": f"{_DEPLOYMENT_TIMEOUT_SECONDS}s",
    }


def _upload(scope: Scope, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "api": API,
        "operation": UPLOAD_MODEL,
        "params": {"parent": facts.location(scope)},
        "body": body,
    }
