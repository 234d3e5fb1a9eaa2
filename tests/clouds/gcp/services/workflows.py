"""Workflows' executions; what their steps do is the work's."""

import json
from collections.abc import Mapping
from typing import Any

from tests.clouds.gcp import standard
from tests.clouds.gcp.calls import Body, Call, CloudError, Status, precondition
from tests.clouds.gcp.hooks import RunKind, RunState
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = "workflowexecutions"


def execute(world: World, workflow: str, argument: str, account: str = "") -> Record:
    """Begin an execution of a workflow.

    Args:
        world: the cloud.
        workflow: its full name.
        argument: JSON.
        account: who started it, for the record.
    """
    kept = world.find("workflows", workflow)
    name = f"{kept.name}/executions/{world.store.number()}"
    body: Body = {"name": name, "argument": argument, "state": "ACTIVE"}
    body |= {"startTime": world.clock.stamp(), "createTime": world.clock.stamp()}
    body["workflowRevisionId"] = kept.body.get("revisionId", "")
    record = world.store.add(Record(SERVICE, name, "Execution", body, {"account": account}))

    def heard(state: RunState, told: Mapping[str, Any]) -> None:
        record.body.update(told)
        if state is not RunState.RUNNING:
            record.body["state"] = state.name
            record.body["endTime"] = world.clock.stamp()
        run = world.runs.get(name)
        if state is RunState.FAILED and run is not None:
            record.body["error"] = {"payload": json.dumps(run.reason), "context": run.reason}

    world.begin(RunKind.WORKFLOW, name, {**body, "workflow": kept.body}, heard)
    return record


def _create(world: World, call: Call) -> Body:
    parent = world.canonical(SERVICE, call.text("parent"))
    record = execute(world, parent, call.body.get("argument", ""), call.caller)
    return standard.shown(world, record, call.route.api, "Execution")


def _get(world: World, call: Call) -> Body:
    record = world.find(SERVICE, call.text("name"))
    world.look(record.name)
    return standard.shown(world, record, call.route.api, "Execution")


def _list(world: World, call: Call) -> Body:
    parent = world.canonical(SERVICE, call.text("parent"))
    world.find("workflows", parent)
    found = reversed([*world.store.children(SERVICE, parent, "executions")])
    items = [standard.shown(world, one, call.route.api, "Execution") for one in found]
    return standard.paged(world, call, "executions", items)


def _cancel(world: World, call: Call) -> Body:
    record = world.find(SERVICE, call.text("name"))
    if record.body["state"] != "ACTIVE":
        raise precondition(f"Execution `{record.name}` is {record.body['state']}.")
    run = world.runs[record.name]
    run.stopping.set()
    run.finish(RunState.CANCELLED)
    return standard.shown(world, record, call.route.api, "Execution")


def _create_workflow(world: World, call: Call) -> Body:
    if not call.body.get("sourceContents"):
        raise CloudError(Status.INVALID_ARGUMENT, "`source_contents` is required.")
    return standard.create(world, call)


_ONE = "projects.locations.workflows.executions"
PARTS = (
    Part(
        "workflows",
        "workflows",
        {"projects.locations.workflows.create": _create_workflow},
        "have a source",
    ),
    Part(
        "executions",
        SERVICE,
        {
            f"{_ONE}.create": _create,
            f"{_ONE}.get": _get,
            f"{_ONE}.list": _list,
            f"{_ONE}.cancel": _cancel,
        },
        "of a workflow that is there; done by the work",
    ),
)
