"""Who gets which share of an endpoint's traffic, step by step."""

from collections.abc import Iterator, Mapping

from mlops_iac_gcp import rest
from mlops_iac_gcp.serving.documents import Deployment, Work
from mlops_iac_gcp.serving.states import API, ENDPOINTS, Endpoint, Running

ALL = 100


def steps(
    deployment: Deployment, now: Endpoint, old: Running | None, new: str
) -> Iterator[tuple[int, Mapping[str, int]]]:
    """Yield each share of a new version but the last, and the split that it makes.

    Shares are of what the two versions have together: a challenger keeps its own meanwhile. Steps
    that an interrupted rollout has made already are not made again.
    """
    if old is None or old.id == new:
        return
    others = {key: value for key, value in now.split.items() if key not in {old.id, new}}
    together = ALL - sum(others.values())
    reached = now.split.get(new, 0)
    for step in deployment.steps:
        share = together * step // ALL
        if step < ALL and share > 0 and reached <= share:
            yield step, {**others, new: share, old.id: together - share}


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


def said(split: Mapping[str, int]) -> str:
    """Return a split in words."""
    return ", ".join(f"{share} % to {key}" for key, share in sorted(split.items())) or "none"
