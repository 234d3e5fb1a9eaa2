"""Azure ML's workspaces, which stay deleted for a while, and their datastores and computes.

https://learn.microsoft.com/azure/machine-learning/concept-soft-delete
"""

import copy
import uuid
from datetime import timedelta
from functools import partial

from tests.clouds.azure import lro, marks, rules, standard
from tests.clouds.azure.calls import Answer, Body, Call, CloudError, conflict, invalid
from tests.clouds.azure.ids import parse, part
from tests.clouds.azure.kinds import WORKSPACES
from tests.clouds.azure.parts import Part
from tests.clouds.azure.services import accounts
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World
from tests.clouds.clock import stamp

COMPUTES, DATASTORES = f"{WORKSPACES}/computes", f"{WORKSPACES}/datastores"
_CONTAINERS = "Microsoft.Storage/storageAccounts/blobServices/containers"
_KEPT = timedelta(days=14)
_SPACE = uuid.UUID("6f3c9f57-0d5e-4c43-8a5e-7d2f41c6a004")
_NEEDED = {
    "storageAccount": "Microsoft.Storage/storageAccounts",
    "keyVault": "Microsoft.KeyVault/vaults",
    "applicationInsights": "Microsoft.Insights/components",
    "containerRegistry": "Microsoft.ContainerRegistry/registries",
}


def deleted(world: World) -> dict[str, str]:
    """Return until when the ids of deleted workspaces are taken."""
    kept: dict[str, str] = world.state("deleted workspaces", dict[str, str])
    now = world.clock.stamp()
    for key in [one for one, until in kept.items() if until <= now]:
        del kept[key]
    return kept


def _put(world: World, call: Call) -> Answer:
    if call.at.key in deleted(world):
        raise conflict(
            f"Workspace '{call.at.name}' was soft-deleted and its name is reserved. Recover it, "
            "or delete it permanently (forceToPurge) to use the name again.",
            "SoftDeletedWorkspaceExists",
        )
    _require_neighbours(world, call.body.get("properties") or {})
    _require_name(world, call)
    if world.store.get(call.at.id) is None and not (call.body.get("identity") or {}).get("type"):
        raise invalid("A workspace needs an `identity`.", "ValidationError")

    def made(record: Record) -> None:
        _complete(world, record)

    answer = standard.put(world, call, made=made)
    _have_datastores(world, world.find(call.at.id))
    return answer


def _require_name(world: World, call: Call) -> None:
    """Azure ML has the names of a group in any case, once."""
    for record in world.store.of_type(WORKSPACES):
        if record.key == call.at.key and record.id != call.at.id:
            call.at = parse(record.id)


def _require_neighbours(world: World, asked: Body) -> None:
    for member, type_ in _NEEDED.items():
        wanted = asked.get(member)
        found = world.store.get(wanted) if wanted else None
        if wanted and (found is None or found.type != type_):
            text = f"The `{member}` '{wanted}' of the workspace is not there."
            raise CloudError(400, "ValidationError", text)


def _complete(world: World, record: Record) -> None:
    record.body.setdefault("kind", "Default")
    record.body.setdefault("sku", {"name": "Basic", "tier": "Basic"})
    region = record.body["location"]
    properties = record.properties
    own = str(uuid.uuid5(_SPACE, record.key))
    host = world.address.removeprefix("https://")
    properties |= {
        "workspaceId": own,
        "tenantId": world.tenant,
        "discoveryUrl": f"{world.address}/mlflow/discovery",
        "mlFlowTrackingUri": f"azureml://{host}/mlflow/v1.0{record.id}",
        "privateLinkCount": 0,
        "storageHnsEnabled": False,
        "notebookInfo": {
            "fqdn": f"{own}.{region}.notebooks.azure.net",
            "isPrivateLinkEnabled": False,
        },
    }
    properties.setdefault("publicNetworkAccess", "Enabled")
    properties.setdefault("hbiWorkspace", False)


def _have_datastores(world: World, record: Record) -> None:
    """Make the datastore that each workspace has, and its container."""
    account = record.properties.get("storageAccount")
    own = f"{record.id}/datastores/workspaceblobstore"
    if not account or world.store.get(own) is not None:
        return
    container = f"azureml-blobstore-{record.properties['workspaceId']}"
    place = f"{account}/blobServices/default/containers/{container}"
    if world.store.get(place) is None:
        world.store.add(Record(place, _CONTAINERS, {"properties": {"publicAccess": "None"}}))
    keyless = record.properties.get("systemDatastoresAuthMode") == "identity"
    properties: Body = {
        "datastoreType": "AzureBlob",
        "accountName": part(account, "storageAccounts"),
        "containerName": container,
        "endpoint": "core.windows.net",
        "protocol": "https",
        "isDefault": True,
        "credentials": {"credentialsType": "None" if keyless else "AccountKey"},
        "serviceDataAccessAuthIdentity": "None",
    }
    world.store.add(Record(own, DATASTORES, {"properties": properties}))


def _delete(world: World, call: Call) -> Answer:
    purge = call.text("forceToPurge").lower() == "true"
    if world.store.get(call.at.id) is None and call.at.key in deleted(world):
        if not purge:
            return Answer(204)
        operation = lro.begin(world, call, call.at.id, partial(_purge, world, call.at.key))
        return lro.accepted(world, call, operation)

    def effect() -> None:
        standard.remove(world, call.at.id)
        if purge:
            deleted(world).pop(call.at.key, None)

    return standard.delete(world, call, effect=effect)


def _purge(world: World, key: str) -> None:
    deleted(world).pop(key, None)


def _went(world: World, record: Record) -> None:
    deleted(world)[record.key] = stamp(world.clock.now() + _KEPT)


def _list_keys(world: World, call: Call) -> Body:
    record = rules.found(world, call)
    account = record.properties.get("storageAccount", "")
    told = {"userStorageArmId": account, "userStorageResourceId": account}
    return {**told, "userStorageKey": accounts.key_of(part(account, "storageAccounts"))}


def _put_datastore(world: World, call: Call) -> Answer:
    asked = call.body.get("properties") or {}
    kind = asked.get("datastoreType")

    def made(record: Record) -> None:
        secrets = (record.properties.get("credentials") or {}).pop("secrets", None)
        record.hidden["secrets"] = secrets
        record.properties.setdefault("isDefault", False)
        if kind == "AzureBlob":
            record.properties.setdefault("endpoint", "core.windows.net")
            record.properties.setdefault("protocol", "https")

    return standard.put(world, call, made=made)


def _datastore_secrets(world: World, call: Call) -> Body:
    record = rules.found(world, call)
    kind = record.properties["credentials"]["credentialsType"]
    if kind == "None":
        raise invalid("No secrets for credentials of type None.", "UserError")
    name = record.properties.get("accountName", "")
    told = record.hidden.get("secrets") or {"key": accounts.key_of(name)}
    return {"secretsType": kind, **copy.deepcopy(told)}


def _put_compute(world: World, call: Call) -> Answer:
    def made(record: Record) -> None:
        now = world.clock.stamp()
        record.properties |= {"modifiedOn": now, "isAttachedCompute": False}
        marks.keep_first(world, record, createdOn=now)
        inner = record.properties.get("properties")
        if isinstance(inner, dict):
            inner |= {"allocationState": "Steady", "currentNodeCount": 0, "targetNodeCount": 0}

    return standard.put(world, call, made=made)


def _quiet(world: World, call: Call) -> Answer:
    rules.found(world, call)
    return Answer(200)


PARTS = (
    Part(
        "workspaces",
        {
            f"{WORKSPACES}.put": _put,
            f"{WORKSPACES}.delete": _delete,
            f"{WORKSPACES}.listKeys": _list_keys,
            f"{WORKSPACES}.resyncKeys": _quiet,
        },
        "what they need is there; a deleted one keeps its name for 14 days, or until it is deleted"
        " with `forceToPurge`; storage, vault and encryption stay",
        {WORKSPACES: _went},
    ),
    Part(
        "datastores",
        {f"{DATASTORES}.put": _put_datastore, f"{DATASTORES}.listSecrets": _datastore_secrets},
        "secrets are only told by `listSecrets`; each workspace has `workspaceblobstore`",
    ),
    Part("computes", {f"{COMPUTES}.put": _put_compute}, "have no nodes until a job needs them"),
)
