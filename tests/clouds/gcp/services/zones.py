"""Cloud DNS's zones and records."""

import copy

from tests.clouds.gcp import standard
from tests.clouds.gcp.calls import Answer, Body, Call, CloudError, Status
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = "dns"


def _zone_name(world: World, zone: str) -> str:
    return f"projects/{world.project}/managedZones/{zone}"


def _record_name(world: World, call: Call, name: str, kind: str) -> str:
    return f"{_zone_name(world, call.text('managedZone'))}/rrsets/{name}:{kind}"


def _create_zone(world: World, call: Call) -> Body:
    name = _zone_name(world, call.body["name"])
    world.reserve(SERVICE, name)
    own: Body = {"id": world.store.number(), "creationTime": world.clock.stamp()}
    own |= {"kind": "dns#managedZone", "nameServers": ["ns-gcp-private.googledomains.com."]}
    record = world.store.add(Record(SERVICE, name, "ManagedZone", {**call.body, **own}))
    return copy.deepcopy(record.body)


def _zone(world: World, call: Call) -> Record:
    return world.find(SERVICE, _zone_name(world, call.text("managedZone")))


def _get_zone(world: World, call: Call) -> Body:
    return copy.deepcopy(_zone(world, call).body)


def _patch_zone(world: World, call: Call) -> Body:
    zone = _zone(world, call)
    world.store.remember(zone)
    zone.body |= copy.deepcopy(call.body)
    return {"kind": "dns#operation", "id": world.store.number(), "status": "done"}


def _delete_zone(world: World, call: Call) -> Answer:
    zone = _zone(world, call)
    if [*world.store.below(SERVICE, zone.name)]:
        message = f"The resource named '{zone.id}' cannot be deleted because it contains records"
        raise CloudError(Status.INVALID_ARGUMENT, message, reason="containerNotEmpty")
    world.store.remove(SERVICE, zone.name)
    return Answer(204)


def _create_record(world: World, call: Call) -> Body:
    _zone(world, call)
    name = _record_name(world, call, call.body["name"], call.body["type"])
    world.reserve(SERVICE, name)
    body = {"kind": "dns#resourceRecordSet", **call.body}
    return copy.deepcopy(world.store.add(Record(SERVICE, name, "ResourceRecordSet", body)).body)


def _record(world: World, call: Call) -> Record:
    return world.find(SERVICE, _record_name(world, call, call.text("name"), call.text("type")))


def _get_record(world: World, call: Call) -> Body:
    return copy.deepcopy(_record(world, call).body)


def _patch_record(world: World, call: Call) -> Body:
    record = _record(world, call)
    record.body |= call.body
    return copy.deepcopy(record.body)


def _delete_record(world: World, call: Call) -> Body:
    world.store.remove(SERVICE, _record(world, call).name)
    return {}


def _list_records(world: World, call: Call) -> Body:
    found = world.store.children(SERVICE, _zone(world, call).name, "rrsets")
    items = [copy.deepcopy(one.body) for one in found]
    return {"kind": "dns#rrsets", **standard.paged(world, call, "rrsets", items)}


PARTS = (
    Part(
        "zones",
        SERVICE,
        {
            "managedZones.create": _create_zone,
            "managedZones.get": _get_zone,
            "managedZones.patch": _patch_zone,
            "managedZones.delete": _delete_zone,
            "resourceRecordSets.create": _create_record,
            "resourceRecordSets.get": _get_record,
            "resourceRecordSets.list": _list_records,
            "resourceRecordSets.patch": _patch_record,
            "resourceRecordSets.delete": _delete_record,
        },
        "a zone with records stays",
    ),
)
