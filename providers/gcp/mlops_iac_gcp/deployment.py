"""What brings a version onto an endpoint: the document that a ModelDeployment holds."""

from typing import Any

from mlops_iac.provider import Scope
from mlops_iac.rolling import CHALLENGER, MAIN
from mlops_iac.rollout import deployment_terms
from mlops_iac.specs import AutoscaledReplicas, FixedReplicas, ModelEndpoint
from mlops_iac_gcp import facts, names
from mlops_iac_gcp.compute import machine_spec, machine_type
from mlops_iac_gcp.model_request import copied_version
from mlops_iac_gcp.service_request import Surroundings, is_service, service_requests

V1, PREVIEW = "aiplatform.v1", "aiplatform.v1beta1"
_METHOD = "aiplatform.projects.locations.endpoints"
_REQUEST_COUNT = "aiplatform.googleapis.com/prediction/online/request_count"
_OWN = {"patch": "name", "update": "name"}
"""Path parameter of the methods on the endpoint itself; the others call it `endpoint`."""
# discovery aiplatform.v1beta1, DedicatedResourcesScaleToZeroSpec: 300 to 28800 seconds.
_IDLE_SECONDS = 300
OPERATION_SECONDS = 5400
"""How long one operation on an endpoint may take: machines are found, images pulled."""


def document(endpoint: ModelEndpoint, scope: Scope, around: Surroundings) -> dict[str, Any]:
    """Return the deployment document; `serving` deploys by it, with or without the engine."""
    return {
        "endpoint": native_name(endpoint, scope),
        "bucket": facts.bucket(scope),
        "copyPrefix": scope.physical_name(names.COPY, endpoint.name),
        **deployment_terms(endpoint, facts.model_name(scope, str(endpoint.model.name))),
        "operationSeconds": OPERATION_SECONDS,
        "requests": deployment_requests(endpoint, scope, around),
    }


def native_name(endpoint: ModelEndpoint, scope: Scope) -> str:
    """Return the full name of an endpoint in Vertex AI, or of its service in Cloud Run."""
    if is_service(endpoint):
        return facts.service_name(scope, endpoint.name)
    return facts.endpoint_name(scope, endpoint.name)


def deployment_requests(
    endpoint: ModelEndpoint, scope: Scope, around: Surroundings
) -> list[dict[str, Any]]:
    """Return the requests in the order in which they are sent, from upload to clean-up."""
    if is_service(endpoint):
        return service_requests(endpoint, scope, around)
    roles = [MAIN] if endpoint.challenger is None else [MAIN, CHALLENGER]
    return [
        copied_version(endpoint, scope, around.key),
        _set_timeout(endpoint, scope),
        *(_deploy(endpoint, scope, around.service_account, role) for role in roles),
        _move_traffic(endpoint, scope),
        _request(endpoint, scope, "undeployModel", {"deployedModelId": facts.UNKNOWN}),
    ]


def display_name(endpoint: ModelEndpoint, scope: Scope) -> str:
    """Return the name of an endpoint for people."""
    return scope.physical_name(names.DISPLAY, endpoint.name)


def _request(
    endpoint: ModelEndpoint,
    scope: Scope,
    method: str,
    body: dict[str, Any],
    *,
    api: str = V1,
    **params: str,
) -> dict[str, Any]:
    name = facts.endpoint_name(scope, endpoint.name)
    return {
        "api": api,
        "operation": f"{_METHOD}.{method}",
        "params": {_OWN.get(method, "endpoint"): name, **params},
        "body": body,
    }


def _set_timeout(endpoint: ModelEndpoint, scope: Scope) -> dict[str, Any]:
    # The only field that `update` takes, and one that the Pulumi resource lacks.
    seconds = int(endpoint.timeout.total_seconds())
    body = {
        "endpoint": {
            "name": facts.endpoint_name(scope, endpoint.name),
            "displayName": display_name(endpoint, scope),
            "clientConnectionConfig": {"inferenceTimeout": f"{seconds}s"},
        }
    }
    return _request(endpoint, scope, "update", body)


def _deploy(
    endpoint: ModelEndpoint, scope: Scope, service_account: Any, role: str
) -> dict[str, Any]:
    deployed = {
        # Chosen by us, from the content: the split is known before anything is deployed.
        "id": facts.UNKNOWN,
        "model": facts.UNKNOWN,
        "displayName": role,
        "serviceAccount": service_account,
        "dedicatedResources": _resources(endpoint),
        "enableAccessLogging": scope.profile.protects_data,
        "disableContainerLogging": False,
    }
    api = PREVIEW if scales_to_zero(endpoint) else V1
    return _request(endpoint, scope, "deployModel", {"deployedModel": deployed}, api=api)


def scales_to_zero(endpoint: ModelEndpoint) -> bool:
    """Whether an endpoint has no replica while idle: a preview of Vertex AI."""
    return isinstance(endpoint.scaling, AutoscaledReplicas) and endpoint.scaling.min == 0


def _resources(endpoint: ModelEndpoint) -> dict[str, Any]:
    machine = machine_type(endpoint.compute)
    spec = {} if machine is None else machine_spec(machine)
    return {"machineSpec": spec, **_replicas(endpoint)}


def _replicas(endpoint: ModelEndpoint) -> dict[str, Any]:
    scaling = endpoint.scaling
    if isinstance(scaling, FixedReplicas):
        return {"minReplicaCount": scaling.replicas, "maxReplicaCount": scaling.replicas}
    if not isinstance(scaling, AutoscaledReplicas):
        return {}  # a service has instances, no replicas
    to_zero = {
        "initialReplicaCount": 1,
        "scaleToZeroSpec": {
            "minScaleupPeriod": f"{_IDLE_SECONDS}s",
            "idleScaledownPeriod": f"{_IDLE_SECONDS}s",
        },
    }
    return {
        "minReplicaCount": scaling.min,
        "maxReplicaCount": scaling.max,
        "autoscalingMetricSpecs": [
            {"metricName": _REQUEST_COUNT, "target": scaling.requests_per_replica}
        ],
        **(to_zero if scaling.min == 0 else {}),
    }


def _move_traffic(endpoint: ModelEndpoint, scope: Scope) -> dict[str, Any]:
    body = {"displayName": display_name(endpoint, scope), "trafficSplit": facts.UNKNOWN}
    return _request(endpoint, scope, "patch", body, updateMask="trafficSplit")
