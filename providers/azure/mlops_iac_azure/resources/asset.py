"""`mlops-iac:azure:Asset`: one immutable version of code, data, environment, component or model.

A version's name is the hash of its content, so what is there under that name *is* what is wished:
ours is adopted, somebody else's is refused. Azure ML deletes no version that a run names; ours is
archived instead, and taken out of the archive when it is wished again.
https://learn.microsoft.com/azure/machine-learning/how-to-manage-workspace-assets (archive)
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Mapping
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, InputFailure, Properties
from mlops_iac_azure import lro, rest
from mlops_iac_azure.errors import NotOursError
from mlops_iac_azure.faults import found
from mlops_iac_azure.session import Place, place_of

KINDS = ("codes", "components", "data", "environments", "models")
"""Collections of the workspace whose versions are assets."""
PROJECT, STACK, CONTENT = "mlops-iac-project", "mlops-iac-stack", "mlops-iac-content"
"""Tags by which a version is ours, and tells what it holds."""
_ARCHIVED = "isArchived"
_MUTABLE = frozenset({"description", "tags", _ARCHIVED})


class AssetHandler(Handler):
    """Makes, adopts and archives one version."""

    token = "mlops-iac:azure:Asset"  # noqa: S105
    replace_on = frozenset({"asset", "name", "version"})
    stable_outputs = frozenset({"asset", "name", "version", "path"})

    def check(self, inputs: Properties) -> tuple[InputFailure, ...]:
        """Refuse a collection that has no versions."""
        if inputs.get("asset", KINDS[0]) in KINDS:
            return ()
        reason = f"one of {', '.join(KINDS)}"
        return (InputFailure(property="asset", reason=reason),)

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Make the version, or adopt the one of the same content.

        Raises:
            NotOursError: somebody else has made a version of that name.
        """
        where = place_of(call.config)
        path = _path(where, inputs)
        there = found(rest.call, where, "GET", path, pause=call.wait)
        if there is not None:
            _refuse_foreign(there, inputs)
        if there is None or not _is_same(there, inputs):
            call.journal("create", asset=inputs["asset"], version=inputs["version"])
            there = _put(where, path, inputs, call)
        return str(there["id"]), _state(inputs, there)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the version as it is; an archived one is gone."""
        there = found(rest.call, place_of(call.config), "GET", resource_id, pause=call.wait)
        if there is None or there["properties"].get(_ARCHIVED):
            return None
        inputs = _declared(state) or _imported(there)
        return Existing(id=resource_id, state=_state(inputs, there), inputs=inputs)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Write description and tags anew: a version's content never changes."""
        return _state(inputs, _put(place_of(call.config), resource_id, inputs, call))

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Archive the version; one that is gone with its workspace is fine."""
        where = place_of(call.config)
        there = found(rest.call, where, "GET", resource_id, pause=call.wait)
        if there is None or there["properties"].get(_ARCHIVED):
            return
        body = {"properties": {**_sendable(there["properties"]), _ARCHIVED: True}}
        lro.run(where, "PUT", resource_id, body, pause=call.wait, doing=f"archive {resource_id}")


def _put(where: Place, path: str, inputs: Properties, call: Call) -> dict[str, Any]:
    doing = f"make {inputs['asset']} `{inputs['name']}`"
    body = {"properties": {**inputs["properties"], **_own(inputs), _ARCHIVED: False}}
    return lro.run(where, "PUT", path, body, pause=call.wait, log=call.log, doing=doing)


def _own(inputs: Properties) -> dict[str, Any]:
    told = {"tags": {**(inputs.get("tags") or {}), CONTENT: inputs["version"]}}
    if inputs.get("description"):
        told["description"] = inputs["description"]
    return told


def _refuse_foreign(there: Mapping[str, Any], inputs: Properties) -> None:
    tags = there["properties"].get("tags") or {}
    wished = inputs.get("tags") or {}
    strange = [key for key in (PROJECT, STACK) if tags.get(key) != wished.get(key)]
    if strange:
        owner = "/".join(str(tags.get(key, "nobody")) for key in (PROJECT, STACK))
        raise NotOursError(
            f"version {inputs['version']} of `{inputs['name']}` is `{owner}`'s",
            remedy="archive it in the studio, or rename the component",
        )


def _is_same(there: Mapping[str, Any], inputs: Properties) -> bool:
    properties = there["properties"]
    own = _own(inputs)
    return (
        not properties.get(_ARCHIVED)
        and properties.get("tags") == own["tags"]
        and (properties.get("description") or None) == own.get("description")
    )


def _path(where: Place, inputs: Properties) -> str:
    types = f"{inputs['asset']}/versions"
    return where.in_workspace(types, inputs["name"], inputs["version"])


def _sendable(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a version may be sent with: what Azure ML writes itself is left out."""
    written = {"provisioningState", "systemMetadata"}
    return {key: value for key, value in properties.items() if key not in written}


def _imported(there: Mapping[str, Any]) -> dict[str, Any]:
    *_, asset, name, _, version = there["id"].split("/")
    properties = there["properties"]
    content = {key: value for key, value in properties.items() if key not in _MUTABLE}
    tags = {key: value for key, value in (properties.get("tags") or {}).items() if key != CONTENT}
    return {
        "asset": asset,
        "name": name,
        "version": version,
        "properties": _sendable(content),
        "description": properties.get("description"),
        "tags": tags,
    }


def _declared(state: Properties) -> dict[str, Any]:
    return {key: value for key, value in state.items() if key != "path"}


def _state(inputs: Properties, there: Mapping[str, Any]) -> dict[str, Any]:
    return {**inputs, "path": str(there["id"])}
