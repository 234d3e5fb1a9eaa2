"""What a deployment stands for: deployment, autoscale setting, traffic.

Shapes: `OnlineDeployment` and `OnlineEndpoint` of the API 2025-12-01 (azure-ai-ml 1.35's REST
models), `Microsoft.Insights/autoscaleSettings` of 2022-10-01.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.specs import (
    AutoscaledReplicas,
    Canary,
    DataCapture,
    FixedReplicas,
    Linear,
    ModelEndpoint,
)
from mlops_iac_azure.compute import Use, asked, chosen

UNKNOWN: Mapping[str, bool] = {"$unknown": True}
"""Stands for what is only known when a version is deployed."""
_ML = "PUT Microsoft.MachineLearningServices/workspaces"
_ALL = 100
_PROBE = {
    "failureThreshold": 30,
    "initialDelay": "PT10S",
    "period": "PT10S",
    "successThreshold": 1,
    "timeout": "PT2S",
}
_SHRINK = 0.7
"""Below this share of the wished load an instance is taken away; a gap, so that it settles."""


@dataclass(frozen=True, kw_only=True)
class DeploymentFacts:
    """What the requests need to know; the values are outputs."""

    group: Any
    workspace: Any
    location: Any
    endpoint: str
    endpoint_id: Any
    endpoint_body: Mapping[str, Any]
    """The endpoint as `up` declares it: traffic moves by sending it whole."""
    deployment: str | None
    """Name of the deployment; `None` while the version is unknown."""
    deployment_id: Any
    model_id: Any
    environment_id: Any
    variables: Any
    egress: str
    tags: Mapping[str, str]
    autoscale: str
    """Name of the autoscale setting."""


def rollout_steps(spec: ModelEndpoint) -> list[dict[str, int]]:
    """Return the shares of the traffic that a new version takes, and how long each must hold."""
    rollout = spec.rollout
    if isinstance(rollout, Canary):
        wait = int(rollout.wait.total_seconds())
        return [{"percent": rollout.percent, "seconds": wait}, {"percent": _ALL, "seconds": 0}]
    if isinstance(rollout, Linear):
        wait = int(rollout.wait.total_seconds())
        shares = [*range(rollout.step_percent, _ALL, rollout.step_percent), _ALL]
        return [{"percent": p, "seconds": 0 if p == _ALL else wait} for p in shares]
    return [{"percent": _ALL, "seconds": 0}]


def instance_count(spec: ModelEndpoint) -> int:
    """Return the instances that a deployment starts with."""
    if isinstance(spec.scaling, FixedReplicas):
        return spec.scaling.replicas
    return spec.scaling.min if isinstance(spec.scaling, AutoscaledReplicas) else 1


def deployment_requests(spec: ModelEndpoint, facts: DeploymentFacts) -> list[dict[str, Any]]:
    """Return the requests that deploy one version, in the order in which they are sent."""
    requests = [_deployment(spec, facts)]
    if isinstance(spec.scaling, AutoscaledReplicas):
        requests.append(_autoscale(spec.scaling, facts))
    return [*requests, *_traffic(spec, facts)]


def _deployment(spec: ModelEndpoint, facts: DeploymentFacts) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "endpointComputeType": "Managed",
        "description": f"a version of {spec.model.name}",
        "instanceType": chosen(spec.compute, Use.HOSTING).name,
        "model": facts.model_id,
        "environmentId": facts.environment_id,
        "environmentVariables": facts.variables,
        "requestSettings": {
            "requestTimeout": f"PT{int(spec.timeout.total_seconds())}S",
            "maxConcurrentRequestsPerInstance": _concurrency(spec),
        },
        "livenessProbe": dict(_PROBE),
        "readinessProbe": dict(_PROBE),
        "scaleSettings": {"scaleType": "Default"},
        "appInsightsEnabled": True,
        "egressPublicNetworkAccess": facts.egress,
        "properties": {"mlops-iac.compute": asked(spec.compute)},
    }
    if spec.capture is not None:
        properties["dataCollector"] = _collector(spec.capture)
    return {
        "api": "azure.ml",
        "operation": f"{_ML}/onlineEndpoints/deployments",
        "params": {**_place(facts), "deploymentName": facts.deployment or UNKNOWN},
        "body": {
            "location": facts.location,
            "kind": "Managed",
            "sku": {"name": "Default", "tier": "Standard", "capacity": instance_count(spec)},
            "tags": dict(facts.tags),
            "properties": properties,
        },
    }


def _concurrency(spec: ModelEndpoint) -> int:
    # Azure's default of 1 would leave all processors but one idle.
    return 2 * chosen(spec.compute, Use.HOSTING).vcpu


def _collector(capture: DataCapture) -> dict[str, Any]:
    collection = {"dataCollectionMode": "Enabled", "samplingRate": capture.percent / 100}
    return {
        "collections": {"request": dict(collection), "response": dict(collection)},
        "rollingRate": "Hour",
        "requestLogging": {"captureHeaders": []},
    }


def _traffic(spec: ModelEndpoint, facts: DeploymentFacts) -> list[dict[str, Any]]:
    """Return one request a step; what the version before keeps is known only then."""
    return [
        {
            "api": "azure.ml",
            "operation": f"{_ML}/onlineEndpoints",
            "params": _place(facts),
            "body": {
                **facts.endpoint_body,
                "properties": {
                    **facts.endpoint_body["properties"],
                    "traffic": _shares(facts, step["percent"]),
                },
            },
        }
        for step in rollout_steps(spec)
    ]


def _shares(facts: DeploymentFacts, percent: int) -> Mapping[str, Any]:
    if facts.deployment is None or percent < _ALL:
        return UNKNOWN
    return {facts.deployment: percent}


def _autoscale(scaling: AutoscaledReplicas, facts: DeploymentFacts) -> dict[str, Any]:
    load = scaling.requests_per_replica
    return {
        "api": "azure.monitor",
        "operation": "PUT Microsoft.Insights/autoscaleSettings",
        "params": {"resourceGroupName": facts.group, "autoscaleSettingName": facts.autoscale},
        "body": {
            "location": facts.location,
            "tags": dict(facts.tags),
            "properties": {
                "enabled": True,
                "targetResourceUri": facts.deployment_id,
                "profiles": [
                    {
                        "name": "load",
                        "capacity": {
                            "minimum": str(scaling.min),
                            "maximum": str(scaling.max),
                            "default": str(scaling.min),
                        },
                        "rules": [
                            _rule(facts, "GreaterThan", load, "Increase"),
                            _rule(facts, "LessThan", load * _SHRINK, "Decrease"),
                        ],
                    }
                ],
            },
        },
    }


def _rule(
    facts: DeploymentFacts, operator: str, threshold: float, direction: str
) -> dict[str, Any]:
    return {
        "metricTrigger": {
            "metricName": "RequestsPerMinute",
            "metricResourceUri": facts.endpoint_id,
            "operator": operator,
            "threshold": threshold,
            "statistic": "Average",
            "timeAggregation": "Average",
            "timeGrain": "PT1M",
            "timeWindow": "PT5M",
            "dividePerInstance": True,
        },
        "scaleAction": {
            "direction": direction,
            "type": "ChangeCount",
            "value": "1",
            "cooldown": "PT5M",
        },
    }


def _place(facts: DeploymentFacts) -> dict[str, Any]:
    return {
        "resourceGroupName": facts.group,
        "workspaceName": facts.workspace,
        "endpointName": facts.endpoint,
    }
