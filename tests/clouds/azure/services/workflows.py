"""Logic Apps: their triggers' addresses and their runs; what a run does is the work's.

https://learn.microsoft.com/rest/api/logic. Limits: request triggers, and triggers run by hand;
nothing but the signature in an address is judged.
"""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from tests.clouds.azure.calls import Answer, Body, Call, CloudError, Deferred, invalid, told
from tests.clouds.azure.hooks import RunKind, RunState, Simulated
from tests.clouds.azure.parts import Part
from tests.clouds.azure.services import planes
from tests.clouds.azure.services.planes import Asked, Operation, Refusal
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

WORKFLOW = "Microsoft.Logic/workflows"
_RUN, _TRIGGER, _ACTION = f"{WORKFLOW}/runs", f"{WORKFLOW}/triggers", f"{WORKFLOW}/runs/actions"
_WAIT_SECONDS, _LOOK_SECONDS = 120, 0.05
_STATES = {
    RunState.RUNNING: "Running",
    RunState.SUCCEEDED: "Succeeded",
    RunState.FAILED: "Failed",
    RunState.CANCELLED: "Cancelled",
}


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
    run = start(world, workflow, name, call.body, call.request.headers)
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
    own = {"state": _state(workflow), "provisioningState": "Succeeded"}
    own["workflow"] = {"id": workflow.id, "name": workflow.name}
    return {
        "id": f"{workflow.id}/triggers/{name}",
        "name": name,
        "type": _TRIGGER,
        "properties": own,
    }


def _state(workflow: Record) -> str:
    return workflow.properties.get("state") or "Enabled"


# Runs


def start(
    world: World, workflow: Record, trigger: str, body: Any, headers: Mapping[str, str]
) -> Record:
    """Begin a run of a workflow; return its record.

    Args:
        world: the cloud.
        workflow: the Logic App.
        trigger: the name of what set it off.
        body: what that got: JSON, or a text.
        headers: with which it got it.
    """
    number = f"{world.store.number():032d}"
    stamp = world.clock.stamp()
    own: Body = {"status": "Running", "startTime": stamp, "waitEndTime": stamp, "outputs": {}}
    own["correlation"] = {"clientTrackingId": headers.get("x-ms-client-tracking-id", number)}
    own["workflow"] = {"id": workflow.id, "name": workflow.name, "type": WORKFLOW}
    own["trigger"] = {"name": trigger, "startTime": stamp, "endTime": stamp, "status": "Succeeded"}
    record = Record(f"{workflow.id}/runs/{number}", _RUN, {"properties": own})
    record.hidden.update(actions={}, response=None, answered=threading.Event())
    world.store.add(record)
    asked = {"name": trigger, "headers": dict(headers), "body": body}
    request = {"workflow": workflow.shown(), "trigger": asked}

    def heard(state: RunState, told_: Mapping[str, Any]) -> None:
        _heard(world, record, state, dict(told_))

    world.begin(RunKind.WORKFLOW, record.id, request, heard)
    return record


def _heard(world: World, record: Record, state: RunState, members: dict[str, Any]) -> None:
    record.hidden["actions"].update(members.pop("actions", {}))
    if members.get("response") is not None:
        record.hidden["response"] = members.pop("response")
        record.hidden["answered"].set()
    record.properties.update(members)
    record.properties["status"] = _STATES[state]
    if state is RunState.RUNNING:
        return
    record.properties["endTime"] = world.clock.stamp()
    run = world.runs.get(record.key)
    if run is not None and run.reason:
        record.properties["error"] = {"code": "ActionFailed", "message": run.reason}
    record.hidden["answered"].set()


def _list(world: World, call: Call) -> Body:
    workflow = world.find(call.at.id)
    found = [*world.store.children(workflow.id, _RUN)][::-1]
    return {"value": [_look(world, one).shown() for one in found]}


def _look(world: World, record: Record) -> Record:
    if record.properties["status"] == "Running":
        world.later(lambda: world.look(record.id))
    return record


def _get(world: World, call: Call) -> Body:
    return _look(world, world.find(call.at.id)).shown()


def _cancel(world: World, call: Call) -> Answer:
    record = world.find(call.at.id)
    run = world.runs.get(record.key)
    if run is None or run.ended.is_set():
        text = f"The run '{record.name}' is {record.properties['status']} and cannot be cancelled."
        raise CloudError(409, "WorkflowRunNotCancellable", text)
    run.stopping.set()
    run.finish(RunState.CANCELLED)
    return Answer(200)


def _actions(world: World, call: Call) -> Body:
    record = world.find(call.at.id)
    return {"value": [*_each_action(record)]}


def _each_action(record: Record) -> Iterator[Body]:
    for name, own in record.hidden["actions"].items():
        place = f"{record.id}/actions/{name}"
        yield {"id": place, "name": name, "type": _ACTION, "properties": own}


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
    record = start(asked.world, workflow, name, _content(asked), asked.request.headers)
    if _responds(_definition(workflow).get("actions") or {}):
        return Deferred(lambda: _response(asked.world, record))
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


def _responds(actions: Mapping[str, Any]) -> bool:
    """Tell whether any action, also an inner one, answers the caller."""
    for one in actions.values():
        inner = [one.get("actions"), (one.get("else") or {}).get("actions")]
        inner += [case.get("actions") for case in (one.get("cases") or {}).values()]
        inner += [(one.get("default") or {}).get("actions")]
        if one.get("type") == "Response" or any(_responds(some) for some in inner if some):
            return True
    return False


def _response(world: World, record: Record) -> Answer:
    """Wait for what the run answers its caller, or for its end."""
    answered: threading.Event = record.hidden["answered"]
    for _ in range(int(_WAIT_SECONDS / _LOOK_SECONDS)):
        if answered.wait(_LOOK_SECONDS):
            break
        world.look(record.id)
    found: Body | None = record.hidden["response"]
    own = {"x-ms-workflow-run-id": record.name}
    if found is None and isinstance(world.work, Simulated):
        return Answer(200, b"", own)
    if found is None:
        text = "The server did not receive a response from an upstream server."
        return told({"error": {"code": "NoResponse", "message": text}}, 502)
    body, headers = found.get("body", ""), found.get("headers") or {}
    status = int(found.get("statusCode", 200))
    if isinstance(body, str):
        return Answer(status, body.encode(), {**own, **headers})
    return planes.with_headers(told(body, status), {**own, **headers})


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
        {
            f"{_RUN}.list": _list,
            f"{_RUN}.get": _get,
            f"{_RUN}.cancel": _cancel,
            f"{_ACTION}.list": _actions,
        },
        "are done by the work, which tells of each action",
    ),
)
