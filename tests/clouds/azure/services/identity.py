"""Managed identities that have a resource of their own."""

from tests.clouds.azure import standard
from tests.clouds.azure.calls import Answer, Call
from tests.clouds.azure.parts import Part
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"


def _put(world: World, call: Call) -> Answer:
    def made(record: Record) -> None:
        own = world.identities.of(record.id) or world.identities.make(record.id)
        names = {"principalId": own.principal, "clientId": own.client, "tenantId": world.tenant}
        record.body["properties"] = names

    return standard.put(world, call, made=made)


PARTS = (
    Part(
        "managed identities",
        {f"{TYPE}.put": _put},
        "a principal and a client id; one that is made again is somebody else; a machine gets"
        " tokens of those that it has",
    ),
)
