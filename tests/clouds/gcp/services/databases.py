"""Cloud SQL's instances, with their databases and users."""

import copy
from collections.abc import Callable
from typing import Any

from tests.clouds.gcp.calls import Body, Call, CloudError, Status, invalid, precondition
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = "sqladmin"
_ACCOUNT = "CLOUD_IAM_SERVICE_ACCOUNT"
_ENDING = ".gserviceaccount.com"


def _instance_name(world: World, name: str) -> str:
    return f"projects/{world.project}/instances/{name}"


def _instance(world: World, call: Call) -> Record:
    return world.find(SERVICE, _instance_name(world, call.text("instance")))


def _part_name(world: World, call: Call, collection: str, name: str) -> str:
    return f"{_instance(world, call).name}/{collection}/{name}"


def _operation(world: World, call: Call, target: str, effect: Callable[[], Any]) -> Body:
    """Do it now and answer an operation that is under way; it is done when it is looked at."""
    effect()
    name = f"operation-{world.store.number()}"
    body: Body = {
        "kind": "sql#operation",
        "name": name,
        "operationType": {"insert": "CREATE", "delete": "DELETE"}.get(call.verb, "UPDATE"),
        "status": "RUNNING",
        "targetId": target.rpartition("/")[2],
        "targetProject": world.project,
    }
    world.state("sql operations", dict)[name] = {**body, "left": world.pace["operations"]}
    return body


def _look(world: World, call: Call) -> Body:
    kept = world.state("sql operations", dict).get(call.text("operation"))
    if kept is None:
        raise CloudError(Status.NOT_FOUND, f"The operation {call.text('operation')} was not found")
    kept["left"] -= 1
    if kept["left"] <= 0:
        kept["status"] = "DONE"
    return {key: value for key, value in kept.items() if key != "left"}


def _insert_instance(world: World, call: Call) -> Body:
    name = _instance_name(world, call.body["name"])
    world.reserve(SERVICE, name)
    region, own = call.body["region"], call.body["name"]
    _judge(call.body.get("settings", {}))
    told: Body = {
        "kind": "sql#instance",
        "state": "RUNNABLE",
        "project": world.project,
        "connectionName": f"{world.project}:{region}:{own}",
        "createTime": world.clock.stamp(),
        **_reached(world, call.body, region, own),
    }
    record = Record(SERVICE, name, "DatabaseInstance", {**copy.deepcopy(call.body), **told})
    return _operation(world, call, name, lambda: world.store.add(record))


def _judge(settings: Body) -> None:
    """Refuse an instance that nobody could reach."""
    reached = settings.get("ipConfiguration", {})
    private = reached.get("privateNetwork") or reached.get("pscConfig", {}).get("pscEnabled")
    if reached.get("ipv4Enabled") is False and not private:
        raise invalid("At least one of Public IP or Private IP or PSC connectivity must be enabled")


def _reached(world: World, body: Body, region: str, own: str) -> Body:
    reached = body.get("settings", {}).get("ipConfiguration", {})
    addresses: list[Body] = []
    if reached.get("ipv4Enabled", True):
        addresses = [{"type": "PRIMARY", "ipAddress": "203.0.113.7"}]
    if not reached.get("pscConfig", {}).get("pscEnabled"):
        return {"ipAddresses": addresses}
    link = f"projects/{world.project}/regions/{region}/serviceAttachments/{own}-psc"
    return {"ipAddresses": addresses, "pscServiceAttachmentLink": link}


def _get_instance(world: World, call: Call) -> Body:
    return copy.deepcopy(_instance(world, call).body)


def _patch_instance(world: World, call: Call) -> Body:
    record = _instance(world, call)
    for member in ("region", "diskEncryptionConfiguration"):
        if member in call.body and call.body[member] != record.body.get(member):
            raise invalid(f"`{member}` cannot be changed")

    def effect() -> None:
        world.store.remember(record)
        settings = {**record.body.get("settings", {}), **call.body.get("settings", {})}
        record.body |= {**copy.deepcopy(call.body), "settings": settings}

    return _operation(world, call, record.name, effect)


def _delete_instance(world: World, call: Call) -> Body:
    record = _instance(world, call)
    if record.body.get("settings", {}).get("deletionProtectionEnabled"):
        raise precondition("The instance is protected. Please disable the deletion protection")

    def effect() -> None:
        for one in [*world.store.below(SERVICE, record.name)]:
            world.store.remove(SERVICE, one.name)
        world.store.remove(SERVICE, record.name)

    return _operation(world, call, record.name, effect)


def _insert_part(collection: str, schema: str) -> Any:
    def insert(world: World, call: Call) -> Body:
        if schema == "User":
            _judge_user(world, call.body)
        name = _part_name(world, call, collection, call.body["name"])
        world.reserve(SERVICE, name)
        own = {"project": world.project, "instance": call.text("instance")}
        body = {"kind": f"sql#{schema.lower()}", **copy.deepcopy(call.body), **own}
        body.pop("password", None)
        record = Record(SERVICE, name, schema, body)
        return _operation(world, call, name, lambda: world.store.add(record))

    return insert


def _judge_user(world: World, user: Body) -> None:
    """Refuse a user of IAM that is not there, is named in full, or brings a password."""
    if user.get("type") != _ACCOUNT:
        return
    if user.get("password") or user["name"].endswith(_ENDING):
        raise invalid(f"A user of type {_ACCOUNT} has no password, nor `{_ENDING}` in its name")
    world.find("iam", f"projects/{world.project}/serviceAccounts/{user['name']}{_ENDING}")


def _get_part(collection: str, parameter: str) -> Any:
    def get(world: World, call: Call) -> Body:
        record = world.find(SERVICE, _part_name(world, call, collection, call.text(parameter)))
        return copy.deepcopy(record.body)

    return get


def _delete_part(collection: str, parameter: str) -> Any:
    def delete(world: World, call: Call) -> Body:
        record = world.find(SERVICE, _part_name(world, call, collection, call.text(parameter)))
        remove = world.store.remove
        return _operation(world, call, record.name, lambda: remove(SERVICE, record.name))

    return delete


PARTS = (
    Part(
        "databases",
        SERVICE,
        {
            "instances.insert": _insert_instance,
            "instances.get": _get_instance,
            "instances.patch": _patch_instance,
            "instances.update": _patch_instance,
            "instances.delete": _delete_instance,
            "databases.insert": _insert_part("databases", "Database"),
            "databases.get": _get_part("databases", "database"),
            "databases.delete": _delete_part("databases", "database"),
            "users.insert": _insert_part("users", "User"),
            "users.get": _get_part("users", "name"),
            "users.delete": _delete_part("users", "name"),
            "operations.get": _look,
        },
        "an instance that nobody could reach is refused, a protected one stays; a user of IAM is "
        "an account that is there; what is in an instance goes with it",
    ),
)
