"""Waiting for an endpoint, in small steps that the user may interrupt."""

from collections.abc import Iterator

from mlops_iac.errors import MlopsError
from mlops_iac.rolling.parts import Deployment, Work

_POLL_SECONDS = 10.0


def hold(work: Work, deployment: Deployment) -> None:
    """Wait as long as a step must stay healthy."""
    waited = 0.0
    while waited < deployment.wait_seconds:
        pause = min(_POLL_SECONDS, deployment.wait_seconds - waited)
        work.pause(pause)
        waited += pause


def patience(
    work: Work, deployment: Deployment, failed: type[MlopsError], said: str = ""
) -> Iterator[None]:
    """Wait before each next look at an endpoint that is being changed.

    Args:
        work: what deploying may use.
        deployment: the endpoint.
        failed: what is raised after the time of one operation; the change goes on by itself.
        said: what the user is told at the first wait, if anything.
    """
    waited = 0.0
    while waited < deployment.timeout_seconds:
        if said and not waited:
            work.log(f"endpoint {deployment.component}: {said}")
        work.pause(_POLL_SECONDS)
        waited += _POLL_SECONDS
        yield
    raise failed(
        f"endpoint `{deployment.component}` is still being changed after {waited:.0f} s",
        remedy="it goes on by itself; `mlops-iac up` takes up where it is",
    )
