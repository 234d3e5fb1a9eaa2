"""Runs of Logic Apps: begun, told, and answered by; what one does is the work's."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from tests.clouds.azure.calls import Answer, Body, Call, CloudError, told
from tests.clouds.azure.hooks import RunKind, RunState, Simulated
from tests.clouds.azure.parts import Handler
from tests.clouds.azure.services import planes
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

_WAIT_SECONDS, _LOOK_SECONDS = 120, 0.05


_STATES = {
    RunState.RUNNING: "Running",
    RunState.SUCCEEDED: "Succeeded",
    RunState.FAILED: "Failed",
    RunState.CANCELLED: "Cancelled",
}


WORKFLOW = "Microsoft.Logic/workflows"


_RUN, _ACTION = f"{WORKFLOW}/runs", f"{WORKFLOW}/runs/actions"


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


def responds(actions: Mapping[str, Any]) -> bool:
    """Tell whether any action, also an inner one, answers the caller."""
    for one in actions.values():
        inner = [one.get("actions"), (one.get("else") or {}).get("actions")]
        inner += [case.get("actions") for case in (one.get("cases") or {}).values()]
        inner += [(one.get("default") or {}).get("actions")]
        if one.get("type") == "Response" or any(responds(some) for some in inner if some):
            return True
    return False


def response(world: World, record: Record) -> Answer:
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


HANDLERS: Mapping[str, Handler] = {
    f"{_RUN}.list": _list,
    f"{_RUN}.get": _get,
    f"{_RUN}.cancel": _cancel,
    f"{_ACTION}.list": _actions,
}
