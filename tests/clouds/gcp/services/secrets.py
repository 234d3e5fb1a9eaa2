"""Secret Manager's versions and Cloud KMS's keys."""

import base64
from typing import Any

from tests.clouds.gcp import standard
from tests.clouds.gcp.calls import Body, Call, invalid, not_found, precondition
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SECRETS = "secretmanager"
KEYS = "cloudkms"


def _versions(world: World, secret: str) -> list[Record]:
    return [*world.store.children(SECRETS, secret, "versions")]


def _add_version(world: World, call: Call) -> Body:
    secret = world.find(SECRETS, call.text("parent"))
    number = secret.hidden["last"] = secret.hidden.get("last", 0) + 1
    name = f"{secret.name}/versions/{number}"
    stamp = world.clock.stamp()
    body = {"name": name, "createTime": stamp, "state": "ENABLED"}
    content = call.body.get("payload", {}).get("data")
    if content is None:
        raise invalid("`payload` is required.")
    record = Record(SECRETS, name, "SecretVersion", body, {"data": content})
    return standard.shown(world, world.store.add(record), call.route.api, "SecretVersion")


def _version(world: World, call: Call) -> Record:
    parent, _, asked = call.text("name").rpartition("/versions/")
    secret = world.find(SECRETS, parent)
    if asked != "latest":
        return world.find(SECRETS, f"{secret.name}/versions/{asked}")
    enabled = [one for one in _versions(world, secret.name) if one.body["state"] == "ENABLED"]
    if not enabled:
        raise not_found(f"{secret.name}/versions/latest")
    return enabled[-1]


def _get_version(world: World, call: Call) -> Body:
    return standard.shown(world, _version(world, call), call.route.api, "SecretVersion")


def _access(world: World, call: Call) -> Body:
    record = _version(world, call)
    if record.body["state"] != "ENABLED":
        raise precondition(f"`{record.name}` is {record.body['state']}.")
    return {"name": record.name, "payload": {"data": record.hidden["data"]}}


def _set_state(state: str) -> Any:
    def change(world: World, call: Call) -> Body:
        record = _version(world, call)
        record.body["state"] = state
        return standard.shown(world, record, call.route.api, "SecretVersion")

    return change


def _create_key(world: World, call: Call) -> Body:
    name = standard.new_name(world, call)
    primary = {
        "name": f"{name}/cryptoKeyVersions/1",
        "state": "ENABLED",
        "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION",
        "protectionLevel": "SOFTWARE",
        "createTime": world.clock.stamp(),
    }
    told = standard.create(world, call, made={"primary": primary}, name=name)
    world.store.add(Record(KEYS, primary["name"], "CryptoKeyVersion", dict(primary)))
    return told


def _destroy_key_version(world: World, call: Call) -> Body:
    record = world.find(KEYS, call.text("name"))
    record.body["state"] = "DESTROY_SCHEDULED"
    return standard.shown(world, record, call.route.api, "CryptoKeyVersion")


def _encrypt(world: World, call: Call) -> Body:
    record = world.find(KEYS, call.text("name"))
    return {"name": record.name, "ciphertext": _turned(call.body["plaintext"])}


def _decrypt(world: World, call: Call) -> Body:
    world.find(KEYS, call.text("name"))
    return {"plaintext": _turned(call.body["ciphertext"])}


def _turned(text: str) -> str:
    content = bytes(byte ^ 0x5A for byte in base64.b64decode(text))
    return base64.b64encode(content).decode()


_SECRET = "projects.secrets.versions"
_RING = "projects.locations.keyRings.cryptoKeys"
PARTS = (
    Part(
        "secrets",
        SECRETS,
        {
            "projects.secrets.addVersion": _add_version,
            f"{_SECRET}.get": _get_version,
            f"{_SECRET}.access": _access,
            f"{_SECRET}.enable": _set_state("ENABLED"),
            f"{_SECRET}.disable": _set_state("DISABLED"),
            f"{_SECRET}.destroy": _set_state("DESTROYED"),
        },
        "versions count up; `latest`; only an enabled one is read",
    ),
    Part(
        "keys",
        KEYS,
        {
            f"{_RING}.create": _create_key,
            f"{_RING}.encrypt": _encrypt,
            f"{_RING}.decrypt": _decrypt,
            f"{_RING}.cryptoKeyVersions.destroy": _destroy_key_version,
        },
        "a key has a first version; it is never deleted, only its versions end",
    ),
)
