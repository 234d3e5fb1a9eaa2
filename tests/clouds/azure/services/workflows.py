"""Logic Apps: their triggers' addresses and their runs; what a run does is the work's.

https://learn.microsoft.com/rest/api/logic. Limits: request triggers, and triggers run by hand;
nothing but the signature in an address is judged.
"""

import hashlib
import json
from typing import Any
from urllib.parse import quote

from tests.clouds.azure.calls import Answer, Body, Call, CloudError, Deferred, invalid
from tests.clouds.azure.parts import Part
from tests.clouds.azure.services import planes, workflow_runs
from tests.clouds.azure.services.planes import Asked, Operation, Refusal
from tests.clouds.azure.services.workflow_runs import WORKFLOW
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

_TRIGGER = f"{WORKFLOW}/triggers"


def _definition(workflow: Record) -> Body:
    return workflow.properties.get("definition") or {}


def _trigger(workflow: Record, name: str) -> Body:
    found = (_definition(workflow).get("triggers") or {}).get(name)
    if found is None:
        text = f"The workflow '{workflow.name}' trigger '{name}' could not be found."
        raise CloudError(404, "WorkflowTriggerNotFound", text)
    return found


def _number(workflow: Record) -> str:
    """Return the workflow's name in its address: another one after it was made anew."""
    made = workflow.hidden.setdefault("address", workflow.body.get("systemData", {}))
    told_ = json.dumps([workflow.key, made], sort_keys=True, default=str)
    return hashlib.sha256(told_.encode()).hexdigest()[:32]


def _signature(workflow: Record, trigger: str) -> str:
    return hashlib.sha256(f"signed {_number(workflow)} {trigger}".encode()).hexdigest()[:43]


def address(world: World, workflow: Record, trigger: str) -> str:
    """Return a trigger's address: whoever knows it may set it off."""
    return f"{_base(world, workflow, trigger)}?{_query(workflow, trigger)}"


def _base(world: World, workflow: Record, trigger: str) -> str:
    path = f"workflows/{_number(workflow)}/triggers/{quote(trigger)}/paths/invoke"
    return f"{world.address}/logic/{path}"


def _queries(workflow: Record, trigger: str) -> dict[str, str]:
    told_ = {"api-version": "2016-10-01", "sp": f"/triggers/{trigger}/run", "sv": "1.0"}
    return {**told_, "sig": _signature(workflow, trigger)}


def _query(workflow: Record, trigger: str) -> str:
    pairs = _queries(workflow, trigger).items()
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)


def _callback(world: World, call: Call) -> Body:
    workflow, name = _asked_for(world, call)
    method = (_trigger(workflow, name).get("inputs") or {}).get("method", "POST")
    return {
        "value": address(world, workflow, name),
        "method": method.upper(),
        "basePath": _base(world, workflow, name),
        "queries": _queries(workflow, name),
    }


def _asked_for(world: World, call: Call) -> tuple[Record, str]:
    workflow = world.find(call.at.id.rpartition("/triggers/")[0])
    return workflow, call.at.name


def _run_by_hand(world: World, call: Call) -> Answer:
    workflow, name = _asked_for(world, call)
    _trigger(workflow, name)
    run = workflow_runs.start(world, workflow, name, call.body, call.request.headers)
    return Answer(202, b"", {"x-ms-workflow-run-id": run.name})


def _triggers(world: World, call: Call) -> Body:
    workflow = world.find(call.at.id)
    names = _definition(workflow).get("triggers") or {}
    return {"value": [_shown(workflow, name) for name in names]}


def _show_trigger(world: World, call: Call) -> Body:
    workflow, name = _asked_for(world, call)
    _trigger(workflow, name)
    return _shown(workflow, name)


def _shown(workflow: Record, name: str) -> Body:
    own: Body = {"state": _state(workflow), "provisioningState": "Succeeded"}
    own["workflow"] = {"id": workflow.id, "name": workflow.name}
    return {
        "id": f"{workflow.id}/triggers/{name}",
        "name": name,
        "type": _TRIGGER,
        "properties": own,
    }


def _state(workflow: Record) -> str:
    return workflow.properties.get("state") or "Enabled"


# The address


def _find(asked: Asked) -> Operation:
    del asked
    return Operation("invoke", _invoke)


def _invoke(asked: Asked) -> Deferred | Answer:
    parts = asked.path.split("/")
    if asked.name != "workflows" or parts[1:2] != ["triggers"] or len(parts) < 3:
        raise Refusal(404, "ResourceNotFound", f"There is nothing at `{asked.path}`.")
    workflow, name = _of_number(asked.world, parts[0]), parts[2]
    wanted = (_trigger(workflow, name).get("inputs") or {}).get("method", "POST")
    if asked.query.get("sig") != _signature(workflow, name):
        raise Refusal(
            401, "DirectApiAuthorizationRequired", "The signature of the address is wrong."
        )
    if asked.verb.upper() != wanted.upper():
        text = f"The trigger '{name}' is set off by {wanted}, not by {asked.verb}."
        raise Refusal(405, "MethodNotAllowed", text)
    if _state(workflow) != "Enabled":
        raise Refusal(400, "WorkflowTriggerIsNotEnabled", f"'{workflow.name}' is not enabled.")
    record = workflow_runs.start(
        asked.world, workflow, name, _content(asked), asked.request.headers
    )
    if workflow_runs.responds(_definition(workflow).get("actions") or {}):
        return Deferred(lambda: workflow_runs.response(asked.world, record))
    return Answer(202, b"", {"x-ms-workflow-run-id": record.name})


def _of_number(world: World, number: str) -> Record:
    for workflow in world.store.of_type(WORKFLOW):
        if _number(workflow) == number:
            return workflow
    raise Refusal(404, "WorkflowNotFound", f"The workflow '{number}' could not be found.")


def _content(asked: Asked) -> Any:
    if "json" not in asked.header("content-type"):
        return asked.body.decode(errors="replace")
    try:
        return json.loads(asked.body or b"null")
    except ValueError as error:
        raise invalid(f"The body is no JSON: {error}", "InvalidJson") from None


SERVICE = planes.service("logic", _find)

PARTS = (
    Part(
        "workflow triggers",
        {
            f"{_TRIGGER}.listCallbackUrl": _callback,
            f"{_TRIGGER}.run": _run_by_hand,
            f"{_TRIGGER}.list": _triggers,
            f"{_TRIGGER}.get": _show_trigger,
        },
        "who knows a trigger's address sets it off; a workflow with a Response answers when it has"
        " run so far, any other at once",
    ),
    Part(
        "workflow runs",
        workflow_runs.HANDLERS,
        "are done by the work, which tells of each action",
    ),
)
