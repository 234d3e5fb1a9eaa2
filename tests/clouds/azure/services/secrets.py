"""Key Vault's own plane: secrets with their values, keys with their versions and rotation.

https://learn.microsoft.com/rest/api/keyvault. Secrets and keys are Azure Resource Manager's
records, whoever made them; what is deleted stays so until it is purged or recovered. Limits: no
certificates, no backups; a wrapped key is turned, not encrypted.
"""

import base64
import copy
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.clouds.azure import roles, tokens
from tests.clouds.azure.calls import Answer, Body, told
from tests.clouds.azure.services import planes, vaults
from tests.clouds.azure.services.planes import Asked, Operation, Refusal
from tests.clouds.azure.services.secret_versions import (
    SINGULAR,
    entry,
    notes_of,
    parts_of,
    record_of,
    shown,
    vault_of,
    version_of,
    versions_of,
    with_value,
)
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}")
_TYPES = {"secrets": vaults.SECRETS, "keys": vaults.KEYS}


def _judge(asked: Asked, action: str) -> None:
    """Refuse who has no role with a data action on the vault's kind of thing."""
    kind, name, _ = parts_of(asked)
    what = f"{vaults.TYPE}/{kind}/{action}"
    scope = f"{vault_of(asked).id}/{kind}/{name}".rstrip("/")
    if not roles.may(asked.world, asked.caller.principal, what, scope, data=True):
        text = f"Caller is not authorized to perform action on resource. Action: '{what}'"
        raise Refusal(403, "Forbidden", text)


def _does(name: str, action: str, do: Callable[[Asked], Answer]) -> Operation:
    def judged(asked: Asked) -> Answer:
        _judge(asked, action)
        return do(asked)

    return Operation(name, judged)


# Versions


def _set_secret(asked: Asked) -> Answer:
    kind, name, _ = parts_of(asked)
    _refuse_deleted(asked)
    if not _NAME.fullmatch(name):
        raise Refusal(400, "BadParameter", f"`{name}` is no name of a secret.")
    body = asked.request.json()
    own = f"{vault_of(asked).id}/{kind}/{name}"
    record = asked.world.store.get(own) or Record(own, vaults.SECRETS, {"properties": {}})
    version = vaults.set_secret(asked.world, record, body["value"])
    asked.world.store.add(record)
    given = {key: body[key] for key in ("attributes", "tags", "contentType") if key in body}
    notes_of(record, version).update(given)
    return told(with_value(asked.world, record, version))


def _get_secret(asked: Asked) -> Answer:
    record = record_of(asked)
    version = version_of(asked, record)
    found = with_value(asked.world, record, version)
    if not found["attributes"]["enabled"]:
        raise Refusal(403, "Forbidden", "Operation get is not allowed on a disabled secret.")
    return told(found)


def _change(asked: Asked) -> Answer:
    record = record_of(asked)
    version = version_of(asked, record)
    body, notes = asked.request.json(), notes_of(record, version)
    notes.update({key: body[key] for key in ("tags", "contentType") if key in body})
    notes["attributes"] = {**notes.get("attributes", {}), **body.get("attributes", {})}
    return told(shown(asked.world, record, version))


def _create_key(asked: Asked) -> Answer:
    kind, name, _ = parts_of(asked)
    _refuse_deleted(asked)
    own = f"{vault_of(asked).id}/{kind}/{name}"
    body = asked.request.json()
    made = {"kty": body.get("kty", "RSA"), "keySize": body.get("key_size", 2048)}
    made["attributes"] = {"enabled": True}
    record = asked.world.store.get(own) or Record(own, vaults.KEYS, {"properties": made})
    asked.world.store.add(record)
    version = vaults.add_key_version(asked.world, record)
    return told(shown(asked.world, record, version))


def _get_key(asked: Asked) -> Answer:
    record = record_of(asked)
    return told(shown(asked.world, record, version_of(asked, record)))


def _rotate(asked: Asked) -> Answer:
    record = record_of(asked)
    return told(shown(asked.world, record, vaults.add_key_version(asked.world, record)))


def _policy(asked: Asked) -> Answer:
    record = record_of(asked)
    given: Any = record.hidden.setdefault("rotation", record.properties.get("rotationPolicy"))
    kept = given or {"lifetimeActions": [{"action": {"type": "Notify"}}], "attributes": {}}
    place = f"{vaults.key_uri(asked.world, record)}/rotationpolicy"
    if asked.verb == "PUT":
        kept = record.hidden["rotation"] = copy.deepcopy(asked.request.json())
        record.properties["rotationPolicy"] = copy.deepcopy(kept)
    return told({"id": place, **{name: one for name, one in kept.items() if name != "id"}})


def _turn(asked: Asked) -> Answer:
    """Wrap or unwrap: each undoes the other, under the same version of the key."""
    record = record_of(asked)
    version = version_of(asked, record)
    value = asked.request.json()["value"]
    content = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    mask = version.encode()
    turned = bytes(byte ^ mask[at % len(mask)] for at, byte in enumerate(content))
    place = f"{vaults.key_uri(asked.world, record)}/{version}"
    return told({"kid": place, "value": base64.urlsafe_b64encode(turned).decode().rstrip("=")})


# Lists


def _list(asked: Asked) -> Answer:
    kind, _, _ = parts_of(asked)
    found = asked.world.store.children(vault_of(asked).id, _TYPES[kind])
    entries = [entry(asked.world, one, versions_of(one)[-1]) for one in found if versions_of(one)]
    for one in entries:
        place = "id" if "id" in one else "kid"
        one[place] = one[place].rpartition("/")[0]
    return told({"value": entries, "nextLink": None})


def _list_versions(asked: Asked) -> Answer:
    record = record_of(asked)
    entries = [entry(asked.world, record, one) for one in versions_of(record)]
    return told({"value": entries, "nextLink": None})


# What is deleted


def _deleted(world: World) -> dict[str, tuple[Record, datetime]]:
    return world.state("deleted secrets", dict[str, tuple[Record, datetime]])


def _gone(asked: Asked) -> str:
    kind, name, _ = parts_of(asked)
    return f"{vault_of(asked).key}/{kind}/{name.lower()}"


def _refuse_deleted(asked: Asked) -> None:
    if _gone(asked) in _deleted(asked.world):
        name = parts_of(asked)[1]
        text = f"{name} is currently in a deleted but recoverable state; its name cannot be reused."
        raise Refusal(409, "Conflict", text)


def _delete(asked: Asked) -> Answer:
    record = record_of(asked)
    _deleted(asked.world)[_gone(asked)] = (record, asked.world.clock.now())
    asked.world.store.remove(record.id)
    return told(_recoverable(asked, record))


def _recoverable(asked: Asked, record: Record) -> Body:
    kind = parts_of(asked)[0]
    moment = _deleted(asked.world)[_gone(asked)][1]
    days = int(vault_of(asked).properties.get("softDeleteRetentionInDays", 90))
    place = f"{asked.world.address}/vault/{asked.name}/deleted{kind}/{record.name}"
    times = {"recoveryId": place, "deletedDate": int(moment.astimezone(UTC).timestamp())}
    until = moment + timedelta(days=days)
    times["scheduledPurgeDate"] = int(until.timestamp())
    return {**shown(asked.world, record, versions_of(record)[-1]), **times}


def _of_deleted(asked: Asked) -> Record:
    found = _deleted(asked.world).get(_gone(asked))
    if found is None:
        kind, name, _ = parts_of(asked)
        raise Refusal(404, f"{SINGULAR[kind]}NotFound", f"Deleted {name} was not found.")
    return found[0]


def _get_deleted(asked: Asked) -> Answer:
    return told(_recoverable(asked, _of_deleted(asked)))


def _recover(asked: Asked) -> Answer:
    record = _of_deleted(asked)
    del _deleted(asked.world)[_gone(asked)]
    asked.world.store.add(record)
    return told(shown(asked.world, record, versions_of(record)[-1]))


def _purge(asked: Asked) -> Answer:
    _of_deleted(asked)
    if vault_of(asked).properties.get("enablePurgeProtection"):
        raise Refusal(403, "Forbidden", "Operation purge is not allowed: purge protection is on.")
    del _deleted(asked.world)[_gone(asked)]
    return Answer(204)


_ONE: Mapping[tuple[str, str, str], Operation] = {
    ("PUT", "secrets", ""): _does("SetSecret", "setSecret/action", _set_secret),
    ("GET", "secrets", ""): _does("GetSecret", "getSecret/action", _get_secret),
    ("PATCH", "secrets", ""): _does("UpdateSecret", "update/action", _change),
    ("DELETE", "secrets", ""): _does("DeleteSecret", "delete", _delete),
    ("GET", "secrets", "versions"): _does("SecretVersions", "readMetadata/action", _list_versions),
    ("GET", "deletedsecrets", ""): _does("GetDeleted", "readMetadata/action", _get_deleted),
    ("DELETE", "deletedsecrets", ""): _does("PurgeSecret", "purge/action", _purge),
    ("POST", "deletedsecrets", "recover"): _does("RecoverSecret", "recover/action", _recover),
    ("POST", "keys", "create"): _does("CreateKey", "create/action", _create_key),
    ("GET", "keys", ""): _does("GetKey", "read", _get_key),
    ("PATCH", "keys", ""): _does("UpdateKey", "update/action", _change),
    ("DELETE", "keys", ""): _does("DeleteKey", "delete", _delete),
    ("GET", "keys", "versions"): _does("KeyVersions", "read", _list_versions),
    ("POST", "keys", "rotate"): _does("RotateKey", "rotate/action", _rotate),
    ("GET", "keys", "rotationpolicy"): _does("GetRotationPolicy", "read", _policy),
    ("PUT", "keys", "rotationpolicy"): _does("SetRotationPolicy", "update/action", _policy),
    ("POST", "keys", "wrapkey"): _does("WrapKey", "wrap/action", _turn),
    ("POST", "keys", "unwrapkey"): _does("UnwrapKey", "unwrap/action", _turn),
    ("GET", "deletedkeys", ""): _does("GetDeleted", "read", _get_deleted),
    ("DELETE", "deletedkeys", ""): _does("PurgeKey", "purge/action", _purge),
    ("POST", "deletedkeys", "recover"): _does("RecoverKey", "recover/action", _recover),
}
_WORDS = frozenset(word for _, _, word in _ONE) - {""}
_MANY: Mapping[tuple[str, str], Operation] = {
    ("GET", "secrets"): _does("ListSecrets", "readMetadata/action", _list),
    ("GET", "keys"): _does("ListKeys", "read", _list),
}


def _find(asked: Asked) -> Operation:
    kind, _, rest = asked.path.strip("/").partition("/")
    name, _, more = rest.partition("/")
    last = more.rpartition("/")[2].lower()
    word = last if last in _WORDS else ""
    found = _ONE.get((asked.verb, kind.lower(), word)) if name else _MANY.get((asked.verb, kind))
    if found is None:
        text = f"The test cloud does not do {asked.verb} of `{asked.path}`."
        raise Refusal(501, "NotImplemented", text)
    return found


SERVICE = planes.service("vault", _find, tokens.VAULT)
