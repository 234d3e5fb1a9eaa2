"""Container registries."""

from tests.clouds.azure import marks, standard
from tests.clouds.azure.calls import Answer, Body, Call, CloudError
from tests.clouds.azure.parts import Part
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

TYPE = "Microsoft.ContainerRegistry/registries"


def _put(world: World, call: Call) -> Answer:
    asked = call.body.get("properties") or {}
    tier = (call.body.get("sku") or {}).get("name")
    encrypted = (asked.get("encryption") or {}).get("status") == "enabled"
    closed = asked.get("publicNetworkAccess") == "Disabled"
    if tier != "Premium" and (encrypted or closed or asked.get("networkRuleSet")):
        text = f"Customer keys and network rules are of registries of tier Premium, not {tier}."
        raise CloudError(400, "FeatureNotSupportedForSku", text)

    def made(record: Record) -> None:
        record.properties["loginServer"] = f"{record.name.lower()}.azurecr.io"
        marks.keep_first(world, record, creationDate=world.clock.stamp())
        record.properties.setdefault("adminUserEnabled", False)
        record.body["sku"]["tier"] = record.body["sku"]["name"]

    return standard.put(world, call, made=made)


def _check_name(world: World, call: Call) -> Body:
    name = str(call.body.get("name", "")).lower()
    taken = any(one.name.lower() == name for one in world.store.of_type(TYPE))
    why = {"reason": "AlreadyExists", "message": f"The registry {name} is already in use."}
    return {"nameAvailable": not taken, **(why if taken else {})}


PARTS = (
    Part(
        "registries",
        {
            f"{TYPE}.put": _put,
            "Microsoft.ContainerRegistry/checkNameAvailability.post": _check_name,
        },
        "a name is one registry's; customer keys and closed networks want tier Premium",
    ),
)
