"""A plan on Azure as resources of Azure Resource Manager, and as a template. Not a test.

Bodies and ids are those that the stand-in plugin sends. Requests of custom resources stand for
resources too: each by its address in the plan, since what it names is known only later.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from mlops_iac.testing import UNKNOWN, Registration
from tests.clouds.azure.plugins.bodies import Bodies
from tests.clouds.azure.plugins.tables import ROWS
from tests.judges.azure_policy import Resource
from tests.judges.steps import requests
from tests.providers.azure.harness import SUBSCRIPTION

NATIVE = "azure-native:"
DATA_PLANE = frozenset({"azure-native:storage:Blob"})
"""Types that no part of Azure Resource Manager is."""
_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_PRIVATE_ENDPOINT = "Microsoft.Network/privateEndpoints"
WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
_TOP = ("location", "kind", "sku", "identity", "tags", "zones", "properties")
_API_VERSION = "2025-12-01"
"""Checkov reads none of them; a template names one."""


def resources(registered: Iterable[Registration]) -> list[Resource]:
    """Return what a plan registers, as Azure has it once it is made."""
    found = [made for each in registered for made in _made(each)]
    return [more for each in found for more in _connected(each, found)]


def template(registered: Iterable[Registration]) -> str:
    """Return a plan as a template: JSON."""
    entries = [
        {
            "type": each["type"],
            "apiVersion": _API_VERSION,
            "name": each["name"],
            **{key: each[key] for key in _TOP if key in each},
        }
        for each in resources(registered)
    ]
    return json.dumps({"$schema": _SCHEMA, "contentVersion": "1.0.0.0", "resources": entries})


def arm_type(token: str) -> str:
    """Return the type that Azure has for a type of Pulumi's."""
    return _type_of(ROWS[token].path)


def _made(registered: Registration) -> Iterator[dict[str, Any]]:
    if registered.type.startswith(NATIVE) and registered.type not in DATA_PLANE:
        row = ROWS[registered.type]
        known = cast("dict[str, Any]", _plain(registered.inputs))
        resource_id = row.id(known, SUBSCRIPTION)
        body = Bodies(registered.type, row).body(known)
        yield {**body, "id": resource_id, "type": _type_of(row.path), "name": _name_of(resource_id)}
    for call in requests(registered):
        verb, _, kind = call.operation.partition(" ")
        if verb in {"PUT", "PATCH"}:
            body = cast("dict[str, Any]", _plain(call.body))
            yield {**body, "id": call.address, "type": kind, "name": call.address}


def _name_of(resource_id: str) -> str:
    """Return the name in a template: the names of all that it is in, too."""
    _, _, tail = resource_id.rpartition("/providers/")
    return "/".join(tail.split("/")[2::2])


def _type_of(path: str) -> str:
    """Return the type that a path of names is of."""
    _, _, tail = path.rpartition("/providers/")
    steps = tail.split("/")
    if "/providers/" not in path:
        return "Microsoft.Resources/resourceGroups"
    return "/".join([steps[0], *(step for step in steps[1::2])])


def _connected(resource: Resource, all_of_them: Iterable[Resource]) -> Iterator[Resource]:
    """Yield a resource, and the connections that private endpoints make with a workspace.

    https://learn.microsoft.com/azure/private-link/private-endpoint-overview#access-to-a-private-link-resource-using-approval-workflow
    """
    if resource["type"] != WORKSPACE:
        yield resource
        return
    asked = (
        connection
        for each in all_of_them
        if each["type"] == _PRIVATE_ENDPOINT
        for connection in each["properties"]["privateLinkServiceConnections"]
    )
    approved = {"privateLinkServiceConnectionState": {"status": "Approved"}}
    made = [one for one in asked if _inside(one)["privateLinkServiceId"] == resource["id"]]
    yield {
        **resource,
        "properties": {
            **resource["properties"],
            "privateEndpointConnections": [approved] * len(made),
        },
    }
    kind = f"{WORKSPACE}/privateEndpointConnections"
    for one in made:
        name = one["name"]
        made_id = f"{resource['id']}/privateEndpointConnections/{name}"
        yield {"type": kind, "id": made_id, "name": name, "properties": approved}


def _inside(connection: Mapping[str, Any]) -> Mapping[str, Any]:
    return connection.get("properties") or connection


def _plain(value: Any) -> Any:
    """Return a value with text in the place of what is known only later."""
    if value == UNKNOWN:
        return "known-after-apply"
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    # A template takes text that begins with a bracket for an expression.
    return re.sub(r"^\[", "[[", value) if isinstance(value, str) else value
