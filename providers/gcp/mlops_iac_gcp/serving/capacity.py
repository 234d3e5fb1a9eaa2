"""Bounds of the replicas: changed in place, and kept where the load has brought them."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.rolling import Work
from mlops_iac_gcp import lro
from mlops_iac_gcp.serving.documents import Deployment
from mlops_iac_gcp.serving.filling import SCALING, Part
from mlops_iac_gcp.serving.states import ENDPOINTS, Running


def beginning(part: Part, before: Running | None) -> dict[str, Any]:
    """Return the deployed model as it begins: with as many replicas as the one before has now.

    A new deployed model begins with its least replicas. Where the load has brought the old one to
    more, the new one would be too small for the traffic that it takes over; so it begins with that
    many as its least, and `follow` lowers them to what is declared.
    """
    wish = part.deployed["dedicatedResources"]
    available = 0 if before is None else before.available or 0
    least, most = int(wish["minReplicaCount"]), int(wish["maxReplicaCount"])
    # Version 1 of the API has a least of one; where the declared one is zero, nothing is kept.
    kept = min(max(least, available), most) if least else least
    return {**part.deployed, "dedicatedResources": {**wish, "minReplicaCount": kept}}


def follow(work: Work, deployment: Deployment, part: Part, now: Running) -> None:
    """Bring the bounds of a deployed model to what is declared; ask nothing where they are so."""
    wish = part.deployed["dedicatedResources"]
    changed = [key for key in SCALING if _bound(wish, key) != _bound(now.resources, key)]
    if not changed:
        return
    bounds = f"{wish['minReplicaCount']} to {wish['maxReplicaCount']}"
    work.log(f"endpoint {deployment.component}: {bounds} replicas")
    body = {
        "deployedModel": {"id": part.id, "dedicatedResources": dict(wish)},
        "updateMask": ",".join(f"dedicatedResources.{key}" for key in changed),
    }
    lro.run(
        work.place,
        deployment.api("endpoints.deployModel"),
        f"{ENDPOINTS}.mutateDeployedModel",
        {"endpoint": deployment.endpoint},
        body,
        repeatable=True,
        pause=work.pause,
        log=work.log,
    )


def drift(part: Part, now: Running) -> str | None:
    """Return how the bounds differ from what is declared, or `None`."""
    wish = part.deployed["dedicatedResources"]
    if all(_bound(wish, key) == _bound(now.resources, key) for key in SCALING):
        return None
    return f"it scales between {_said(now.resources)}, not {_said(wish)}"


def _bound(resources: Mapping[str, Any], key: str) -> Any:
    value = resources.get(key)
    if key != "autoscalingMetricSpecs":
        return int(value or 0)
    return sorted((item["metricName"], int(item["target"])) for item in value or ())


def _said(resources: Mapping[str, Any]) -> str:
    low, high = (_bound(resources, key) for key in ("minReplicaCount", "maxReplicaCount"))
    return f"{low} and {high}"
