"""What brings a version onto an endpoint: the requests that a ModelDeployment stands for."""

from typing import Any

from mlops_iac.provider import Scope
from mlops_iac.specs import (
    AllAtOnce,
    AutoscaledReplicas,
    Canary,
    FixedReplicas,
    Linear,
    ModelEndpoint,
)
from mlops_iac_gcp import facts, names
from mlops_iac_gcp.compute import machine_spec, machine_type
from mlops_iac_gcp.model_request import serve_version
from mlops_iac_gcp.workload import pruned

_METHOD = "aiplatform.projects.locations.endpoints"
_REQUEST_COUNT = "aiplatform.googleapis.com/prediction/online/request_count"
_OWN = {"patch": "name", "update": "name"}
"""Path parameter of the methods on the endpoint itself; the others call it `endpoint`."""
_NEW = "0"
"""How `trafficSplit` names the model that is being deployed."""
# discovery aiplatform.v1beta1, DedicatedResourcesScaleToZeroSpec: 300 to 28800 seconds.
_IDLE_SECONDS = 300


def deployment_requests(
    endpoint: ModelEndpoint, scope: Scope, key: Any, service_account: Any
) -> list[dict[str, Any]]:
    """Return the requests in the order in which they are sent, from upload to clean-up."""
    return [
        serve_version(endpoint, scope, key, service_account),
        _set_timeout(endpoint, scope),
        _deploy(endpoint, scope, service_account),
        *_shift_traffic(endpoint, scope),
        _undeploy(endpoint, scope),
    ]


def rollout_steps(endpoint: ModelEndpoint) -> list[int]:
    """Return the shares of the traffic that the new version takes, one after the other."""
    rollout = endpoint.rollout
    if isinstance(rollout, Canary):
        return [rollout.percent, 100]
    if isinstance(rollout, Linear):
        return [*range(rollout.step_percent, 100, rollout.step_percent), 100]
    return [100]


def _request(
    endpoint: ModelEndpoint,
    scope: Scope,
    method: str,
    body: dict[str, Any],
    *,
    api: str = "aiplatform.v1",
    **params: str,
) -> dict[str, Any]:
    return {
        "api": api,
        "operation": f"{_METHOD}.{method}",
        "params": {
            _OWN.get(method, "endpoint"): facts.endpoint_name(scope, endpoint.name),
            **params,
        },
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


def _deploy(endpoint: ModelEndpoint, scope: Scope, service_account: Any) -> dict[str, Any]:
    deployed = {
        "id": facts.UNKNOWN,
        "model": facts.UNKNOWN,
        "displayName": display_name(endpoint, scope),
        "serviceAccount": service_account,
        "dedicatedResources": _resources(endpoint),
        "enableAccessLogging": scope.profile.protects_data,
        "disableContainerLogging": False,
    }
    # Beside a version that serves already, the split names that version's id.
    alone = isinstance(endpoint.rollout, AllAtOnce)
    body = {
        "deployedModel": deployed,
        "trafficSplit": {_NEW: 100} if alone else facts.UNKNOWN,
    }
    return _request(endpoint, scope, "deployModel", body, api=_api(endpoint))


def _api(endpoint: ModelEndpoint) -> str:
    return "aiplatform.v1beta1" if _scales_to_zero(endpoint) else "aiplatform.v1"


def _scales_to_zero(endpoint: ModelEndpoint) -> bool:
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
        return {}  # planning refuses serverless and async
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


def _shift_traffic(endpoint: ModelEndpoint, scope: Scope) -> list[dict[str, Any]]:
    body = {"displayName": display_name(endpoint, scope), "trafficSplit": facts.UNKNOWN}
    return [
        _request(endpoint, scope, "patch", body, updateMask="trafficSplit")
        for _ in rollout_steps(endpoint)[1:]
    ]


def _undeploy(endpoint: ModelEndpoint, scope: Scope) -> dict[str, Any]:
    return _request(endpoint, scope, "undeployModel", {"deployedModelId": facts.UNKNOWN})


def display_name(endpoint: ModelEndpoint, scope: Scope) -> str:
    """Return the name of an endpoint for people."""
    return scope.physical_name(names.DISPLAY, endpoint.name)


def policy(endpoint: ModelEndpoint, scope: Scope) -> dict[str, Any]:
    """Return which version is deployed: a pinned one, or what an alias points to."""
    reference = endpoint.model
    return pruned(
        {
            "model": facts.model_name(scope, reference.name),
            "version": None if reference.version is None else str(reference.version),
            "alias": reference.alias,
        }
    )
