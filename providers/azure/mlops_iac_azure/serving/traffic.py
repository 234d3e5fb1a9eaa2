"""Who gets which share of an endpoint's traffic, step by step."""

from collections.abc import Mapping
from typing import Any

from mlops_iac_azure import lro
from mlops_iac_azure.errors import ApiError, DeploymentError
from mlops_iac_azure.faults import is_busy
from mlops_iac_azure.serving.documents import ENDPOINTS, Deployment, Work
from mlops_iac_azure.serving.states import POLL_SECONDS, settled

_TRIES = 3
"""Requests for one change that somebody else's work, or a lost answer, may take."""


def move(
    work: Work, deployment: Deployment, split: Mapping[str, int], mirror: Mapping[str, int]
) -> None:
    """Let the traffic be split so; an empty split sends none to anybody.

    An endpoint is sent whole: its other settings are those that the declaration gives it, and a
    deployment that gets copies must not get requests.
    """
    declared: Mapping[str, Any] = deployment.body(ENDPOINTS)
    copied = {name: share for name, share in mirror.items() if not split.get(name)}
    properties = {**declared["properties"], "traffic": dict(split), "mirrorTraffic": copied}
    body = {**declared, "properties": properties}
    for _ in range(_TRIES):
        try:
            lro.run(
                work.place,
                "PUT",
                deployment.endpoint,
                body,
                doing=f"traffic of {deployment.component}",
                pause=work.pause,
                log=work.log,
            )
        except ApiError as error:
            if not is_busy(error):
                raise
            settled(work, deployment)
        else:
            return
    raise DeploymentError(f"`{deployment.component}` is changed by somebody else all the time")


def hold(work: Work, deployment: Deployment) -> None:
    """Wait as long as a step must stay healthy."""
    waited = 0.0
    while waited < deployment.wait_seconds:
        pause = min(POLL_SECONDS, deployment.wait_seconds - waited)
        work.pause(pause)
        waited += pause


def failure(
    deployment: Deployment, number: int, error: ApiError | DeploymentError, *, is_back: bool
) -> DeploymentError:
    """Return what a user is told of a version that could not take over."""
    reason = error.said if isinstance(error, ApiError) else error.message
    name = deployment.component
    return DeploymentError(
        f"version `{number}` of `{deployment.model.component}` cannot be served on `{name}`: "
        f"{reason}",
        remedy="the version that was served before goes on serving; train another"
        if is_back
        else f"see `mlops-iac logs {name}`",
    )
