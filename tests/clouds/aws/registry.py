"""The model registry: groups, versions, their approval and their life cycle."""

from tests.clouds.aws.calls import Call
from tests.clouds.aws.crud import creating, deleting, describing, invalid, listing, operations
from tests.clouds.aws.events import state_change
from tests.clouds.aws.kinds import MODEL_PACKAGE, MODEL_PACKAGE_GROUP
from tests.clouds.aws.store import Members, Record
from tests.clouds.aws.world import Handler, World

_VERSIONED = "Versioned"


def groups() -> dict[str, Handler]:
    """Return the operations of model package groups."""
    create = creating(MODEL_PACKAGE_GROUP)
    return operations(
        MODEL_PACKAGE_GROUP, create=create, delete=deleting(MODEL_PACKAGE_GROUP, _empty)
    )


def _empty(world: World, record: Record) -> None:
    if _versions(world, record):
        raise invalid("Model Package Group cannot be deleted as it still contains models.")


def _versions(world: World, group: Record) -> list[Record]:
    found = world.store.all(MODEL_PACKAGE, group.region)
    return [one for one in found if one.members.get("ModelPackageGroupName") == group.key]


def packages() -> dict[str, Handler]:
    """Return the operations of model packages."""
    return {
        "CreateModelPackage": _create,
        "DescribeModelPackage": describing(MODEL_PACKAGE),
        "ListModelPackages": _list,
        "UpdateModelPackage": _update,
        "DeleteModelPackage": deleting(MODEL_PACKAGE),
    }


def _create(world: World, call: Call) -> Members:
    """Make a version of a group; its number is one more than the group ever had."""
    params = dict(call.params)
    token = params.pop("ClientToken", None)
    group_name = params.pop("ModelPackageGroupName", None)
    if (group_name is None) == ("ModelPackageName" not in params):
        raise invalid("Either ModelPackageName or ModelPackageGroupName must be given.")
    if group_name is None:
        record = world.store.add(MODEL_PACKAGE, call.region, params["ModelPackageName"], params)
    else:
        group = world.store.get(MODEL_PACKAGE_GROUP, call.region, group_name)
        tokens = group.hidden.setdefault("tokens", {})
        if token is not None and token in tokens:
            return {"ModelPackageArn": tokens[token]}
        record = _version(world, call, group, params)
        tokens[token] = record.arn
    details = {"ValidationStatuses": [], "ImageScanStatuses": []}
    record.become("Completed", ModelPackageStatusDetails=details)
    _tell(world, record, [])
    return {"ModelPackageArn": record.arn}


def _version(world: World, call: Call, group: Record, params: Members) -> Record:
    if "Tags" in params:
        raise invalid("Tags are not allowed for model package versions; tag the group instead.")
    number = group.hidden.get("last", 0) + 1
    group.hidden["last"] = number
    record = world.store.add(MODEL_PACKAGE, call.region, f"{group.key}/{number}", params)
    record.change(
        ModelPackageName=None,
        ModelPackageGroupName=group.key,
        ModelPackageVersion=number,
        ModelPackageRegistrationType=params.get("ModelPackageRegistrationType", "Registered"),
        ModelApprovalStatus=params.get("ModelApprovalStatus", "PendingManualApproval"),
    )
    return record


def _list(world: World, call: Call) -> Members:
    """List versions of a group, or packages without one."""
    name = call.params.get("ModelPackageGroupName")
    kind = call.params.pop("ModelPackageType", _VERSIONED if name else "Unversioned")
    if name is not None:
        group = world.store.get(MODEL_PACKAGE_GROUP, call.region, name)
        call.params["ModelPackageGroupName"] = group.key
    found = listing(MODEL_PACKAGE)(world, call)
    if name is None and kind != "Both":
        listed = found["ModelPackageSummaryList"]
        wanted = [one for one in listed if ("ModelPackageVersion" in one) == (kind == _VERSIONED)]
        found["ModelPackageSummaryList"] = wanted
    return found


def _update(world: World, call: Call) -> Members:
    record = world.store.get(MODEL_PACKAGE, call.region, call.params["ModelPackageArn"])
    changed = {name: value for name, value in call.params.items() if name in _REPLACED}
    _judge(record, call.params)
    record.change(**changed)
    _change_properties(record, call.params)
    added = call.params.get("AdditionalInferenceSpecificationsToAdd", [])
    if added:
        old = record.members.get("AdditionalInferenceSpecifications", [])
        record.change(AdditionalInferenceSpecifications=[*old, *added])
    _tell(world, record, [name for name in call.params if name != "ModelPackageArn"])
    return {"ModelPackageArn": record.arn}


_REPLACED = frozenset(
    {
        "ApprovalDescription",
        "InferenceSpecification",
        "ModelApprovalStatus",
        "ModelCard",
        "ModelLifeCycle",
        "ModelPackageRegistrationType",
        "SourceUri",
    }
)


def _judge(record: Record, params: Members) -> None:
    if "ModelApprovalStatus" in params and "ModelPackageVersion" not in record.members:
        raise invalid("ModelApprovalStatus is for versioned model packages only.")


def _change_properties(record: Record, params: Members) -> None:
    """Merge the customer's properties; SageMaker keeps those that are not named."""
    properties = dict(record.members.get("CustomerMetadataProperties", {}))
    properties.update(params.get("CustomerMetadataProperties", {}))
    for name in params.get("CustomerMetadataPropertiesToRemove", []):
        properties.pop(name, None)
    if properties or "CustomerMetadataProperties" in record.members:
        record.change(CustomerMetadataProperties=properties)


def _tell(world: World, record: Record, fields: list[str]) -> None:
    more = {"UpdatedModelPackageFields": fields} if fields else {}
    state_change(world, record, "Model Package", more)
