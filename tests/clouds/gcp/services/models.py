"""Vertex AI's registry: models, their versions and aliases.

https://cloud.google.com/vertex-ai/docs/model-registry/versioning; a model's record is its default
version, and all versions are hidden beside it.
"""

import copy
import re
from typing import Any

from tests.clouds.gcp import masks, standard
from tests.clouds.gcp.calls import Body, Call, invalid, not_found, precondition
from tests.clouds.gcp.judging import pruned
from tests.clouds.gcp.operations import EMPTY
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = "aiplatform"
DEFAULT = "default"
_ALIAS = re.compile(r"[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]")
# What all versions have in common.
_SHARED = ("name", "createTime", "updateTime", "displayName", "description")


def split(name: str) -> tuple[str, str]:
    """Return a model's name and the version or alias that it was asked with."""
    base, _, version = name.partition("@")
    return base, version


def _versions(record: Record) -> dict[str, Body]:
    return record.hidden.setdefault("versions", {})


def version_of(record: Record, asked: str) -> Body:
    """Return a version by its number or alias; the default one when nothing is asked.

    Raises:
        CloudError: NOT_FOUND.
    """
    for number, body in _versions(record).items():
        if asked == number or (asked or DEFAULT) in body["versionAliases"]:
            return body
    raise not_found(f"{record.name}@{asked}")


def find(world: World, name: str) -> Body:
    """Return a model's version by a name that may end in `@version`.

    Raises:
        CloudError: NOT_FOUND.
    """
    base, asked = split(name)
    return version_of(world.find(SERVICE, base), asked)


def _upload(world: World, call: Call) -> Body:
    parent = call.body.get("parentModel")
    if parent:
        return _add_version(world, call, world.find(SERVICE, split(parent)[0]))
    place = world.canonical(SERVICE, call.text("parent"))
    name = f"{place}/models/{call.body.get('modelId') or world.store.number()}"
    world.reserve(SERVICE, name)
    _judge_aliases(call.body["model"])

    def effect() -> Body:
        record = world.store.add(Record(SERVICE, name, f"{_prefix(call)}Model", {}))
        return _keep(world, call, record)

    return _started(world, call, name, effect)


def _add_version(world: World, call: Call, record: Record) -> Body:
    if call.body.get("modelId"):
        raise invalid("`model_id` must not be set together with `parent_model`.")
    _judge_aliases(call.body["model"])
    return _started(world, call, record.name, lambda: _keep(world, call, record))


def _started(world: World, call: Call, name: str, effect: Any) -> Body:
    schema = f"{_prefix(call)}Model"
    return standard.done(
        world,
        call,
        name,
        schema,
        effect,
        answers=f"google.cloud.aiplatform.{call.route.version}.UploadModelResponse",
    )


def _prefix(call: Call) -> str:
    return f"GoogleCloudAiplatform{call.route.version.capitalize()}"


def _judge_aliases(model: Body) -> None:
    for alias in model.get("versionAliases", []):
        if not _ALIAS.fullmatch(alias):
            raise invalid(f"`{alias}` is no version alias: `{_ALIAS.pattern}`.")


def _keep(world: World, call: Call, record: Record) -> Body:
    versions = _versions(record)
    number = str(record.hidden.get("last", 0) + 1)
    record.hidden["last"] = int(number)
    asked = copy.deepcopy(call.body["model"])
    aliases = asked.pop("versionAliases", [])
    stamp = world.clock.stamp()
    own = {"name": record.name, "createTime": record.body.get("createTime", stamp)}
    version: Body = {**asked, **own, "updateTime": stamp, "versionId": number}
    version |= {"versionCreateTime": stamp, "versionUpdateTime": stamp, "versionAliases": []}
    version["supportedDeploymentResourcesTypes"] = ["DEDICATED_RESOURCES"]
    versions[number] = version
    _alias(record, number, aliases if len(versions) > 1 else [DEFAULT, *aliases])
    return {"model": record.name, "modelVersionId": number}


def _alias(record: Record, number: str, aliases: list[str]) -> None:
    """Give aliases to a version: each is one version's alone."""
    versions = _versions(record)
    for alias in aliases:
        for body in versions.values():
            body["versionAliases"] = [one for one in body["versionAliases"] if one != alias]
        versions[number]["versionAliases"].append(alias)
    record.body = version_of(record, DEFAULT)


def _shown(world: World, call: Call, record: Record, body: Body) -> Body:
    told = copy.deepcopy(body)
    told["deployedModels"] = [
        {"endpoint": endpoint.name, "deployedModelId": one["id"]}
        for endpoint, one in deployments(world, record.name)
        if one.get("modelVersionId") == body["versionId"]
    ]
    told["etag"] = Record(SERVICE, record.name, "", body).etag()
    return pruned(call.route.api, f"{_prefix(call)}Model", told)


def deployments(world: World, model: str) -> list[tuple[Record, Body]]:
    """Return the deployments of a model, each with its endpoint."""
    return [
        (endpoint, one)
        for endpoint in world.store.everything()
        if endpoint.service == SERVICE and endpoint.collection == "endpoints"
        for one in endpoint.body.get("deployedModels", [])
        if world.canonical(SERVICE, split(one.get("model", ""))[0]) == model
    ]


def _get(world: World, call: Call) -> Body:
    base, asked = split(call.text("name"))
    record = world.find(SERVICE, base)
    return _shown(world, call, record, version_of(record, asked))


def _list(world: World, call: Call) -> Body:
    place = world.canonical(SERVICE, call.text("parent"))
    found = world.store.children(SERVICE, place, "models")
    items = [_shown(world, call, record, record.body) for record in found]
    return standard.paged(world, call, "models", items)


def _list_versions(world: World, call: Call) -> Body:
    record = world.find(SERVICE, split(call.text("name"))[0])
    items = [_shown(world, call, record, body) for body in _versions(record).values()]
    return standard.paged(world, call, "models", items)


def _patch(world: World, call: Call) -> Body:
    base, asked = split(call.text("name"))
    record = world.find(SERVICE, base)
    version = version_of(record, asked)
    schema = f"{_prefix(call)}Model"
    mask = call.text("updateMask")
    standard.require_etag(Record(SERVICE, record.name, "", version), call.body)
    after = masks.changed(call.route.api, schema, version, call.body, mask)
    stamp = world.clock.stamp()
    after |= {"updateTime": stamp, "versionUpdateTime": stamp}
    _versions(record)[version["versionId"]] = after
    for body in _versions(record).values():
        body |= {name: after[name] for name in _SHARED if name in after}
    record.body = version_of(record, DEFAULT)
    return _shown(world, call, record, after)


def _merge_aliases(world: World, call: Call) -> Body:
    base, asked = split(call.text("name"))
    record = world.find(SERVICE, base)
    version = version_of(record, asked)
    given = call.body["versionAliases"]
    removed = [alias.removeprefix("-") for alias in given if alias.startswith("-")]
    added = [alias for alias in given if not alias.startswith("-")]
    _judge_aliases({"versionAliases": [*added, *removed]})
    if DEFAULT in removed:
        raise invalid("The `default` alias cannot be removed; give it to another version.")
    missing = set(removed) - set(version["versionAliases"])
    if missing:
        raise invalid(f"Version `{version['versionId']}` has no alias {sorted(missing)}.")
    version["versionAliases"] = [one for one in version["versionAliases"] if one not in removed]
    _alias(record, version["versionId"], added)
    version["versionUpdateTime"] = world.clock.stamp()
    return _shown(world, call, record, version)


def _delete_version(world: World, call: Call) -> Body:
    base, asked = split(call.text("name"))
    record = world.find(SERVICE, base)
    version = version_of(record, asked)
    number = version["versionId"]
    if len(_versions(record)) == 1:
        raise precondition("The only version of a model cannot be deleted; delete the model.")
    if DEFAULT in version["versionAliases"]:
        raise precondition(f"Version `{number}` is the default version and cannot be deleted.")
    _refuse_deployed(world, record.name, number)

    def effect() -> Body:
        _versions(record).pop(number, None)
        return {}

    schema = f"{_prefix(call)}Model"
    return standard.done(world, call, record.name, schema, effect, answers=EMPTY)


def _refuse_deployed(world: World, model: str, number: str = "") -> None:
    for endpoint, one in deployments(world, model):
        if number in {"", one.get("modelVersionId")}:
            raise precondition(
                f"Model `{model}` is deployed at `{endpoint.name}` as `{one['id']}`; undeploy it."
            )


def _delete(world: World, call: Call) -> Body:
    record = world.find(SERVICE, split(call.text("name"))[0])
    _refuse_deployed(world, record.name)
    return standard.delete(world, call)


PARTS = (
    Part(
        "models",
        SERVICE,
        {
            "projects.locations.models.upload": _upload,
            "projects.locations.models.get": _get,
            "projects.locations.models.list": _list,
            "projects.locations.models.listVersions": _list_versions,
            "projects.locations.models.patch": _patch,
            "projects.locations.models.mergeVersionAliases": _merge_aliases,
            "projects.locations.models.deleteVersion": _delete_version,
            "projects.locations.models.delete": _delete,
        },
        "versions count up and keep their numbers; an alias is one version's, `default` always"
        " somebody's; what is deployed, the only and the default version stay",
    ),
)
