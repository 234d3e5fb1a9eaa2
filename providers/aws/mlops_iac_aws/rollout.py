"""How a new version takes over: SageMaker's blue/green deployment with alarms."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from mlops_iac.specs.model_endpoint import AllAtOnce, Canary, Linear

WAIT_LIMIT_SECONDS = 3600
DURATION_LIMITS_SECONDS = (600, 28_800)
"""botocore sagemaker `BlueGreenUpdatePolicy`."""
ROLLING_PERCENT_LIMIT = 50
"""botocore sagemaker `InferenceComponentRollingUpdatePolicy.MaximumBatchSize`."""
_START_SECONDS = 1800
"""Time that a new fleet is given to start."""


def deployment_config(
    rollout: AllAtOnce | Canary | Linear, alarms: Sequence[str]
) -> dict[str, Any]:
    """Return `DeploymentConfig` of the SageMaker API."""
    policy = {
        "TrafficRoutingConfiguration": _routing(rollout),
        "TerminationWaitInSeconds": 0,
        "MaximumExecutionTimeoutInSeconds": _limit(rollout),
    }
    return {"BlueGreenUpdatePolicy": policy, "AutoRollbackConfiguration": _rollback(alarms)}


def rolling_config(rollout: AllAtOnce | Linear, alarms: Sequence[str]) -> dict[str, Any]:
    """Return `DeploymentConfig` of an inference component: its copies are replaced by parts."""
    is_linear = isinstance(rollout, Linear)
    policy = {
        "MaximumBatchSize": {
            "Type": "CAPACITY_PERCENT",
            "Value": rollout.step_percent if is_linear else ROLLING_PERCENT_LIMIT,
        },
        "WaitIntervalInSeconds": int(rollout.wait.total_seconds()) if is_linear else 0,
        "MaximumExecutionTimeoutInSeconds": _limit(rollout),
    }
    return {"RollingUpdatePolicy": policy, "AutoRollbackConfiguration": _rollback(alarms)}


def _limit(rollout: AllAtOnce | Canary | Linear) -> int:
    low, high = DURATION_LIMITS_SECONDS
    return min(high, max(low, total_seconds(rollout)))


def _rollback(alarms: Sequence[str]) -> dict[str, Any] | None:
    return {"Alarms": [{"AlarmName": name} for name in alarms]} if alarms else None


def total_seconds(rollout: AllAtOnce | Canary | Linear) -> int:
    """Return how long a rollout may take, the start of its machines included."""
    if isinstance(rollout, Canary):
        return _START_SECONDS + 2 * int(rollout.wait.total_seconds())
    if isinstance(rollout, Linear):
        steps = ceil(100 / rollout.step_percent)
        return _START_SECONDS + steps * int(rollout.wait.total_seconds())
    return _START_SECONDS


def _routing(rollout: AllAtOnce | Canary | Linear) -> dict[str, Any]:
    if isinstance(rollout, Canary):
        return {
            "Type": "CANARY",
            "WaitIntervalInSeconds": int(rollout.wait.total_seconds()),
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": rollout.percent},
        }
    if isinstance(rollout, Linear):
        return {
            "Type": "LINEAR",
            "WaitIntervalInSeconds": int(rollout.wait.total_seconds()),
            "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": rollout.step_percent},
        }
    return {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
