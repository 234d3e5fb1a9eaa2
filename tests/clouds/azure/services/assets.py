"""Azure ML's assets: containers and their versions, which do not change."""

import copy
import uuid
from collections.abc import Mapping
from typing import Any

from tests.clouds.azure import rules, standard
from tests.clouds.azure.calls import Answer, Body, Call, CloudError, conflict
from tests.clouds.azure.ids import parent, part
from tests.clouds.azure.kinds import WORKSPACES
from tests.clouds.azure.parts import Handler, Part
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

KINDS = ("codes", "components", "data", "environments", "models")
_CHANGING = frozenset({"description", "isArchived", "properties", "stage", "tags"})
_OF_SERVICE = frozenset({"provisioningState", "environmentType", "isAnonymous"})
_VIEWS: Mapping[str, tuple[bool, ...]] = {
    "ActiveOnly": (False,),
    "ArchivedOnly": (True,),
    "All": (False, True),
}


def _put_version(world: World, call: Call) -> Answer:
    container = parent(call.at.id)
    _have_container(world, call, container)
    old = world.store.get(call.at.id)
    if old is not None:
        _refuse_change(call, old)

    def made(record: Record) -> None:
        for name, value in (("isArchived", False), ("isAnonymous", False)):
            record.properties.setdefault(name, value)
        record.properties.setdefault("tags", {})
        record.properties.setdefault("properties", {})
        if record.type.endswith("environments/versions"):
            record.properties.setdefault("environmentType", "UserCreated")
        if record.type.endswith("models/versions"):
            record.properties.setdefault("modelType", "custom_model")
            record.properties.setdefault("flavors", {})

    answer = standard.put(world, call, made=made)
    _number(world, container, call.at.name)
    if old is None and call.at.type.endswith("models/versions"):
        _tell(world, call)
    return answer


def _tell(world: World, call: Call) -> None:
    name, version = call.at.names[-2:]
    record = world.find(call.at.id)
    data = {"ModelName": name, "ModelVersion": version}
    data |= {
        "ModelTags": record.properties["tags"],
        "ModelProperties": record.properties["properties"],
    }
    workspace = f"{call.at.id.partition('/models/')[0]}"
    kind = "Microsoft.MachineLearningServices.ModelRegistered"
    world.emit(workspace, kind, f"models/{name}:{version}", data)


def _have_container(world: World, call: Call, container: str) -> None:
    """Make the container of a first version, as Azure ML does."""
    rules.require_above(world, container)
    if world.store.get(container) is None:
        type_ = call.at.kind.rpartition("/")[0]
        body: Body = {"properties": {"tags": {}, "properties": {}, "isArchived": False}}
        if type_.endswith("/data"):
            body["properties"]["dataType"] = (call.body.get("properties") or {}).get("dataType")
        world.store.add(Record(container, type_, body))


def _number(world: World, container: str, version: str) -> None:
    record = world.find(container)
    record.properties["latestVersion"] = version
    numbers = [int(one.name) for one in world.store.below(container) if one.name.isdecimal()]
    record.properties["nextVersion"] = str(max(numbers, default=0) + 1)


def _refuse_change(call: Call, old: Record) -> None:
    asked = call.body.get("properties") or {}
    for name, value in asked.items():
        if name in _CHANGING or name in _OF_SERVICE or value is None:
            continue
        if old.properties.get(name) != value:
            raise conflict(
                f"A resource with this name and version already exists; `{name}` of a version "
                f"cannot be changed from `{old.properties.get(name)}` to `{value}`.",
                "UserError",
            )
    _refuse_property(asked.get("properties") or {}, old.properties.get("properties") or {})
    # What a version is stands fast, also where a client leaves it out.
    for name, value in old.properties.items():
        if name not in _CHANGING:
            asked.setdefault(name, copy.deepcopy(value))
    kept = {**(old.properties.get("properties") or {}), **(asked.get("properties") or {})}
    asked["properties"] = kept
    for name in ("tags", "description", "isArchived", "stage"):
        if name in old.properties and name not in asked:
            asked[name] = copy.deepcopy(old.properties[name])
    call.body["properties"] = asked


def _refuse_property(asked: Mapping[str, Any], have: Mapping[str, Any]) -> None:
    for name, value in asked.items():
        if name in have and have[name] != value:
            text = f"Property `{name}` is immutable; new ones may be added."
            raise CloudError(400, "UserError", text)


def _put_container(world: World, call: Call) -> Answer:
    old = world.store.get(call.at.id)

    def made(record: Record) -> None:
        record.properties.setdefault("isArchived", False)
        record.properties.setdefault("tags", {})
        record.properties.setdefault("properties", {})
        for name in ("latestVersion", "nextVersion"):
            value = old.properties.get(name) if old else None
            if value is not None:
                record.properties[name] = value

    return standard.put(world, call, made=made)


def listed(world: World, call: Call) -> Body:
    """List those that are wanted: by archive, stage, tags, properties; newest first when asked."""
    if "/codes/" in call.at.id and world.store.get(call.at.id) is None:
        return {"value": []}  # azure-ai-ml asks for versions of names that are still to come
    told = standard.list_(world, call)["value"]
    view = _VIEWS.get(call.text("listViewType") or "ActiveOnly", (False,))
    kept = [one for one in told if one["properties"].get("isArchived", False) in view]
    kept = [one for one in kept if _matches(one["properties"], call)]
    if call.text("orderBy") or call.text("$orderBy"):
        kept = kept[::-1]
    skip, top = int(call.text("$skip") or 0), int(call.text("$top") or 0)
    return standard.paged(world, call, kept[skip : skip + top] if top else kept[skip:])


def _matches(properties: Body, call: Call) -> bool:
    stage = call.text("stage")
    if stage and properties.get("stage") != stage:
        return False
    return has(properties.get("tags"), call.text("tags")) and has(
        properties.get("properties"), call.text("properties")
    )


def has(have: Mapping[str, Any] | None, wanted: str) -> bool:
    """Tell whether all of `a=1,b` stand in a map."""
    for one in filter(None, wanted.split(",")):
        key, mark, value = one.partition("=")
        if key not in (have or {}) or (mark and (have or {})[key] != value):
            return False
    return True


def _pending(world: World, call: Call) -> Body:
    """Answer where the files of a version that is still to come may be put."""
    workspace = call.at.id.partition("/codes/")[0].partition("/data/")[0].partition("/models/")[0]
    own = uuid.uuid5(uuid.NAMESPACE_URL, f"{call.at.key}#{world.store.number()}").hex
    store = world.find(f"{workspace}/datastores/workspaceblobstore").properties
    account = part(world.find(workspace).properties["storageAccount"], "storageAccounts")
    place = f"{world.address}/blob/{account}/{store['containerName']}"
    signed = f"{place}?sv=2024-11-04&sr=c&sp=rwl&skoid={world.subscription}&sig=pending"
    reference = {
        "blobUri": f"{place}/{own}",
        "storageAccountArmId": world.find(workspace).properties["storageAccount"],
        "credential": {"credentialType": "SAS", "sasUri": signed},
    }
    kind = {"pendingUploadType": "TemporaryBlobReference", "pendingUploadId": own}
    return {**kind, "blobReferenceForConsumption": reference}


def _handlers() -> Mapping[str, Handler]:
    found: dict[str, Handler] = {}
    for kind in KINDS:
        found |= {
            f"{WORKSPACES}/{kind}.put": _put_container,
            f"{WORKSPACES}/{kind}.list": listed,
            f"{WORKSPACES}/{kind}/versions.put": _put_version,
            f"{WORKSPACES}/{kind}/versions.list": listed,
            f"{WORKSPACES}/{kind}/versions.startPendingUpload": _pending,
        }
    return found


PARTS = (
    Part(
        "assets",
        _handlers(),
        "a version is what it was made as: only its description, tags, stage, archive and new"
        " properties change; its container comes with it and counts; lists leave out the archived",
    ),
)
