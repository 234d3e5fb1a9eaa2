"""Vertex AI's metadata (experiments and their runs), and Dataplex's data scans."""

from collections.abc import Mapping
from typing import Any

from tests.clouds.gcp import standard
from tests.clouds.gcp.calls import Body, Call
from tests.clouds.gcp.hooks import RunKind, RunState
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = "aiplatform"
_CONTEXTS = "projects.locations.metadataStores.contexts"


def _add_children(world: World, call: Call) -> Body:
    parent = world.find(SERVICE, call.text("context"))
    for name in call.body.get("childContexts", []):
        child = world.find(SERVICE, name)
        kept = child.body.setdefault("parentContexts", [])
        child.body["parentContexts"] = [*kept, *({parent.name} - set(kept))]
    return {}


def _remove_children(world: World, call: Call) -> Body:
    parent = world.find(SERVICE, call.text("context"))
    for name in call.body.get("childContexts", []):
        child = world.find(SERVICE, name)
        kept = child.body.get("parentContexts", [])
        child.body["parentContexts"] = [one for one in kept if one != parent.name]
    return {}


def _held(record: Record) -> list[str]:
    return record.hidden.setdefault("holds", [])


def _add(world: World, call: Call) -> Body:
    context = world.find(SERVICE, call.text("context"))
    for name in (*call.body.get("artifacts", []), *call.body.get("executions", [])):
        found = world.find(SERVICE, name).name
        if found not in _held(context):
            _held(context).append(found)
    return {}


def _lineage(world: World, call: Call) -> Body:
    context = world.find(SERVICE, call.text("context"))
    told: Body = {}
    for name in _held(context):
        record = world.find(SERVICE, name)
        kind = record.collection.removesuffix("s").capitalize()
        schema = f"GoogleCloudAiplatform{call.route.version.capitalize()}{kind}"
        shown = standard.shown(world, record, call.route.api, schema)
        told.setdefault(record.collection, []).append(shown)
    return told


def _run_scan(world: World, call: Call) -> Body:
    scan = world.find("dataplex", call.text("name"))
    name = f"{scan.name}/jobs/{world.store.number()}"
    body: Body = {"name": name, "uid": world.store.number(), "state": "PENDING"}
    body |= {"startTime": world.clock.stamp(), "createTime": world.clock.stamp()}
    record = world.store.add(Record("dataplex", name, "GoogleCloudDataplexV1DataScanJob", body))

    def heard(state: RunState, told: Mapping[str, Any]) -> None:
        record.body.update(told)
        record.body["state"] = state.name
        if state is not RunState.RUNNING:
            record.body["endTime"] = world.clock.stamp()

    world.begin(RunKind.SCAN, name, scan.body, heard)
    return {"job": standard.shown(world, record, call.route.api, record.schema)}


PARTS = (
    Part(
        "contexts",
        SERVICE,
        {
            f"{_CONTEXTS}.addContextChildren": _add_children,
            f"{_CONTEXTS}.removeContextChildren": _remove_children,
            f"{_CONTEXTS}.addContextArtifactsAndExecutions": _add,
            f"{_CONTEXTS}.queryContextLineageSubgraph": _lineage,
        },
        "have parents, artifacts and executions that are there",
    ),
    Part(
        "data scans",
        "dataplex",
        {"projects.locations.dataScans.run": _run_scan},
        "a run is a job of the scan, done by the work",
    ),
)
