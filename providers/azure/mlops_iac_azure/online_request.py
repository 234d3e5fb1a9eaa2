"""The requests that bring a version onto an online endpoint of Azure ML.

Shapes: `OnlineEndpoint`, `OnlineDeployment` and assets of the API 2025-12-01 (azure-ai-ml 1.35's
REST models).
"""

from dataclasses import dataclass
from typing import Any

from mlops_iac.provider import Scope
from mlops_iac.rolling import CHALLENGER, MAIN
from mlops_iac.specs import Authentication, AutoscaledReplicas, FixedReplicas, ModelEndpoint
from mlops_iac_azure import facts
from mlops_iac_azure.app_request import assigned
from mlops_iac_azure.autoscale_request import autoscale
from mlops_iac_azure.compute import Use, asked, chosen
from mlops_iac_azure.model_request import (
    API,
    environment_version,
    served_variables,
    workspace_parameters,
)
from mlops_iac_azure.posture import endpoint_access, is_private, posture
from mlops_iac_azure.serving import captures
from mlops_iac_azure.workload import CLIENT, pruned

AUTH_MODES = {Authentication.IDENTITY: "AADToken", Authentication.KEY: "Key"}
_PUT = f"PUT {facts.ML}"
_PROBE = {
    "failureThreshold": 30,
    "initialDelay": "PT10S",
    "period": "PT10S",
    "successThreshold": 1,
    "timeout": "PT2S",
}


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the platform made and a deployment names."""

    identity: Any
    """Id of the serving identity."""
    client: Any
    """Its client id: how a library in a container picks it."""
    environment: Any = None
    """Id of the environment that a container app runs in; `None` for an online endpoint."""


def online_requests(
    endpoint: ModelEndpoint, scope: Scope, around: Surroundings
) -> list[dict[str, Any]]:
    """Return the requests in the order in which they are sent, from assets to traffic."""
    roles = [MAIN] if endpoint.challenger is None else [MAIN, CHALLENGER]
    return [
        _environment(endpoint, scope),
        *_captured(endpoint, scope),
        *({**_deployment(endpoint, scope, around), "role": role} for role in roles),
        *autoscale(endpoint, scope),
        _traffic(endpoint, scope, around),
    ]


def description(endpoint: ModelEndpoint) -> str:
    """Return the endpoint's description."""
    return f"serves {endpoint.model.name}"


def endpoint_properties(endpoint: ModelEndpoint) -> dict[str, str]:
    """Return the endpoint's own properties."""
    return {"mlops-iac.model": str(endpoint.model.name)}


def environment_name(endpoint: str, scope: Scope) -> str:
    """Return the name of the environments that serve on an endpoint."""
    return facts.asset(scope, endpoint, "serving")


def captures_name(endpoint: str, scope: Scope) -> str:
    """Return the name of the data assets that the endpoint's captures are."""
    return facts.asset(scope, endpoint, "captures")


def _request(scope: Scope, kind: str, body: dict[str, Any], **params: Any) -> dict[str, Any]:
    return {
        "api": API,
        "operation": f"{_PUT}/{kind}",
        "params": {**workspace_parameters(scope), **params},
        "body": body,
    }


def _environment(endpoint: ModelEndpoint, scope: Scope) -> dict[str, Any]:
    # Its version is the hash of its content, which the image is a part of.
    named = {"name": environment_name(endpoint.name, scope), "version": facts.UNKNOWN}
    return _request(scope, "environments/versions", environment_version(scope), **named)


def _captured(endpoint: ModelEndpoint, scope: Scope) -> list[dict[str, Any]]:
    """Return one request for each collection: a deployment names data assets, not folders."""
    if endpoint.capture is None:
        return []
    properties = {
        "dataType": "uri_folder",
        "dataUri": facts.UNKNOWN,
        "description": f"captured by {endpoint.name}",
        "tags": scope.tags,
        "isAnonymous": False,
        "isArchived": False,
    }
    named = {"name": captures_name(endpoint.name, scope), "version": facts.UNKNOWN}
    request = _request(scope, "data/versions", {"properties": properties}, **named)
    return [{**request, "collection": collection} for collection in captures.COLLECTIONS]


def _deployment(endpoint: ModelEndpoint, scope: Scope, around: Surroundings) -> dict[str, Any]:
    capture, machine = endpoint.capture, chosen(endpoint.compute, Use.HOSTING)
    properties = {
        "endpointComputeType": "Managed",
        "description": f"a version of {endpoint.model.name}",
        "instanceType": machine.name,
        "model": facts.UNKNOWN,
        "environmentId": facts.UNKNOWN,
        "environmentVariables": {CLIENT: around.client, **served_variables(endpoint, scope)},
        "requestSettings": {
            "requestTimeout": f"PT{int(endpoint.timeout.total_seconds())}S",
            # Azure's default of 1 would leave all processors but one idle.
            "maxConcurrentRequestsPerInstance": 2 * machine.vcpu,
        },
        "livenessProbe": dict(_PROBE),
        "readinessProbe": dict(_PROBE),
        "scaleSettings": {"scaleType": "Default"},
        "appInsightsEnabled": True,
        "egressPublicNetworkAccess": _egress(scope),
        "properties": {"mlops-iac.compute": asked(endpoint.compute)},
        "dataCollector": None
        if capture is None
        else captures.collector(capture.percent, facts.UNKNOWN),
    }
    body = {
        "location": facts.region(scope),
        "kind": "Managed",
        "sku": {"name": "Default", "tier": "Standard", "capacity": _instances(endpoint)},
        "tags": {**scope.tags, "mlops-iac-component": endpoint.name},
        "properties": pruned(properties),
    }
    return _request(scope, "onlineEndpoints/deployments", body, **_on(endpoint, scope))


def _on(endpoint: ModelEndpoint, scope: Scope) -> dict[str, Any]:
    # The name of a deployment holds its version and the hash of its content.
    return {
        "endpointName": facts.endpoint_id(scope, endpoint.name),
        "deploymentName": facts.UNKNOWN,
    }


def _instances(endpoint: ModelEndpoint) -> int:
    """Return the instances that a deployment starts with."""
    if isinstance(endpoint.scaling, FixedReplicas):
        return endpoint.scaling.replicas
    return endpoint.scaling.min if isinstance(endpoint.scaling, AutoscaledReplicas) else 1


def _egress(scope: Scope) -> str:
    """Return whether deployments may call out: only where nothing isolates the workspace."""
    isolated = is_private(scope.platform) or posture(scope.platform).isolation != "Disabled"
    return "Disabled" if isolated else "Enabled"


def _traffic(endpoint: ModelEndpoint, scope: Scope, around: Surroundings) -> dict[str, Any]:
    """Return how traffic is moved: an endpoint is sent whole, as the frame declares it."""
    body = {
        "location": facts.region(scope),
        "kind": "Managed",
        "sku": {"name": "Default", "capacity": 0},
        "tags": scope.tags,
        "identity": {"type": "UserAssigned", "userAssignedIdentities": assigned(around.identity)},
        "properties": {
            "authMode": AUTH_MODES[endpoint.authentication],
            "publicNetworkAccess": endpoint_access(scope.platform),
            "description": description(endpoint),
            "properties": endpoint_properties(endpoint),
            "traffic": facts.UNKNOWN,
            "mirrorTraffic": facts.UNKNOWN,
        },
    }
    return _request(
        scope, "onlineEndpoints", body, endpointName=facts.endpoint_id(scope, endpoint.name)
    )
