"""Who gets which share of an endpoint's traffic, step by step."""

from collections.abc import Mapping

from mlops_iac.rolling import Work
from mlops_iac_gcp import rest
from mlops_iac_gcp.serving.documents import Deployment
from mlops_iac_gcp.serving.states import API, ENDPOINTS


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
