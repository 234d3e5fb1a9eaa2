"""Making the capacity of an endpoint follow its load, and letting go of it.

A variant that is a scalable target can be neither removed nor given another machine type; one that
is not in service cannot become a target. So targets are registered after a deployment, and
deregistered before one that changes what they hold.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from mlops_iac_aws.faults import found
from mlops_iac_aws.serving.documents import Deployment, Work
from mlops_iac_aws.serving.filling import Parts
from mlops_iac_aws.serving.states import Deployed
from mlops_iac_aws.variants import (
    CHALLENGER,
    MAIN,
    PRODUCTION,
    VARIANTS,
    component_resource,
    variant_resource,
)

_SERVICE = "application-autoscaling"
_ALARM_SUFFIX = "wake"
"""The only alarm that scaling makes of its own; the service makes those of target tracking."""


def release_before(work: Work, deployment: Deployment, parts: Parts, current: str) -> None:
    """Let go of the capacity when the next configuration says another one outright."""
    if parts.component:
        # The copies are scaled, whatever machines they are on.
        return
    if _targets(work, deployment) and _changes_hands(work, deployment, parts, current):
        work.log(f"endpoint {deployment.endpoint}: its capacity follows the load no more")
        release(work, deployment)


def release(work: Work, deployment: Deployment) -> None:
    """Deregister the scalable targets, with their policies, and remove our own alarm."""
    scaling = work.clients(_SERVICE)
    for target in _targets(work, deployment):
        found(scaling.deregister_scalable_target, **_key(target))
    name = f"{deployment.endpoint}-{_ALARM_SUFFIX}"
    work.clients("cloudwatch").delete_alarms(AlarmNames=[name])


def follow(work: Work, deployment: Deployment, parts: Parts) -> None:
    """Let the capacity of a deployed endpoint follow its load, as its document says."""
    wish = _of(deployment, parts.variants)
    _forget_policies(work, deployment, wish)
    policy = ""
    for item in wish:
        match item["operation"]:
            case "RegisterScalableTarget":
                work.clients(_SERVICE).register_scalable_target(**item["body"])
            case "PutScalingPolicy":
                policy = work.clients(_SERVICE).put_scaling_policy(**item["body"])["PolicyARN"]
            case _:
                _put_alarm(work, deployment, item["body"], policy)


def drift(work: Work, deployment: Deployment, now: Deployed) -> str | None:
    """Return how the bounds of the capacity differ from the document, or `None`."""
    variants = {MAIN} if now.challenger is None else {MAIN, CHALLENGER}
    wish = [item["body"] for item in _of(deployment, variants)]
    want = _bounds(body for body in wish if "MaxCapacity" in body)
    have = _bounds(_targets(work, deployment))
    return None if want == have else f"it scales between {_said(have)}, not {_said(want)}"


def _of(deployment: Deployment, variants: Collection[str]) -> list[Mapping[str, Any]]:
    """Return the requests of the variants that there are; a challenger may have no version yet."""
    absent = {_resource(deployment, name) for name in VARIANTS if name not in variants}
    wish = deployment.follow_ups()
    return [item for item in wish if item["body"].get("ResourceId") not in absent]


def _bounds(targets: Iterable[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    return {each["ResourceId"]: (each["MinCapacity"], each["MaxCapacity"]) for each in targets}


def _said(bounds: Mapping[str, tuple[int, int]]) -> str:
    return ", ".join(f"{low} and {high}" for low, high in sorted(bounds.values())) or "no bounds"


def _resource(deployment: Deployment, variant: str) -> str:
    return variant_resource(deployment.endpoint, variant)


def _changes_hands(work: Work, deployment: Deployment, parts: Parts, current: str) -> bool:
    if not deployment.follow_ups():
        return True
    told = found(work.clients("sagemaker").describe_endpoint_config, EndpointConfigName=current)
    if told is None:
        return True
    after = {_machine(item) for item in parts.configuration[PRODUCTION]}
    return any(_machine(item) not in after for item in told[PRODUCTION])


def _machine(variant: Mapping[str, Any]) -> tuple[str | None, str]:
    return variant.get("InstanceType"), variant["VariantName"]


def _targets(work: Work, deployment: Deployment) -> list[Mapping[str, Any]]:
    # A challenger that is declared no more may be one still.
    variants = [_resource(deployment, name) for name in VARIANTS]
    ids = [*variants, component_resource(deployment.endpoint)]
    pages = work.clients(_SERVICE).get_paginator("describe_scalable_targets")
    asked = {"ServiceNamespace": "sagemaker", "ResourceIds": ids}
    return [item for page in pages.paginate(**asked) for item in page["ScalableTargets"]]


def _key(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item[key] for key in ("ServiceNamespace", "ResourceId", "ScalableDimension")}


def _forget_policies(work: Work, deployment: Deployment, wish: Sequence[Mapping[str, Any]]) -> None:
    """Remove what an earlier way of scaling has left."""
    scaling = work.clients(_SERVICE)
    kept = {item["body"].get("PolicyName") or item["body"].get("AlarmName") for item in wish}
    for target in _targets(work, deployment):
        asked = {"ServiceNamespace": "sagemaker", "ResourceId": target["ResourceId"]}
        pages = scaling.get_paginator("describe_scaling_policies").paginate(**asked)
        for policy in [item for page in pages for item in page["ScalingPolicies"]]:
            if policy["PolicyName"] not in kept:
                found(
                    scaling.delete_scaling_policy,
                    PolicyName=policy["PolicyName"],
                    **_key(policy),
                )
    alarm = f"{deployment.endpoint}-{_ALARM_SUFFIX}"
    if alarm not in kept:
        work.clients("cloudwatch").delete_alarms(AlarmNames=[alarm])


def _put_alarm(work: Work, deployment: Deployment, body: Mapping[str, Any], policy: str) -> None:
    tags = [{"Key": key, "Value": value} for key, value in sorted(deployment.tags.items())]
    work.clients("cloudwatch").put_metric_alarm(**{**body, "AlarmActions": [policy], "Tags": tags})
