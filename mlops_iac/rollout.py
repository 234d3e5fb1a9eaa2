"""How a new version takes over: which one, shares of the traffic, and a look after each."""

from typing import Any

from mlops_iac.specs.model_endpoint import AllAtOnce, Canary, Challenger, Linear, ModelEndpoint

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


def deployment_terms(endpoint: ModelEndpoint, model: str) -> dict[str, Any]:
    """Return what the document of an endpoint says on every cloud; `model` is a full name there."""
    return {
        "component": endpoint.name,
        "policy": _policy(endpoint, model),
        "scaling": endpoint.scaling.model_dump(mode="json"),
        "compute": endpoint.compute.model_dump(mode="json"),
        "rollout": endpoint.rollout.model_dump(mode="json"),
        "rolloutSteps": rollout_steps(endpoint.rollout),
        "rolloutWaitSeconds": wait_seconds(endpoint.rollout),
    }


def _policy(endpoint: ModelEndpoint, model: str) -> dict[str, Any]:
    """Return which version is deployed: one for good, or what an alias points to."""
    reference, rival = endpoint.model, endpoint.challenger
    told = {
        "mode": "pinned" if reference.is_pinned else "alias",
        "model": str(reference.name),
        "model_name": model,
        "version": reference.version,
        "alias": reference.alias,
        "challenger": None if rival is None else _challenger(rival),
    }
    return {key: value for key, value in told.items() if value is not None}


def _challenger(rival: Challenger) -> dict[str, Any]:
    """Return which version is beside the one that is served; only deploying resolves an alias."""
    told = {
        "version": rival.model.version,
        "alias": rival.model.alias,
        "percent": rival.percent,
        "shadow": rival.shadow or None,
    }
    return {key: value for key, value in told.items() if value is not None}
