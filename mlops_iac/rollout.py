"""How a new version takes over: shares of the traffic, and a look after each."""

from mlops_iac.specs.model_endpoint import AllAtOnce, Canary, Linear

ALL = 100
_DEPLOY_SECONDS = 1800
"""Time that the machines of a new version are given to start."""


def rollout_steps(rollout: AllAtOnce | Canary | Linear) -> list[int]:
    """Return the shares of the traffic that the new version takes, one after the other."""
    if isinstance(rollout, Canary):
        return [rollout.percent, ALL]
    if isinstance(rollout, Linear):
        return [*range(rollout.step_percent, ALL, rollout.step_percent), ALL]
    return [ALL]


def wait_seconds(rollout: AllAtOnce | Canary | Linear) -> int:
    """Return how long each share but the last must stay healthy."""
    return 0 if isinstance(rollout, AllAtOnce) else int(rollout.wait.total_seconds())


def total_seconds(rollout: AllAtOnce | Canary | Linear) -> int:
    """Return how long a rollout may take, the start of its machines included."""
    return _DEPLOY_SECONDS + (len(rollout_steps(rollout)) - 1) * wait_seconds(rollout)
