"""Who gets which share of an endpoint's traffic, step by step."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.rolling import Work
from mlops_iac_azure import lro
from mlops_iac_azure.errors import ApiError, DeploymentError
from mlops_iac_azure.faults import is_busy
from mlops_iac_azure.serving.documents import ENDPOINTS, Deployment
from mlops_iac_azure.serving.states import settled

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
