"""Azure ML's jobs: begun by `put` under the caller's name, once; done by the work."""

import copy
from collections.abc import Mapping
from typing import Any

from tests.clouds.azure import lro, rules, standard
from tests.clouds.azure.calls import Answer, Body, Call, CloudError, conflict, told
from tests.clouds.azure.hooks import RunKind, RunState
from tests.clouds.azure.kinds import WORKSPACES
from tests.clouds.azure.parts import Part
from tests.clouds.azure.services import assets
from tests.clouds.azure.services.job_events import tell
from tests.clouds.azure.services.job_names import require_named, workspace_of
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

JOBS = f"{WORKSPACES}/jobs"
_STATUS: Mapping[RunState, str] = {
    RunState.RUNNING: "Running",
    RunState.SUCCEEDED: "Completed",
    RunState.FAILED: "Failed",
    RunState.CANCELLED: "Canceled",
}
OVER = frozenset({"Completed", "Failed", "Canceled"})
_CHANGING = frozenset(
    {"description", "displayName", "isArchived", "properties", "services", "status", "tags"}
)


def _put(world: World, call: Call) -> Answer:
    old = world.store.get(call.at.id)
    if old is not None:
        return _change(world, call, old)
    body = standard.body_of(call)
    require_named(world, body.get("properties") or {})
    answer = standard.put(world, call, made=lambda record: _complete(world, record))
    start(world, world.find(call.at.id))
    return answer


def make(world: World, id_: str, properties: Body, who: str, **told_properties: str) -> Record:
    """Make a job that something of Azure's own starts, as a schedule or a batch endpoint.

    Args:
        world: the cloud.
        id_: the job's.
        properties: as a request has them.
        who: the principal.
        told_properties: of the job's `properties`, as what began it.
    """
    require_named(world, properties)
    record = Record(id_, JOBS, {"properties": copy.deepcopy(properties)})
    record.properties.setdefault("properties", {}).update(told_properties)
    kind = {"createdBy": who, "createdByType": "Application", "createdAt": world.clock.stamp()}
    record.body["systemData"] = kind
    _complete(world, record)
    world.store.add(record)
    start(world, record)
    return record


def _complete(world: World, record: Record) -> None:
    properties = record.properties
    properties["status"] = "NotStarted"
    properties.setdefault("displayName", record.name)
    properties.setdefault("experimentName", "Default")
    properties.setdefault("isArchived", False)
    properties.setdefault("tags", {})
    properties.setdefault("properties", {})
    workspace = workspace_of(record.id)
    place = world.find(workspace).properties.get("mlFlowTrackingUri", "")
    kinds = {"Tracking": place, "Studio": f"https://ml.azure.com/runs/{record.name}"}
    properties["services"] = {
        **{name: {"jobServiceType": name, "endpoint": at} for name, at in kinds.items()},
        **(properties.get("services") or {}),
    }
    outputs = properties.setdefault("outputs", {}) or {}
    outputs.setdefault("default", {"jobOutputType": "uri_folder", "mode": "ReadWriteMount"})
    outputs["default"].setdefault(
        "uri", f"azureml://datastores/workspaceartifactstore/ExperimentRun/dcid.{record.name}"
    )
    properties["outputs"] = outputs


def _change(world: World, call: Call, old: Record) -> Answer:
    """Change what may be changed of a job that is there; the same request again starts nothing."""
    asked = call.body.get("properties") or {}
    for name, value in asked.items():
        if name in _CHANGING or value is None or name == "outputs":
            continue
        if old.properties.get(name) != value:
            raise CloudError(
                400,
                "UserError",
                f"Job '{old.name}' already exists; `{name}` cannot be changed after submission.",
            )
    world.store.remember(old)
    for name in _CHANGING - {"services", "status", "properties"}:
        if asked.get(name) is not None:
            old.properties[name] = copy.deepcopy(asked[name])
    for name, value in (asked.get("properties") or {}).items():
        old.properties["properties"][name] = value
    return told(old.shown())


def start(world: World, record: Record) -> None:
    """Begin the work of a job."""
    workspace = world.find(workspace_of(record.id))
    request = {"job": record.shown(), "workspace": workspace.shown()}

    def heard(state: RunState, members: Mapping[str, Any]) -> None:
        _report(world, record, _STATUS[state], members)

    def child(name: str, properties: Mapping[str, Any]) -> None:
        _child(world, record, name, properties)

    world.begin(RunKind.JOB, record.id, request, heard, child)


def _report(world: World, record: Record, status: str, members: Mapping[str, Any]) -> None:
    # What is reported of a job that was deleted meanwhile is nobody's.
    if world.store.get(record.id) is not record:
        return
    run = world.runs.get(record.key)
    if run is not None and status == "Failed":
        record.hidden["reason"] = run.reason
    before = record.properties["status"]
    record.properties |= copy.deepcopy(dict(members))
    if before == "CancelRequested" and status == "Running":
        status = before
    _set(world, record, status, before)


def _set(world: World, record: Record, status: str, before: str) -> None:
    record.properties["status"] = status
    now = world.clock.stamp()
    if status == "Running":
        record.hidden.setdefault("started", now)
    if status in OVER:
        record.hidden.setdefault("ended", now)
    if status not in {before, "CancelRequested"}:
        tell(world, record, status)


def _child(world: World, above: Record, name: str, properties: Mapping[str, Any]) -> None:
    """Keep a job that a job started."""
    id_ = f"{above.id.rpartition('/')[0]}/{name}"
    record = world.store.get(id_)
    if record is None:
        begun: Body = {"experimentName": above.properties["experimentName"], "status": "NotStarted"}
        begun |= {"tags": {}, "properties": {}, "isArchived": False, "displayName": name}
        hidden = {"parent": above.name}
        record = world.store.add(Record(id_, JOBS, {"properties": begun}, hidden))
        record.body["systemData"] = copy.deepcopy(above.body.get("systemData", {}))
    before = record.properties["status"]
    told_properties = copy.deepcopy(dict(properties))
    record.hidden["reason"] = told_properties.pop("reason", record.hidden.get("reason", ""))
    record.properties |= told_properties
    _set(world, record, record.properties["status"], before)


def _get(world: World, call: Call) -> Body:
    record = rules.found(world, call)
    # The work may end with this look; what it reports comes before the answer.
    look(world, record)
    return standard.get(world, call)


def look(world: World, record: Record) -> None:
    """Tell the work of a job that somebody asks."""
    if record.properties.get("status") not in OVER:
        world.look(record.id)
        if record.properties.get("status") == "NotStarted" and record.key in world.runs:
            _set(world, record, "Running", "NotStarted")


def _list(world: World, call: Call) -> Body:
    """List jobs, newest first: those of a kind, a tag, a property or a schedule."""
    above = [one for one in world.store.children(call.at.id, JOBS) if not one.hidden.get("parent")]
    wanted = {
        "jobType": call.text("jobType"),
        "schedule": call.text("scheduleId"),
    }
    view = call.text("listViewType") or "ActiveOnly"
    kept = [
        standard.shown(world, one)
        for one in above[::-1]
        if wanted["jobType"] in {"", one.properties.get("jobType")}
        and wanted["schedule"] in {"", one.hidden.get("schedule", "-")}
        and one.properties.get("isArchived", False)
        in {"ActiveOnly": (False,), "All": (False, True)}.get(view, (True,))
        and _has_all(one.properties, call)
    ]
    skip = int(call.text("$skip") or 0)
    return standard.paged(world, call, kept[skip:])


def _has_all(properties: Body, call: Call) -> bool:
    return assets.has(properties.get("tags"), call.text("tag") or call.text("tags")) and assets.has(
        properties.get("properties"), call.text("properties")
    )


def _cancel(world: World, call: Call) -> Answer:
    record = rules.found(world, call)
    if record.properties["status"] in OVER:
        text = f"Job '{record.name}' is {record.properties['status']} and cannot be canceled."
        raise CloudError(400, "UserError", text)
    cancel(world, record)
    operation = lro.begin(world, call, f"{record.id}/cancel", lambda: None)
    return lro.accepted(world, call, operation)


def cancel(world: World, record: Record) -> None:
    """Tell a job to stop."""
    record.properties["status"] = "CancelRequested"
    run = world.runs.get(record.key)
    if run is not None:
        run.stopping.set()
        world.later(lambda: world.work.look(run))


def _delete(world: World, call: Call) -> Answer:
    record = world.store.get(call.at.id)
    if record is not None and record.properties["status"] not in OVER:
        status = record.properties["status"]
        raise conflict(f"Job '{record.name}' is {status}; cancel it before it is deleted.")
    return standard.delete(world, call)


def _went(world: World, record: Record) -> None:
    world.retire(record.id)


PARTS = (
    Part(
        "jobs",
        {
            f"{JOBS}.put": _put,
            f"{JOBS}.get": _get,
            f"{JOBS}.list": _list,
            f"{JOBS}.cancel": _cancel,
            f"{JOBS}.delete": _delete,
        },
        "not started, running, then what the work says; what they name is there; a name is one"
        " job's: put again it starts nothing, and only its tags and the like change; what has ended"
        " is not cancelled, what runs not deleted; each change of state is told to Event Grid",
        {JOBS: _went},
    ),
)
