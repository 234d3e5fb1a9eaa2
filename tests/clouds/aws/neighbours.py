"""Small gaps of moto beside SageMaker: keys of log groups, tags of scalable targets, schedules."""

from enum import Enum
from typing import Any

from moto.applicationautoscaling import models, responses

from tests.clouds.aws.calls import Answer, Call, CloudError
from tests.clouds.aws.store import Members
from tests.clouds.aws.world import Handler, World
from tests.contract.walkers.cron import eventbridge


def log_keys() -> dict[str, Handler]:
    """Return the operations that give a log group a key, and take it away."""
    return {"AssociateKmsKey": _set_key, "DisassociateKmsKey": _set_key}


def _set_key(world: World, call: Call) -> Members:
    name = call.params["logGroupName"]
    group = world.backend("logs", call.region).groups.get(name)
    if group is None:
        raise CloudError("ResourceNotFoundException", f"The log group {name} does not exist.")
    group.kms_key_id = call.params.get("kmsKeyId")
    return {}


_COPIES = "sagemaker:inference-component:DesiredCopyCount"


def mend() -> None:
    """Let moto scale the copies of inference components; it knows machines of variants alone."""
    known = {one.name: one.value for one in models.ScalableDimensionValueSet}
    dimensions: Any = Enum("ScalableDimensionValueSet", {**known, "COPIES": _COPIES})
    for module in (models, responses):
        # moto offers no way to hand in another.
        setattr(module, "ScalableDimensionValueSet", dimensions)  # noqa: B010


def target_tags() -> dict[str, Handler]:
    """Return the operations of scalable targets' tags."""
    return {
        "TagResource": _tag_target,
        "UntagResource": _untag_target,
        "ListTagsForResource": _list_target_tags,
    }


def _target(world: World, call: Call) -> dict[str, str]:
    arn = call.params["ResourceARN"]
    backend = world.backend("application-autoscaling", call.region)
    targets = [one for kind in backend.targets.values() for one in kind.values()]
    if arn not in {one.arn for one in targets}:
        raise CloudError("ResourceNotFoundException", f"No scalable target has the ARN {arn}.")
    return world.target_tags.setdefault(arn, {})


def _tag_target(world: World, call: Call) -> Members:
    _target(world, call).update(call.params["Tags"])
    return {}


def _untag_target(world: World, call: Call) -> Members:
    tags = _target(world, call)
    for key in call.params["TagKeys"]:
        tags.pop(key, None)
    return {}


def _list_target_tags(world: World, call: Call) -> Members:
    return {"Tags": _target(world, call)}


def schedules() -> dict[str, Handler]:
    """Return the operations that take a schedule's expression."""
    return {"CreateSchedule": _judge_schedule, "UpdateSchedule": _judge_schedule}


def _judge_schedule(world: World, call: Call) -> Answer:
    findings = list(eventbridge(call.params["ScheduleExpression"], "ScheduleExpression"))
    if findings:
        told = "; ".join(finding.message for finding in findings)
        raise CloudError("ValidationException", f"Invalid Schedule Expression: {told}")
    return world.forward(call)


_ROLE_MEMBERS = ("RoleArn", "ExecutionRoleArn")


def judge_roles(world: World, call: Call) -> None:
    """Refuse a role that is not there or that SageMaker may not assume, when roles count.

    Raises:
        CloudError: in SageMaker's words.
    """
    if not world.judges_roles or call.service != "sagemaker":
        return
    for member in _ROLE_MEMBERS:
        arn = call.params.get(member)
        if arn is not None and not _assumable(world, arn):
            raise CloudError(
                "ValidationException",
                f"Could not assume role {arn}. Please ensure that the role exists and allows "
                "principal 'sagemaker.amazonaws.com' to assume the role.",
            )


def _assumable(world: World, arn: str) -> bool:
    roles: Any = world.backend("iam").roles.values()
    documents = [str(role.assume_role_policy_document) for role in roles if role.arn == arn]
    return any("sagemaker.amazonaws.com" in document for document in documents)
