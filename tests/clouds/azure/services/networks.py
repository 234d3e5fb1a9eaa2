"""Networks: what must be there to be used, and stays while it is."""

import copy
from collections.abc import Iterator
from typing import Any

from tests.clouds.azure import kinds, standard
from tests.clouds.azure.calls import Answer, Body, Call, CloudError
from tests.clouds.azure.ids import parent
from tests.clouds.azure.parts import Part
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

_NET = "Microsoft.Network"
NETWORKS, SUBNETS = f"{_NET}/virtualNetworks", f"{_NET}/virtualNetworks/subnets"
GROUPS, RULES = f"{_NET}/networkSecurityGroups", f"{_NET}/networkSecurityGroups/securityRules"
ENDPOINTS = f"{_NET}/privateEndpoints"
ZONE_GROUPS = f"{ENDPOINTS}/privateDnsZoneGroups"
ZONES, LINKS = f"{_NET}/privateDnsZones", f"{_NET}/privateDnsZones/virtualNetworkLinks"
_INNER = {NETWORKS: ("subnets", SUBNETS), GROUPS: ("securityRules", RULES)}
"""Lists of parts that are resources, too: the member and the type."""
_HELD = (SUBNETS, GROUPS, NETWORKS, ZONES, f"{_NET}/natGateways", f"{_NET}/publicIPAddresses")


def _referred(value: Any) -> Iterator[str]:
    """Yield the ids of resources that a body names."""
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str) and (key == "id" or key.endswith("Id")):
                if item.lower().startswith("/subscriptions/"):
                    yield item
            else:
                yield from _referred(item)
    elif isinstance(value, list):
        for item in value:
            yield from _referred(item)


def _require_referred(world: World, call: Call) -> None:
    own = call.at.key
    for wanted in _referred(call.body.get("properties") or {}):
        if wanted.lower().startswith(f"{own}/") or wanted.lower() == own:
            continue
        world.operations.tick(wanted)
        if world.store.get(wanted) is None:
            text = f"Resource {wanted} referenced by resource {call.at.id} was not found."
            raise CloudError(400, "InvalidResourceReference", text)


def _put(world: World, call: Call) -> Answer:
    _require_referred(world, call)
    return standard.put(world, call, made=lambda record: _complete(world, record))


def _complete(world: World, record: Record) -> None:
    record.body["etag"] = f'W/"{world.store.number()}"'
    member, type_ = _INNER.get(record.type, ("", ""))
    if member:
        _keep_inner(world, record, member, type_)
    if record.type == ENDPOINTS:
        _connect(record)


def _keep_inner(world: World, record: Record, member: str, type_: str) -> None:
    """Make resources of the parts that a body lists; others of the kind go, as Azure has it."""
    wanted = record.properties.pop(member, None)
    if wanted is None:
        return
    names = {one["name"].lower() for one in wanted}
    for old in [*world.store.children(record.id, type_)]:
        if old.name.lower() not in names:
            refuse_used(world, old)
            standard.remove(world, old.id)
    for one in wanted:
        properties = {
            **copy.deepcopy(one.get("properties") or {}),
            "provisioningState": "Succeeded",
        }
        place = f"{record.id}/{member}/{one['name']}"
        old = world.store.get(place)
        if old is None:
            world.store.add(Record(place, type_, {"properties": properties}))
        else:
            world.store.remember(old)
            old.body["properties"] = properties


def _get(world: World, call: Call) -> Body:
    return _whole(world, standard.get(world, call))


def _whole(world: World, told: Body) -> Body:
    """Return a network or a group with its parts."""
    member, type_ = _INNER[kinds.kinds()[str(told["type"]).lower()].type]
    inner = [one.shown() for one in world.store.children(told["id"], type_)]
    return {**told, "properties": {**told["properties"], member: inner}}


def _list(world: World, call: Call) -> Body:
    told = standard.list_(world, call)
    return {**told, "value": [_whole(world, one) for one in told["value"]]}


def _connect(record: Record) -> None:
    """Give a private endpoint its card and the state of its connections."""
    for one in record.properties.get("privateLinkServiceConnections") or []:
        state = {"status": "Approved", "description": "Auto-Approved", "actionsRequired": "None"}
        one.setdefault("properties", {})["privateLinkServiceConnectionState"] = state
        one["properties"]["provisioningState"] = "Succeeded"
    nic = f"{record.id.rpartition('/privateEndpoints/')[0]}/networkInterfaces/{record.name}.nic"
    record.properties["networkInterfaces"] = [{"id": nic}]
    record.properties.setdefault("customDnsConfigs", [])


def refuse_used(world: World, record: Record) -> None:
    """Refuse to delete what something else names.

    Raises:
        CloudError: 400, with who does.
    """
    if record.type not in _HELD:
        return
    inside = f"{record.key}/"
    for other in world.store.everything():
        if other.key == record.key or other.key.startswith(inside):
            continue
        for one in _referred(other.body.get("properties") or {}):
            if f"{one.lower()}/".startswith(inside):
                text = f"{record.id} is in use by {other.id} and cannot be deleted."
                raise CloudError(400, _USED.get(record.type, "InUseCannotBeDeleted"), text)


_USED = {SUBNETS: "InUseSubnetCannotBeDeleted", GROUPS: "InUseNetworkSecurityGroupCannotBeDeleted"}


def _delete(world: World, call: Call) -> Answer:
    record = world.store.get(call.at.id)
    if record is not None:
        refuse_used(world, record)
        if record.type == ZONES and any(world.store.children(record.id, LINKS)):
            text = f"Can not delete resource '{record.id}' before nested resources are deleted."
            raise CloudError(409, "CannotDeleteResource", text)
    return standard.delete(world, call)


def _put_zone(world: World, call: Call) -> Answer:
    if call.body.get("location", "").lower() != "global":
        text = f"The location of a private zone is `global`, not {call.body.get('location')}."
        raise CloudError(400, "LocationNotAvailableForResourceType", text)
    return standard.put(world, call)


def _put_link(world: World, call: Call) -> Answer:
    _require_referred(world, call)
    network = ((call.body.get("properties") or {}).get("virtualNetwork") or {}).get("id", "")
    for other in world.store.children(parent(call.at.id), LINKS):
        have = (other.properties.get("virtualNetwork") or {}).get("id", "")
        if have.lower() == network.lower() and other.key != call.at.key:
            text = f"A virtual network cannot be linked twice to a zone: {network}."
            raise CloudError(409, "Conflict", text)

    def made(record: Record) -> None:
        record.properties["virtualNetworkLinkState"] = "Completed"

    return standard.put(world, call, made=made)


_TYPES = (NETWORKS, SUBNETS, GROUPS, RULES, ENDPOINTS, ZONE_GROUPS, f"{_NET}/natGateways")

PARTS = (
    Part(
        "networks",
        {
            **{f"{one}.put": _put for one in _TYPES},
            **{f"{one}.delete": _delete for one in (*_HELD, ENDPOINTS)},
            **{f"{one}.get": _get for one in _INNER},
            **{f"{one}.list": _list for one in _INNER},
            f"{ZONES}.put": _put_zone,
            f"{LINKS}.put": _put_link,
        },
        "what something names is there, and stays while it is named; parts that a body lists are"
        " resources of their own",
    ),
)
