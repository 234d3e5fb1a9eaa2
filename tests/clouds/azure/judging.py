"""Requests judged by Azure's own descriptions before anything sees them.

Azure ML's bodies are judged by the REST models that ship with `azure-ai-ml`, the others by the
argument classes of azure-native, which are made from Azure's OpenAPI documents. Members that only
the service sets are passed over, as Azure does: clients send back what they read.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.clouds.azure import kinds
from tests.clouds.azure.calls import Body, Call, CloudError
from tests.clouds.azure.kinds import Kind
from tests.clouds.azure.plugins.rows import Row
from tests.clouds.azure.plugins.tables import ROWS
from tests.contract.walkers import arm, azure_tables, sdk
from tests.contract.walkers.finding import Finding, Rule, join
from tests.contract.walkers.rules import Check
from tests.contract.walkers.shape import Kind as Form
from tests.contract.walkers.shape import Shape
from tests.contract.walkers.walk import walk

_OWN = frozenset({"etag", "eTag", "id", "name", "systemData", "type"})
_PASSED = frozenset({Rule.READ_ONLY, Rule.DEPRECATED, Rule.OPAQUE})
_TOLD = frozenset(
    {"principalId", "tenantId", "clientId", "provisioningState", "etag", "systemData"}
)
"""What is told in any resource, and comes back from clients that change what they read."""
_SENT = frozenset({"properties.properties.hash_version"})
"""What azure-ai-ml writes otherwise than its own model says."""


def judge(call: Call, body: Body, before: Body | None = None) -> None:
    """Refuse a resource that breaks its type's description.

    Args:
        call: the request.
        body: the resource as it is to be.
        before: the resource as it is; what it tells already is not held against a client.

    Raises:
        CloudError: 400, with every rule that is broken.
    """
    kind = kinds.find(call.at.kind)
    assert kind is not None
    found = [
        one
        for one in [*_named(call, kind), *_findings(kind, body)]
        if one.rule not in _PASSED and one.path not in _SENT and not _was_told(one, before)
    ]
    if found:
        details = [
            {"code": str(one.rule), "message": str(one), "target": one.path} for one in found
        ]
        text = "; ".join(f"`{one.path}`: {one.message}" for one in found)
        raise CloudError(400, "InvalidRequestContent", f"`{kind.type}`: {text}", details=details)


def _findings(kind: Kind, body: Body) -> Iterator[Finding]:
    content = {key: value for key, value in body.items() if key not in _OWN}
    if kind.model:
        # The SDK's model of a location, a kind and the like is the resource's own.
        yield from walk(arm.model_shape(kind.model), content)
    elif kind.token:
        row = ROWS[kind.token]
        shape = sdk.inputs_shape(kind.token)
        lifted = _lifted(content, shape, row, "")
        yield from (one for one in walk(shape, lifted) if not _is_apart(one, row))


def _is_apart(finding: Finding, row: Row) -> bool:
    """Tell whether something stands in the path, or is written otherwise by azure-native."""
    if finding.rule is Rule.REQUIRED and finding.path in row.parameters:
        return True
    return finding.path.startswith("identity.userAssignedIdentities")


def _was_told(finding: Finding, before: Body | None) -> bool:
    last = finding.path.rpartition(".")[2].partition("[")[0]
    if finding.rule is Rule.UNKNOWN and last in _TOLD:
        return True
    if finding.rule is Rule.TYPE and finding.path.startswith("properties.properties."):
        # azure-ai-ml itself sends numbers (`hash_version`) where its own model has strings.
        return isinstance(finding.value, int)
    if finding.rule is not Rule.UNKNOWN or before is None:
        return False
    return any(one == finding.value for one in _values(before, last))


def _values(body: Any, name: str) -> Iterator[Any]:
    """Yield what stands under a name anywhere in a body."""
    if isinstance(body, list):
        for item in body:
            yield from _values(item, name)
    elif isinstance(body, dict):
        for key, item in body.items():
            if key == name:
                yield item
            yield from _values(item, name)


def _lifted(value: Any, shape: Shape, row: Row, place: str) -> Any:
    """Return a body as azure-native's arguments have it: without `properties` in between."""
    if isinstance(value, list) and shape.kind is Form.LIST and shape.item:
        return [_lifted(item, shape.item(), row, f"{place}[]") for item in value]
    if isinstance(value, dict) and shape.kind is Form.MAP and shape.item:
        return {
            key: _lifted(item, shape.item(), row, join(place, key)) for key, item in value.items()
        }
    if not isinstance(value, dict) or shape.kind is not Form.OBJECT:
        return value
    inner = _chosen(shape, value)
    if inner is None:
        return value
    if "properties" not in inner.members and isinstance(value.get("properties"), Mapping):
        beside = {key: item for key, item in value.items() if key != "properties"}
        value = {**value["properties"], **beside}
    return dict(_member(key, item, inner, row, place) for key, item in value.items())


def _member(key: str, value: Any, shape: Shape, row: Row, place: str) -> tuple[str, Any]:
    name = _input(row, place, key)
    # Some of Azure's names are written in capitals that azure-native has not.
    name = name if name in shape.members else shape.folded.get(name.lower(), name)
    member = shape.members.get(name)
    return name, _lifted(value, member.shape, row, join(place, name)) if member else value


def _input(row: Row, place: str, key: str) -> str:
    for at, name in row.names.items():
        above, _, own = at.rpartition(".")
        if above == place and name.lower() == key.lower():
            return own
    return key


def _chosen(shape: Shape, value: Mapping[str, Any]) -> Shape | None:
    if not shape.choices:
        return shape
    found = shape.choices.get(str(value.get(shape.discriminator)))
    return found() if found else None


def _named(call: Call, kind: Kind) -> Iterator[Finding]:
    """Judge the name by the rules of names."""
    token = kind.token or f"{azure_tables.ML}{_resource(kind)}"
    row = ROWS.get(token)
    rules: Mapping[str, Check] = azure_tables.CHECKS.get(token, {})
    if row is None:
        return
    inputs = {**row.named(call.at.id)}
    for name, check in {**rules}.items():
        if name in inputs and name in row.parameters:
            yield from check(inputs[name], name)


def _resource(kind: Kind) -> str:
    return {"ComputeResource": "Compute", "DataVersionBase": "DataVersion", "JobBase": "Job"}.get(
        kind.model, kind.model
    )
