"""Key vaults, which stay deleted for a while, and their keys and secrets.

https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from tests.clouds.azure import kinds, lro, standard
from tests.clouds.azure.calls import Answer, Body, Call, CloudError, conflict, not_found, told
from tests.clouds.azure.parts import Part
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World
from tests.clouds.clock import stamp

TYPE = "Microsoft.KeyVault/vaults"
KEYS, SECRETS = f"{TYPE}/keys", f"{TYPE}/secrets"
DELETED = "Microsoft.KeyVault/locations/deletedVaults"
_ALL_DELETED = "Microsoft.KeyVault/deletedVaults"
_SPACE = uuid.UUID("6f3c9f57-0d5e-4c43-8a5e-7d2f41c6a003")


@dataclass
class Deleted:
    """A vault that was deleted and may come back."""

    record: Record
    inner: list[Record]
    at: Body


def deleted(world: World) -> dict[str, Deleted]:
    """Return the deleted vaults by their names in lower case; those past their time are gone."""
    kept: dict[str, Deleted] = world.state("deleted vaults", dict[str, Deleted])
    now = world.clock.stamp()
    for name in [one for one, each in kept.items() if each.at["scheduledPurgeDate"] <= now]:
        del kept[name]
    return kept


def _put(world: World, call: Call) -> Answer:
    asked = call.body.get("properties") or {}
    old = world.store.get(call.at.id)
    gone = deleted(world).get(call.at.name.lower())
    if asked.get("createMode") == "recover" and old is None:
        return _recover(world, call, gone)
    if old is None:
        _refuse_name(world, call, gone)
    elif (
        old.properties.get("enablePurgeProtection") and asked.get("enablePurgeProtection") is False
    ):
        text = "The property 'enablePurgeProtection' cannot be set to false."
        raise CloudError(400, "BadRequest", text)
    if asked.get("enableSoftDelete") is False:
        text = "The property 'enableSoftDelete' cannot be set to false."
        raise CloudError(400, "BadRequest", text)
    if asked.get("enablePurgeProtection") is False and old is None:
        text = 'The property "enablePurgeProtection" cannot be set to false.'
        raise CloudError(400, "BadRequest", text)

    def made(record: Record) -> None:
        record.properties["vaultUri"] = f"{world.address}/vault/{record.name}/"
        record.properties.setdefault("enableSoftDelete", True)
        record.properties.setdefault("softDeleteRetentionInDays", 90)
        record.properties.pop("createMode", None)

    return standard.put(world, call, made=made)


def _refuse_name(world: World, call: Call, gone: Deleted | None) -> None:
    name = call.at.name
    if gone is not None:
        raise conflict(
            f"A vault with the same name already exists in deleted state. You need to either "
            f"recover or purge existing key vault. '{name}'",
            "ConflictError",
        )
    kind = kinds.find(TYPE)
    assert kind is not None
    for record in world.store.of_type(TYPE):
        if record.name.lower() == name.lower():
            raise conflict(f"The vault name '{name}' is already in use.", "VaultAlreadyExists")


def _recover(world: World, call: Call, gone: Deleted | None) -> Answer:
    if gone is None:
        text = f"No deleted vault '{call.at.name}' is found to be recovered."
        raise CloudError(404, "DeletedVaultNotFound", text)
    if gone.record.key != call.at.key:
        text = "A vault is recovered in the place where it was deleted."
        raise CloudError(400, "BadRequest", text)
    world.store.add(gone.record)
    for one in gone.inner:
        world.store.add(one)
    del deleted(world)[call.at.name.lower()]
    return told(gone.record.shown(), 200)


def _delete(world: World, call: Call) -> Answer:
    def effect() -> None:
        record = world.store.get(call.at.id)
        assert record is not None
        inner = [*world.store.below(record.id)]
        standard.remove(world, record.id)
        keep_deleted(world, record, inner)

    return standard.delete(world, call, effect=effect)


def keep_deleted(world: World, record: Record, inner: list[Record]) -> None:
    """Keep a vault that was deleted for as long as it says."""
    days = int(record.properties.get("softDeleteRetentionInDays", 90))
    now = world.clock.now()
    times = {"deletionDate": stamp(now), "scheduledPurgeDate": stamp(now + timedelta(days=days))}
    deleted(world)[record.name.lower()] = Deleted(record, inner, times)


def _went(world: World, record: Record) -> None:
    """Keep a vault that goes with its group; what was in it has gone from the store before."""
    if record.name.lower() not in deleted(world):
        keep_deleted(world, record, [])


def _told(world: World, one: Deleted) -> Body:
    place = f"/subscriptions/{world.subscription}/providers/Microsoft.KeyVault/locations"
    location = one.record.body["location"]
    properties = {
        "vaultId": one.record.id,
        "location": location,
        "tags": one.record.body.get("tags"),
    }
    properties |= one.at
    if one.record.properties.get("enablePurgeProtection"):
        properties["purgeProtectionEnabled"] = True
    own = f"{place}/{location}/deletedVaults/{one.record.name}"
    return {"id": own, "name": one.record.name, "type": _ALL_DELETED, "properties": properties}


def _get_deleted(world: World, call: Call) -> Body:
    return _told(world, _found(world, call))


def _found(world: World, call: Call) -> Deleted:
    found = deleted(world).get(call.at.name.lower())
    if found is None or found.record.body["location"] != call.at.names[0]:
        text = f"The specified deleted vault '{call.at.name}' does not exist."
        raise not_found("", text, "DeletedVaultNotFound")
    return found


def _list_deleted(world: World, call: Call) -> Body:
    del call
    return {"value": [_told(world, one) for one in deleted(world).values()]}


def _purge(world: World, call: Call) -> Answer:
    found = _found(world, call)
    if found.record.properties.get("enablePurgeProtection"):
        text = "Operation 'DeletedVaultPurge' is not allowed: purge protection is enabled."
        raise CloudError(405, "MethodNotAllowed", text)

    def effect() -> None:
        deleted(world).pop(call.at.name.lower(), None)

    operation = lro.begin(world, call, call.at.id, effect)
    return lro.accepted(world, call, operation)


def version(world: World, of: str) -> str:
    """Return the name of a new version of a key or a secret."""
    return uuid.uuid5(_SPACE, f"{of}/{world.store.number()}").hex


def key_uri(world: World, record: Record) -> str:
    """Return where a key or a secret is, without its version."""
    parts = record.id.split("/")
    return f"{world.address}/vault/{parts[-3]}/{parts[-2]}/{parts[-1]}"


def _put_key(world: World, call: Call) -> Answer:
    """Make a key's first version; one that is there stays as it is."""
    old = world.store.get(call.at.id)
    if old is not None:
        return told(old.shown())

    def made(record: Record) -> None:
        record.properties.setdefault("attributes", {}).setdefault("enabled", True)
        record.properties.setdefault("keySize", 2048)
        add_key_version(world, record)

    return standard.put(world, call, made=made)


def add_key_version(world: World, record: Record) -> str:
    """Give a key a new version; return its name."""
    name = version(world, record.id)
    record.hidden.setdefault("versions", []).append(name)
    place = key_uri(world, record)
    record.properties |= {"keyUri": place, "keyUriWithVersion": f"{place}/{name}"}
    return name


def _put_secret(world: World, call: Call) -> Answer:
    """Make a new version of a secret; its value is never told."""

    def made(record: Record) -> None:
        set_secret(world, record, record.properties.pop("value", None))

    return standard.put(world, call, made=made)


def set_secret(world: World, record: Record, value: str | None) -> str:
    """Give a secret a new version; return its name. `hidden["values"]` has values by version."""
    record.properties.setdefault("attributes", {}).setdefault("enabled", True)
    old = world.store.get(record.id)
    values: dict[str, str] = {**((old.hidden.get("values") if old else None) or {})}
    place = key_uri(world, record)
    name = version(world, record.id)
    if value is not None:
        values[name] = value
    record.hidden["values"] = values
    record.properties |= {"secretUri": place, "secretUriWithVersion": f"{place}/{name}"}
    return name


PARTS = (
    Part(
        "vaults",
        {
            f"{TYPE}.put": _put,
            f"{TYPE}.delete": _delete,
            f"{DELETED}.get": _get_deleted,
            f"{DELETED}.purge": _purge,
            f"{_ALL_DELETED}.list": _list_deleted,
        },
        "a deleted one keeps its name and its contents until it is purged, recovered, or its days"
        " are over; a protected one is not purged, and stays protected",
        {TYPE: _went},
    ),
    Part(
        "keys and secrets",
        {f"{KEYS}.put": _put_key, f"{SECRETS}.put": _put_secret},
        "a key that is there stays as it is; a secret gets a new version, whose value is not told;"
        " neither is deleted here",
    ),
)
