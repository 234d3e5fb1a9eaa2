"""The request that lets the instances of a deployment follow its load.

Shape: `Microsoft.Insights/autoscaleSettings` of 2022-10-01.
"""

from typing import Any

from mlops_iac.provider import Scope
from mlops_iac.specs import AutoscaledReplicas, ModelEndpoint
from mlops_iac_azure import facts

_SHRINK = 0.7
"""Below this share of the wished load an instance is taken away; a gap, so that it settles."""


def autoscale(endpoint: ModelEndpoint, scope: Scope) -> list[dict[str, Any]]:
    """Return the request; none where the number of instances is fixed."""
    scaling = endpoint.scaling
    if not isinstance(scaling, AutoscaledReplicas):
        return []
    load = scaling.requests_per_replica
    profile = {
        "name": "load",
        "capacity": {
            "minimum": str(scaling.min),
            "maximum": str(scaling.max),
            "default": str(scaling.min),
        },
        "rules": [
            _rule(endpoint, scope, "GreaterThan", load, "Increase"),
            _rule(endpoint, scope, "LessThan", load * _SHRINK, "Decrease"),
        ],
    }
    request = {
        "api": "azure.monitor",
        "operation": "PUT Microsoft.Insights/autoscaleSettings",
        "params": {
            "resourceGroupName": facts.group(scope),
            "autoscaleSettingName": facts.UNKNOWN,
        },
        "body": {
            "location": facts.region(scope),
            "tags": scope.tags,
            "properties": {
                "enabled": True,
                "targetResourceUri": facts.UNKNOWN,
                "profiles": [profile],
            },
        },
    }
    return [request]


def _rule(
    endpoint: ModelEndpoint, scope: Scope, operator: str, threshold: float, direction: str
) -> dict[str, Any]:
    return {
        "metricTrigger": {
            # Counted by the endpoint, for each of its deployments.
            "metricName": "RequestsPerMinute",
            "metricNamespace": f"{facts.ML}/onlineEndpoints",
            "metricResourceUri": facts.endpoint_name(scope, endpoint.name),
            "dimensions": [
                {"DimensionName": "deployment", "Operator": "Equals", "Values": facts.UNKNOWN}
            ],
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
