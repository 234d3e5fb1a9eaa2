"""Storage accounts, as Azure Resource Manager has them."""

from tests.clouds.azure import marks, rules, standard
from tests.clouds.azure.calls import Answer, Body, Call, CloudError, not_found
from tests.clouds.azure.ids import part
from tests.clouds.azure.parts import Part
from tests.clouds.azure.services import accounts, blob_store, table_store
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

TYPE = "Microsoft.Storage/storageAccounts"
CONTAINERS = f"{TYPE}/blobServices/containers"
TABLES = f"{TYPE}/tableServices/tables"
_SERVICES = ("blobServices", "fileServices", "queueServices", "tableServices")
_PLACES = {"blob": "blob", "table": "table", "dfs": "blob", "file": "file", "queue": "queue"}


def _put(world: World, call: Call) -> Answer:
    if not (call.body.get("sku") or {}).get("name") or not call.body.get("kind"):
        raise CloudError(400, "InvalidRequestPropertyName", "`sku.name` and `kind` are required.")

    def made(record: Record) -> None:
        name = record.name
        places = {kind: f"{world.address}/{at}/{name}/" for kind, at in _PLACES.items()}
        properties = record.properties
        properties |= {"primaryEndpoints": places, "primaryLocation": record.body["location"]}
        properties["statusOfPrimary"] = "available"
        marks.keep_first(world, record, creationTime=world.clock.stamp())
        record.body["sku"].setdefault("tier", record.body["sku"]["name"].partition("_")[0])
        for service in _SERVICES:
            _have(world, f"{record.id}/{service}/default", f"{TYPE}/{service}")

    return standard.put(world, call, made=made)


def _have(world: World, own: str, type_: str) -> None:
    if world.store.get(own) is None:
        world.store.add(Record(own, type_, {"properties": {}}))


def _list_keys(world: World, call: Call) -> Body:
    record = rules.found(world, call)
    keys = [
        {"keyName": name, "value": accounts.key_of(record.name), "permissions": "FULL"}
        for name in ("key1", "key2")
    ]
    return {"keys": keys}


def _check_name(world: World, call: Call) -> Body:
    taken = any(
        one.name.lower() == str(call.body.get("name", "")).lower()
        for one in world.store.of_type(TYPE)
    )
    text = f"The storage account named {call.body.get('name')} is already taken."
    why = {"reason": "AlreadyExists", "message": text}
    return {"nameAvailable": not taken, **(why if taken else {})}


def _require_service(world: World, call: Call) -> None:
    account = call.at.id.partition(f"/{call.at.type.split('/')[2]}/")[0]
    if world.store.get(account) is None:
        raise not_found("", f"The storage account `{account}` was not found.")


def _put_container(world: World, call: Call) -> Answer:
    _require_service(world, call)

    def made(record: Record) -> None:
        record.properties.setdefault("publicAccess", "None")
        record.properties |= {"leaseState": "Available", "leaseStatus": "Unlocked"}

    return standard.put(world, call, made=made)


def _put_table(world: World, call: Call) -> Answer:
    _require_service(world, call)

    def made(record: Record) -> None:
        record.properties["tableName"] = record.name

    return standard.put(world, call, made=made)


def _drop_container(world: World, record: Record) -> None:
    account = part(record.id, "storageAccounts")
    blob_store.shelf(world).drop_container(account, record.name)


def _drop_table(world: World, record: Record) -> None:
    table_store.tables(world).drop(part(record.id, "storageAccounts"), record.name)


def _policy(world: World, call: Call) -> Answer:
    if call.at.name != "default":
        raise CloudError(400, "InvalidResourceName", "A management policy is named `default`.")
    return standard.put(world, call)


PARTS = (
    Part(
        "storage accounts",
        {
            f"{TYPE}.put": _put,
            f"{TYPE}.listKeys": _list_keys,
            "Microsoft.Storage/checkNameAvailability.post": _check_name,
            f"{TYPE}/managementPolicies.put": _policy,
        },
        "a name is one account's; the services of blobs and tables are always there",
    ),
    Part(
        "containers and tables",
        {f"{CONTAINERS}.put": _put_container, f"{TABLES}.put": _put_table},
        "are those of the data planes; what they hold goes with them",
        {CONTAINERS: _drop_container, TABLES: _drop_table},
    ),
)
