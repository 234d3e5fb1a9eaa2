"""Making the capacity of an endpoint follow its load, and letting go of it.

A variant that is a scalable target can be neither removed nor given another machine type; one that
is not in service cannot become a target. So targets are registered after a deployment, and
deregistered before one that changes what they hold.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_iac_aws.faults import found
from mlops_iac_aws.serving.documents import Deployment, Work
from mlops_iac_aws.serving.filling import Parts

_SERVICE = "application-autoscaling"
_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_ALARM_SUFFIX = "wake"
"""The only alarm that scaling makes of its own; the service makes those of target tracking."""


def release_before(work: Work, deployment: Deployment, parts: Parts, current: str) -> None:
    """Let go of the capacity when the next configuration says another one outright."""
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


def follow(work: Work, deployment: Deployment) -> None:
    """Let the capacity of a deployed endpoint follow its load, as its document says."""
    wish = deployment.follow_ups()
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


def drift(work: Work, deployment: Deployment) -> str | None:
    """Return how the bounds of the capacity differ from the document, or `None`."""
    wish = [i["body"] for i in deployment.follow_ups() if "MaxCapacity" in i["body"]]
    want = {(body["MinCapacity"], body["MaxCapacity"]) for body in wish}
    have = {(item["MinCapacity"], item["MaxCapacity"]) for item in _targets(work, deployment)}
    return None if want == have else f"it scales between {_bounds(have)}, not {_bounds(want)}"


def _bounds(bounds: set[tuple[int, int]]) -> str:
    return ", ".join(f"{low} and {high}" for low, high in sorted(bounds)) or "no bounds"


def _changes_hands(work: Work, deployment: Deployment, parts: Parts, current: str) -> bool:
    if not deployment.follow_ups():
        return True
    told = found(work.clients("sagemaker").describe_endpoint_config, EndpointConfigName=current)
    if told is None:
        return True
    before, after = told["ProductionVariants"], parts.configuration["ProductionVariants"]
    return [_machine(item) for item in before] != [_machine(item) for item in after]


def _machine(variant: Mapping[str, Any]) -> tuple[str | None, str]:
    return variant.get("InstanceType"), variant["VariantName"]


def _targets(work: Work, deployment: Deployment) -> list[Mapping[str, Any]]:
    variants = deployment.body("CreateEndpointConfig")["ProductionVariants"]
    ids = [f"endpoint/{deployment.endpoint}/variant/{item['VariantName']}" for item in variants]
    pages = work.clients(_SERVICE).get_paginator("describe_scalable_targets")
    asked = {"ServiceNamespace": "sagemaker", "ResourceIds": ids, "ScalableDimension": _DIMENSION}
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
