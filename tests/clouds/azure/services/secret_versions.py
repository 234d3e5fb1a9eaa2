"""Secrets and keys of vaults, and their versions: found, and shown without or with their values."""

import base64

from tests.clouds.azure.calls import Body
from tests.clouds.azure.services import vaults
from tests.clouds.azure.services.planes import Asked, Refusal
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

SINGULAR = {"secrets": "Secret", "keys": "Key"}


def vault_of(asked: Asked) -> Record:
    """Return the vault that is meant."""
    for record in asked.world.store.of_type(vaults.TYPE):
        if record.name.lower() == asked.name.lower():
            return record
    raise Refusal(404, "VaultNotFound", f"There is no vault `{asked.name}`.")


def parts_of(asked: Asked) -> tuple[str, str, str]:
    """Return kind, name and what stands behind it."""
    kind, _, rest = asked.path.strip("/").partition("/")
    name, _, more = rest.partition("/")
    return kind.removeprefix("deleted"), name, more


def record_of(asked: Asked) -> Record:
    """Return the secret or key that is meant."""
    kind, name, _ = parts_of(asked)
    found = asked.world.store.get(f"{vault_of(asked).id}/{kind}/{name}")
    if found is None:
        what = SINGULAR[kind]
        text = f"A {what.lower()} with (name/id) {name} was not found in this key vault."
        raise Refusal(404, f"{what}NotFound", text)
    return found


def versions_of(record: Record) -> list[str]:
    """Return the names of all versions, oldest first."""
    if record.type == vaults.KEYS:
        return record.hidden.setdefault("versions", [])
    return [*(record.hidden.get("values") or {})]


def version_of(asked: Asked, record: Record) -> str:
    """Return the name of the version that is meant: the newest by default."""
    known, wanted = versions_of(record), parts_of(asked)[2].partition("/")[0]
    if not known or (wanted and wanted not in known):
        what = SINGULAR[parts_of(asked)[0]]
        raise Refusal(404, f"{what}NotFound", f"There is no such version of `{record.name}`.")
    return wanted or known[-1]


def notes_of(record: Record, version: str) -> Body:
    """Return what is known of a version, to be changed."""
    return record.hidden.setdefault("notes", {}).setdefault(version, {})


def shown(world: World, record: Record, version: str) -> Body:
    """Return a version without its value."""
    notes, place = notes_of(record, version), f"{vaults.key_uri(world, record)}/{version}"
    made = notes.setdefault("made", int(world.clock.now().timestamp()))
    attributes = {"enabled": True, **(record.properties.get("attributes") or {})}
    attributes |= {"created": made, "updated": made, "recoveryLevel": "Recoverable"}
    attributes |= notes.get("attributes", {})
    own: Body = {"id": place} if record.type == vaults.SECRETS else {"key": _key(record, place)}
    tags = notes.get("tags") or record.body.get("tags")
    kind = notes.get("contentType") or record.properties.get("contentType")
    own |= {"attributes": attributes, **({"tags": tags} if tags else {})}
    return {**own, **({"contentType": kind} if kind else {})}


def _key(record: Record, place: str) -> Body:
    operations = record.properties.get("keyOps") or ["encrypt", "decrypt", "wrapKey", "unwrapKey"]
    number = base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")
    kind = record.properties.get("kty") or "RSA"
    return {"kid": place, "kty": kind, "key_ops": operations, "n": number, "e": "AQAB"}


def with_value(world: World, record: Record, version: str) -> Body:
    """Return a version of a secret with its value."""
    value = record.hidden["values"][version]
    return {"value": value, **shown(world, record, version)}


def entry(world: World, record: Record, version: str) -> Body:
    """Return a version as lists have it."""
    told = shown(world, record, version)
    key = told.pop("key", None)
    return {**told, **({"kid": key["kid"]} if key else {})}
