"""Real-time endpoints that go to zero: the requests of the inference component that serves.

SageMaker scales a plain variant no lower than one machine. An endpoint that hosts inference
components goes to none: the configuration has machines without a model, the component has the
model and is scaled by copies, one of them on each machine.
https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html
"""

from collections.abc import Mapping
from typing import Any

from mlops_iac.specs import ModelEndpoint
from mlops_iac.specs.base import Spec
from mlops_iac.specs.model_endpoint import AutoscaledReplicas
from mlops_iac_aws.compute import Machine
from mlops_iac_aws.requests import UNKNOWN, request
from mlops_iac_aws.variants import COMPONENT_DIMENSION, MAIN, component_resource

LOG_FOLDER = "/aws/sagemaker/InferenceComponents"
"""Where SageMaker writes the logs of components."""
_MEMORY_MB = 1024
"""A reservation and no bound. What a machine has to give is less than its memory, and AWS does not
say how much; a component that asks for more than that is refused for good."""
_STEP_SECONDS = 60


def goes_to_zero(spec: Spec | None) -> bool:
    """Whether an endpoint answers in real time and may have no replica."""
    scaling = getattr(spec, "scaling", None)
    return (
        isinstance(spec, ModelEndpoint)
        and isinstance(scaling, AutoscaledReplicas)
        and scaling.min == 0
    )


def managed_machines(most: int) -> dict[str, Any]:
    """Return the member of a variant by which SageMaker fits its machines to the copies."""
    return {
        "ManagedInstanceScaling": {
            "Status": "ENABLED",
            "MinInstanceCount": 0,
            "MaxInstanceCount": most,
        }
    }


def creation(endpoint: str, machine: Machine, tags: list[dict[str, str]]) -> dict[str, Any]:
    """Return the request that makes the component; it has the name of its endpoint."""
    body = {
        "InferenceComponentName": endpoint,
        "EndpointName": endpoint,
        "VariantName": MAIN,
        "Specification": _specification(machine),
        # A first copy proves that the version can be served.
        "RuntimeConfig": {"CopyCount": 1},
        "Tags": tags,
    }
    return request("sagemaker", "CreateInferenceComponent", body)


def replacement(endpoint: str, machine: Machine, rollout: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request that gives the component another version; its copies stay as many."""
    body = {
        "InferenceComponentName": endpoint,
        "Specification": _specification(machine),
        "DeploymentConfig": rollout,
    }
    return request("sagemaker", "UpdateInferenceComponent", body)


def _specification(machine: Machine) -> dict[str, Any]:
    return {"ModelName": UNKNOWN, "ComputeResourceRequirements": _reservation(machine)}


def _reservation(machine: Machine) -> dict[str, Any]:
    """Return what one copy reserves: so much that no second one is put on its machine."""
    if machine.accelerators:
        own: dict[str, Any] = {"NumberOfAcceleratorDevicesRequired": float(machine.accelerators)}
    else:
        own = {"NumberOfCpuCoresRequired": machine.vcpu / 2 + 0.25}
    return {**own, "MinMemoryRequiredInMb": _MEMORY_MB}


def resource(endpoint: str) -> dict[str, str]:
    """Return what is scaled: the copies of the component."""
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": component_resource(endpoint),
        "ScalableDimension": COMPONENT_DIMENSION,
    }


LOAD: Mapping[str, Any] = {
    "PredefinedMetricSpecification": {
        "PredefinedMetricType": "SageMakerInferenceComponentInvocationsPerCopy"
    }
}
"""What the copies follow: requests a minute, as `requests_per_replica` counts them."""

WAKE_STEP: Mapping[str, Any] = {
    "AdjustmentType": "ChangeInCapacity",
    "MetricAggregationType": "Maximum",
    "Cooldown": _STEP_SECONDS,
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
}
"""Without a copy there are no requests *per copy*: a step makes the first one."""


def wake_signal(endpoint: str) -> dict[str, Any]:
    """Return the alarm's members that say when to wake: a request found no copy."""
    return {
        "MetricName": "NoCapacityInvocationFailures",
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": "InferenceComponentName", "Value": endpoint}],
        "Statistic": "Sum",
        "Period": _STEP_SECONDS,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "Threshold": 1.0,
        "TreatMissingData": "notBreaching",
    }


def metric_dimensions(spec: ModelEndpoint, endpoint: str, variant: str = MAIN) -> dict[str, str]:
    """Return the dimensions under which SageMaker counts what a version answers."""
    if goes_to_zero(spec):
        return {"InferenceComponentName": endpoint}
    return {"EndpointName": endpoint, "VariantName": variant}
