"""How an endpoint's variant gets its capacity, and the requests that make it follow the load."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.specs import ModelEndpoint
from mlops_iac.specs.model_endpoint import Async, AutoscaledReplicas, FixedReplicas, Serverless
from mlops_iac_aws import to_zero
from mlops_iac_aws.compute import Machine
from mlops_iac_aws.requests import UNKNOWN, request
from mlops_iac_aws.to_zero import goes_to_zero, managed_machines
from mlops_iac_aws.variants import CHALLENGER, MAIN, VARIANT_DIMENSION, variant_resource

_SCALE_IN_SECONDS = 300
_SCALE_OUT_SECONDS = 60


def capacity(spec: ModelEndpoint, machine: Machine | None) -> dict[str, Any]:
    """Return the members of a production variant that give it capacity."""
    if isinstance(spec.scaling, Serverless):
        return {
            "ServerlessConfig": {
                "MemorySizeInMB": spec.scaling.memory_gb * 1024,
                "MaxConcurrency": spec.scaling.max_concurrency,
            }
        }
    assert machine is not None  # noqa: S101  planning refused what no machine satisfies
    return {
        "InstanceType": machine.name,
        "InitialInstanceCount": initial_replicas(spec),
        # A disk inside the machine has the size it has.
        "VolumeSizeInGB": None if machine.local_disk_gb else spec.compute.disk_gb,
        "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
        **_managed(spec),
    }


def _managed(spec: ModelEndpoint) -> dict[str, Any]:
    scaling = spec.scaling
    if isinstance(scaling, AutoscaledReplicas) and goes_to_zero(spec):
        return managed_machines(scaling.max)
    return {}


def initial_replicas(spec: ModelEndpoint) -> int:
    """Return how many replicas an endpoint begins with; SageMaker begins with one at least."""
    scaling = spec.scaling
    if isinstance(scaling, FixedReplicas):
        return scaling.replicas
    if isinstance(scaling, AutoscaledReplicas):
        return max(1, scaling.min)
    return 1


def scaling_requests(spec: ModelEndpoint, endpoint: str) -> list[dict[str, Any]]:
    """Return the requests that follow a deployment: none where the capacity is fixed."""
    scaling = spec.scaling
    if isinstance(scaling, AutoscaledReplicas) and goes_to_zero(spec):
        return _by_load_and_to_zero(endpoint, scaling)
    if isinstance(scaling, AutoscaledReplicas):
        variants = (MAIN,) if spec.challenger is None else (MAIN, CHALLENGER)
        return [each for name in variants for each in _by_load(endpoint, name, scaling)]
    if isinstance(scaling, Async):
        resource = _resource(endpoint, MAIN)
        each = float(scaling.concurrency_per_replica)
        return [
            _target(resource, 0, scaling.max),
            _tracking_policy(endpoint, resource, each, _backlog(endpoint)),
            _wake_policy(endpoint, resource, _FIRST_REPLICA),
            _wake_alarm(endpoint, _backlog_signal(endpoint)),
        ]
    return []


def _resource(endpoint: str, variant: str) -> dict[str, str]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": variant_resource(endpoint, variant),
        "ScalableDimension": VARIANT_DIMENSION,
    }


def _by_load(endpoint: str, variant: str, scaling: AutoscaledReplicas) -> list[dict[str, Any]]:
    resource = _resource(endpoint, variant)
    metric = {
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
        }
    }
    return [
        _target(resource, scaling.min, scaling.max),
        _tracking_policy(endpoint, resource, float(scaling.requests_per_replica), metric),
    ]


def _by_load_and_to_zero(endpoint: str, scaling: AutoscaledReplicas) -> list[dict[str, Any]]:
    resource = to_zero.resource(endpoint)
    each = float(scaling.requests_per_replica)
    return [
        _target(resource, 0, scaling.max),
        _tracking_policy(endpoint, resource, each, to_zero.LOAD),
        _wake_policy(endpoint, resource, to_zero.WAKE_STEP),
        _wake_alarm(endpoint, to_zero.wake_signal(endpoint)),
    ]


def _target(resource: Mapping[str, str], low: int, high: int) -> dict[str, Any]:
    body = {**resource, "MinCapacity": low, "MaxCapacity": high}
    return request("application-autoscaling", "RegisterScalableTarget", body)


def _tracking_policy(
    endpoint: str, resource: Mapping[str, str], value: float, metric: Mapping[str, Any]
) -> dict[str, Any]:
    body = {
        **resource,
        "PolicyName": f"{endpoint}-load",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": value,
            **metric,
            "ScaleInCooldown": _SCALE_IN_SECONDS,
            "ScaleOutCooldown": _SCALE_OUT_SECONDS,
        },
    }
    return request("application-autoscaling", "PutScalingPolicy", body)


def _backlog(endpoint: str) -> dict[str, Any]:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
    return {
        "CustomizedMetricSpecification": {
            "MetricName": "ApproximateBacklogSizePerInstance",
            "Namespace": "AWS/SageMaker",
            "Dimensions": [{"Name": "EndpointName", "Value": endpoint}],
            "Statistic": "Average",
        }
    }


_FIRST_REPLICA: Mapping[str, Any] = {
    "AdjustmentType": "ChangeInCapacity",
    "MetricAggregationType": "Average",
    "Cooldown": _SCALE_IN_SECONDS,
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
}
"""Without a replica there is no backlog *per replica*: a step wakes the first one."""


def _wake_policy(
    endpoint: str, resource: Mapping[str, str], step: Mapping[str, Any]
) -> dict[str, Any]:
    body = {
        **resource,
        "PolicyName": f"{endpoint}-wake",
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": step,
    }
    return request("application-autoscaling", "PutScalingPolicy", body)


def _backlog_signal(endpoint: str) -> dict[str, Any]:
    return {
        "MetricName": "HasBacklogWithoutCapacity",
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": "EndpointName", "Value": endpoint}],
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 2,
        "DatapointsToAlarm": 2,
        "Threshold": 1.0,
        "TreatMissingData": "missing",
    }


def _wake_alarm(endpoint: str, signal: Mapping[str, Any]) -> dict[str, Any]:
    body = {
        "AlarmName": f"{endpoint}-wake",
        **signal,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "AlarmActions": [UNKNOWN],
    }
    return request("cloudwatch", "PutMetricAlarm", body)
