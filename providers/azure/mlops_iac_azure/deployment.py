"""What brings a version onto an endpoint: the document that a ModelDeployment holds."""

from typing import Any

from mlops_iac.provider import Scope
from mlops_iac.rollout import deployment_terms
from mlops_iac.specs import ModelEndpoint
from mlops_iac_azure import facts, names
from mlops_iac_azure.app_request import app_id, app_request, is_app, token_name
from mlops_iac_azure.online_request import Surroundings, online_requests
from mlops_iac_azure.workload import pruned

OPERATION_SECONDS = 5400
"""How long one operation on an endpoint may take: machines are found, images pulled."""


def document(endpoint: ModelEndpoint, scope: Scope, around: Surroundings) -> dict[str, Any]:
    """Return the deployment document; `serving` deploys by it, with or without the engine."""
    return pruned(
        {
            "endpoint": native_name(endpoint, scope),
            "bucket": facts.bucket(scope),
            "authentication": endpoint.authentication.value,
            "autoscalePrefix": scope.physical_name(names.AUTOSCALE, endpoint.name),
            **deployment_terms(endpoint, facts.model_name(scope, str(endpoint.model.name))),
            "operationSeconds": OPERATION_SECONDS,
            "vault": facts.vault(scope) if is_app(endpoint) else None,
            "secret": token_name(endpoint, scope) if is_app(endpoint) else None,
            "requests": deployment_requests(endpoint, scope, around),
        }
    )


def native_name(endpoint: ModelEndpoint, scope: Scope) -> str:
    """Return the id of an online endpoint, or of its container app."""
    return (
        app_id(scope, endpoint.name)
        if is_app(endpoint)
        else facts.endpoint_name(scope, endpoint.name)
    )


def deployment_requests(
    endpoint: ModelEndpoint, scope: Scope, around: Surroundings
) -> list[dict[str, Any]]:
    """Return the requests in the order in which they are sent, from assets to traffic."""
    if is_app(endpoint):
        return [app_request(endpoint, scope, around.identity, around.client, around.environment)]
    return online_requests(endpoint, scope, around)
