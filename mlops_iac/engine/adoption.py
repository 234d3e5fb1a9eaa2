"""Taking up what a killed run made with an official plugin, and did not record.

Our own plugin adopts by itself. The official ones do not: the next `up` would be refused because
the thing exists, or would make a second one. `pulumi refresh --import-pending-creates` clears the
operation without reading the resource (Pulumi 3.250), so the resource is written into the state
with the id that the target's provider tells, and then read: what was never made goes out again.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_iac.discovery import providers
from mlops_iac.engine.automation import Engine
from mlops_iac.engine.errors import EngineError
from mlops_iac.provider import load

Resource = Mapping[str, Any]


def adopt(engine: Engine, document: Mapping[str, Any]) -> Sequence[str]:
    """Take up the pending creations in an exported state; return the URNs of what there was.

    Every pending operation of the state is cleared by it.

    Raises:
        EngineError: the cloud could not be asked; the state is as it was, without the operations.
    """
    made = tuple(_made(document["deployment"]))
    if not made:
        return ()
    wanted = [resource["urn"] for resource in made]
    _import(engine, _with(document, made))
    try:
        engine.refresh(targets=wanted)
    except EngineError:
        _import(engine, document)
        raise
    known = {resource["urn"] for resource in engine.export()["deployment"]["resources"]}
    return [urn for urn in wanted if urn in known]


def _made(deployment: Mapping[str, Any]) -> "list[Resource]":
    """Return what may have been made, each with its id."""
    known = {resource["urn"]: resource for resource in deployment.get("resources") or ()}
    found: list[Resource] = []
    for operation in deployment.get("pending_operations") or ():
        resource = operation["resource"]
        # A replacement that was under way stands beside what it replaces: `up` does it again.
        if operation["type"] == "creating" and resource["urn"] not in known:
            identity = _identity(resource, known)
            if identity is not None:
                found.append({**resource, "id": identity})
    return found


def _identity(resource: Resource, known: Mapping[str, Resource]) -> str | None:
    by, _, _ = resource.get("provider", "").rpartition("::")
    if by not in known:
        return None
    arguments = resource["type"], resource.get("inputs") or {}, known[by].get("inputs") or {}
    told = (load(p.made_id)(*arguments) for p in providers().values() if p.made_id is not None)
    return next((identity for identity in told if identity), None)


def _with(document: Mapping[str, Any], made: Sequence[Resource]) -> Mapping[str, Any]:
    deployment = document["deployment"]
    resources = [*(deployment.get("resources") or ()), *made]
    kept = {key: value for key, value in deployment.items() if key != "pending_operations"}
    return {**document, "deployment": {**kept, "resources": resources}}


def _import(engine: Engine, document: Mapping[str, Any]) -> None:
    # The import itself drops every pending operation.
    engine.call("stack", "import", "--stack", engine.stack, text=json.dumps(document))
