"""Who gets which share of an endpoint's traffic, step by step."""

from collections.abc import Mapping

from mlops_iac_gcp import rest
from mlops_iac_gcp.errors import ApiError, DeploymentError
from mlops_iac_gcp.serving.documents import Deployment, Work
from mlops_iac_gcp.serving.states import API, ENDPOINTS, POLL_SECONDS


def move(work: Work, deployment: Deployment, split: Mapping[str, int]) -> None:
    """Let the traffic be split so; an empty split sends none to anybody."""
    rest.call(
        work.place,
        API,
        f"{ENDPOINTS}.patch",
        {"name": deployment.endpoint, "updateMask": "trafficSplit"},
        {**deployment.body("endpoints.patch"), "trafficSplit": dict(split)},
        pause=work.pause,
    )


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


def said(split: Mapping[str, int]) -> str:
    """Return a split in words."""
    return ", ".join(f"{share} % to {key}" for key, share in sorted(split.items())) or "none"
