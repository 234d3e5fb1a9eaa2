"""Instances of a deployment: changed in place, and kept where the load has brought them.

A deployment's autoscale setting is a resource of Azure Monitor beside it, which names it; so it is
made after its deployment and removed before it.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from mlops_iac.rolling import Work
from mlops_iac_azure import lro, rest
from mlops_iac_azure.faults import found
from mlops_iac_azure.serving.documents import AUTOSCALE, Deployment
from mlops_iac_azure.serving.filling import Part
from mlops_iac_azure.serving.states import Running

_SETTINGS = "Microsoft.Insights/autoscaleSettings"


def beginning(
    deployment: Deployment, body: Mapping[str, Any], before: Running | None
) -> dict[str, Any]:
    """Return a deployment as it begins: with as many instances as the one before has now.

    Where the load has brought the old one to more than the least, the least would be too small
    for the traffic that the new one takes over; its autoscale setting lowers it again.
    """
    if before is None or not deployment.is_autoscaled:
        return dict(body)
    least, most = _bounds(deployment.body(AUTOSCALE))
    kept = min(max(least, before.capacity), most)
    return {**body, "sku": {**body["sku"], "capacity": kept}}


def follow(work: Work, deployment: Deployment, part: Part, now: Running) -> None:
    """Bring the instances of a deployment to what is declared; change nothing that is so."""
    path = _setting_id(work, deployment, part.id)
    known = _setting(work, path)
    if deployment.is_autoscaled:
        wish = _wish(deployment, part.id)
        if known is None or not _is_same(known, wish):
            work.log(f"endpoint {deployment.component}: {_said(wish)}")
            rest.call(work.place, "PUT", path, wish, pause=work.pause)
        return
    if known is not None:
        _remove(work, path)
    count = int(part.deployed["sku"]["capacity"])
    if now.capacity != count:
        work.log(f"endpoint {deployment.component}: {count} instances")
        lro.run(
            work.place,
            "PATCH",
            f"{deployment.endpoint}/deployments/{part.id}",
            {"sku": {**part.deployed["sku"], "capacity": count}},
            pause=work.pause,
            log=work.log,
        )


def release(work: Work, deployment: Deployment, name: str) -> None:
    """Remove the autoscale setting of a deployment that is about to go."""
    _remove(work, _setting_id(work, deployment, name))


def sweep(work: Work, deployment: Deployment) -> None:
    """Remove every autoscale setting of the endpoint's deployments, also of those that are gone."""
    collection = f"{work.place.group_id}/providers/{_SETTINGS}"
    of_endpoint = f"{deployment.endpoint}/deployments/".lower()
    for item in found(_all, work, collection) or ():
        target = item["properties"].get("targetResourceUri") or ""
        if target.lower().startswith(of_endpoint):
            _remove(work, item["id"])


def drift(work: Work, deployment: Deployment, part: Part, now: Running) -> str | None:
    """Return how the instances differ from what is declared, or `None`."""
    known = _setting(work, _setting_id(work, deployment, part.id))
    if deployment.is_autoscaled:
        wish = _wish(deployment, part.id)
        if known is None:
            return f"its autoscale setting is gone: {_said(wish)}"
        return None if _is_same(known, wish) else f"it scales by {_said(known)}, not {_said(wish)}"
    if known is not None:
        return f"it scales by {_said(known)}, not declared so"
    count = int(part.deployed["sku"]["capacity"])
    return None if now.capacity == count else f"it has {now.capacity} instances, not {count}"


def _wish(deployment: Deployment, name: str) -> dict[str, Any]:
    """Return the setting of a deployment: whom it scales, and whose requests it counts."""
    body = deepcopy(dict(deployment.body(AUTOSCALE)))
    properties = body["properties"]
    properties["targetResourceUri"] = f"{deployment.endpoint}/deployments/{name}"
    for profile in properties["profiles"]:
        for rule in profile["rules"]:
            for dimension in rule["metricTrigger"]["dimensions"]:
                dimension["Values"] = [name]
    return body


def _setting_id(work: Work, deployment: Deployment, name: str) -> str:
    prefix = deployment.document["autoscalePrefix"]
    return f"{work.place.group_id}/providers/{_SETTINGS}/{prefix}-{name}"


def _setting(work: Work, path: str) -> Mapping[str, Any] | None:
    return found(rest.call, work.place, "GET", path, pause=work.pause)


def _remove(work: Work, path: str) -> None:
    found(rest.call, work.place, "DELETE", path, pause=work.pause)


def _all(work: Work, collection: str) -> list[dict[str, Any]]:
    return list(rest.listed(work.place, collection, pause=work.pause))


def _is_same(known: Mapping[str, Any], wish: Mapping[str, Any]) -> bool:
    return _essence(known) == _essence(wish) and bool(known["properties"].get("enabled", True))


def _essence(setting: Mapping[str, Any]) -> list[Any]:
    """Return bounds and rules, without what Azure Monitor adds."""
    return [
        (_bounds(setting), [_rule(rule) for rule in profile["rules"]])
        for profile in setting["properties"]["profiles"]
    ]


def _rule(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    trigger, action = rule["metricTrigger"], rule["scaleAction"]
    return (
        trigger["metricName"],
        trigger["operator"],
        float(trigger["threshold"]),
        action["direction"],
        str(action["value"]),
    )


def _bounds(setting: Mapping[str, Any]) -> tuple[int, int]:
    capacity = setting["properties"]["profiles"][0]["capacity"]
    return int(capacity["minimum"]), int(capacity["maximum"])


def _said(setting: Mapping[str, Any]) -> str:
    least, most = _bounds(setting)
    return f"{least} to {most} instances"
