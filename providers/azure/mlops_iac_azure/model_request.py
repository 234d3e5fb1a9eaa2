"""The model version that a run registers, and what a server of it is told."""

from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.provider import Scope
from mlops_iac.registry import APPROVED, PENDING
from mlops_iac.specs import Approval, ModelEndpoint, RegisteredModel
from mlops_iac_azure import facts
from mlops_iac_azure.registry import STAGES
from mlops_iac_azure.workload import pruned, variables

API = "azure.ml"
REGISTER_VERSION = f"PUT {facts.ML}/models/versions"
COMMAND = ("python", "-m", "mlops_iac.runtime.serve")
PORT = 8080
READY, LIVE, SCORE = "/v2/health/ready", "/v2/health/live", "/score"


def register_version(  # noqa: PLR0913  what a request may say, by keyword
    model: RegisteredModel,
    scope: Scope,
    artifact: Any,
    key: Any,  # noqa: ARG001  the twin's signature: the store encrypts
    description: str,
    *,
    image: Any = None,
) -> dict[str, Any]:
    """Return the request that registers what a run trained; `registry.upload` sends it.

    The body's `model` tells where the model lies (`artifactUri`), what serves it (`imageUri`), and
    the version itself (`body`); number, address and run are filled in when it is sent.
    """
    state = PENDING if model.approval is Approval.MANUAL else APPROVED
    version = {
        "properties": {
            "modelType": "custom_model",
            "description": description,
            "stage": STAGES[state],
            "tags": scope.tags,
            "properties": {},
            "isAnonymous": False,
            "isArchived": False,
        }
    }
    served = scope.platform.runtime_image if image is None else image
    return {
        "api": API,
        "operation": REGISTER_VERSION,
        "params": {**workspace_parameters(scope), "name": facts.model_id(scope, model.name)},
        "body": {"model": {"artifactUri": artifact, "imageUri": served, "body": version}},
    }


def workspace_parameters(scope: Scope) -> dict[str, Any]:
    """Return what says in an address which workspace is meant."""
    return {"resourceGroupName": facts.group(scope), "workspaceName": facts.workspace(scope)}


def environment_version(scope: Scope) -> dict[str, Any]:
    """Return how an image serves behind Azure ML's contract; the image comes with a version.

    An environment is what a deployment calls its image: it tells port and routes as well.
    """
    return {
        "properties": {
            "image": facts.UNKNOWN,
            "osType": "Linux",
            "autoRebuild": "Disabled",
            "inferenceConfig": {
                "livenessRoute": {"path": LIVE, "port": PORT},
                "readinessRoute": {"path": READY, "port": PORT},
                "scoringRoute": {"path": SCORE, "port": PORT},
            },
            "tags": scope.tags,
            "isArchived": False,
        }
    }


def trusts_pickle(endpoint: ModelEndpoint, scope: Scope) -> bool:
    """Whether the model of an endpoint may be loaded although it holds pickled code."""
    model = scope.specs.get(str(endpoint.model.name))
    return isinstance(model, RegisteredModel) and model.trust_pickle


def served_variables(endpoint: ModelEndpoint, scope: Scope) -> dict[str, Any]:
    """Return the variables of an endpoint's server: the declared ones, and what it serves."""
    return pruned(
        {
            **variables(endpoint.environment, scope),
            contract.MODEL_NAME: str(endpoint.model.name),
            # The runtime loads nothing whose digest is not this one.
            contract.MODEL_DIGEST: facts.UNKNOWN,
            contract.MODEL_VERSION: _version(endpoint),
            contract.TIMEOUT_SECONDS: str(int(endpoint.timeout.total_seconds())),
            # Inside the container; Azure's front door asks for the credential.
            contract.HOST: "0.0.0.0",  # noqa: S104
            contract.TRUST_PICKLE: contract.flag(value=trusts_pickle(endpoint, scope)),
        }
    )


def _version(endpoint: ModelEndpoint) -> Any:
    pinned = endpoint.model.version
    # A challenger is another version of the same model.
    is_open = pinned is None or endpoint.challenger is not None
    return facts.UNKNOWN if is_open else str(pinned)
