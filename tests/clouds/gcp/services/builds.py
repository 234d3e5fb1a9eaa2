"""Cloud Build's builds and the images that they leave in Artifact Registry."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from tests.clouds.gcp import standard
from tests.clouds.gcp.calls import Body, Call, CloudError, invalid, precondition
from tests.clouds.gcp.hooks import RunKind, RunState
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.services import objects
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = "cloudbuild"
IMAGES = "artifactregistry"
_IMAGE = re.compile(r"([a-z0-9-]+)-docker\.pkg\.dev/([^/]+)/([^/]+)/([^:@]+)(?::([\w.-]+))?")
_STATES = {
    RunState.RUNNING: "WORKING",
    RunState.SUCCEEDED: "SUCCESS",
    RunState.FAILED: "FAILURE",
    RunState.CANCELLED: "CANCELLED",
}


def _create(world: World, call: Call) -> Body:
    parent = world.canonical(SERVICE, _parent(world, call))
    source = call.body.get("source", {}).get("storageSource")
    if source:
        objects.shelf(world).find(source["bucket"], source["object"], source.get("generation", ""))
    for image in call.body.get("images", []):
        _repository(world, image)
    number = world.store.number()
    name = f"{parent}/builds/{number}"
    stamp = world.clock.stamp()
    own: Body = {"id": number, "name": name, "projectId": world.project, "createTime": stamp}
    body = {**call.body, **own, "status": "QUEUED", "logUrl": f"{world.address}/logs/{number}"}
    record = world.store.add(Record(SERVICE, name, "Build", body))

    def heard(state: RunState, told: Mapping[str, Any]) -> None:
        _heard(world, record, state, told)

    def effect() -> Body:
        if record.body["status"] != "SUCCESS":
            raise precondition(record.body["statusDetail"])
        return dict(record.body)

    run = world.begin(RunKind.BUILD, name, body, heard)
    told = {
        "@type": "type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata",
        "build": record.body,
    }
    answers = "google.devtools.cloudbuild.v1.Build"
    return standard.done(world, call, name, "Build", effect, answers=answers, told=told, run=run)


def _parent(world: World, call: Call) -> str:
    return call.text("parent") or f"projects/{world.project}/locations/global"


def _heard(world: World, record: Record, state: RunState, told: Mapping[str, Any]) -> None:
    record.body.update(told)
    record.body["status"] = _STATES[state]
    stamp = world.clock.stamp()
    record.body.setdefault("startTime", stamp)
    run = world.runs.get(record.name)
    if state is RunState.RUNNING:
        return
    record.body["finishTime"] = stamp
    if run is not None and run.reason:
        record.body["statusDetail"] = run.reason
    if state is RunState.SUCCEEDED:
        _push_all(world, record)


def _push_all(world: World, record: Record) -> None:
    content = json.dumps([record.body.get("source"), record.body["steps"]])
    try:
        images = [push(world, one, content) for one in record.body.get("images", [])]
    except CloudError as error:
        record.body |= {"status": "FAILURE", "statusDetail": error.message}
    else:
        record.body.setdefault("results", {"images": images})


def _repository(world: World, image: str) -> tuple[Record, str, str]:
    """Return the repository of an image, its package and its tag.

    Raises:
        CloudError: when there is none of that name.
    """
    found = _IMAGE.fullmatch(image)
    if found is None:
        raise invalid(f"`{image}` is no image of Artifact Registry.")
    region, project, repository, package, tag = found.groups()
    name = f"projects/{project}/locations/{region}/repositories/{repository}"
    return world.find(IMAGES, name), package, tag or "latest"


def push(world: World, image: str, content: str) -> Body:
    """Keep an image; return what a build tells of it.

    Raises:
        CloudError: when its tag may not move.
    """
    repository, package, tag = _repository(world, image)
    digest = "sha256:" + hashlib.sha256(content.encode()).hexdigest()
    of = f"{repository.name}/packages/{package.replace('/', '%2F')}"
    version, mark = f"{of}/versions/{digest}", f"{of}/tags/{tag}"
    fixed = repository.body.get("dockerConfig", {}).get("immutableTags")
    before = world.store.get(IMAGES, mark)
    if before and fixed and before.body["version"] != version:
        raise precondition(f"The tag `{tag}` of `{of}` is immutable.")
    stamp = world.clock.stamp()
    times = {"createTime": stamp, "updateTime": stamp}
    uri = image.partition(":")[0] + f"@{digest}"
    shown = f"{repository.name}/dockerImages/{package.rpartition('/')[2]}@{digest}"
    entries = (
        (of, "Package", {"displayName": package, **times}),
        (version, "Version", dict(times)),
        (mark, "Tag", {"version": version}),
        (shown, "DockerImage", {"uri": uri, "tags": [tag], "uploadTime": stamp}),
    )
    for name, schema, body in entries:
        world.store.add(Record(IMAGES, name, schema, {"name": name, **body}))
    return {"name": image, "digest": digest, "artifactRegistryPackage": of}


def _get(world: World, call: Call) -> Body:
    record = _find(world, call)
    world.look(record.name)
    return standard.shown(world, record, call.route.api, "Build")


def _find(world: World, call: Call) -> Record:
    name = call.text("name") or f"{_parent(world, call)}/builds/{call.text('id')}"
    return world.find(SERVICE, name)


def _cancel(world: World, call: Call) -> Body:
    record = _find(world, call)
    run = world.runs[record.name]
    if run.ended.is_set():
        raise precondition(f"Build `{record.name}` is {record.body['status']}.")
    run.stopping.set()
    run.finish(RunState.CANCELLED)
    return standard.shown(world, record, call.route.api, "Build")


PARTS = (
    Part(
        "builds",
        SERVICE,
        {
            "projects.locations.builds.create": _create,
            "projects.locations.builds.get": _get,
            "projects.locations.builds.cancel": _cancel,
            "projects.builds.create": _create,
            "projects.builds.get": _get,
            "projects.builds.cancel": _cancel,
        },
        "source and repository are there; a build that succeeds leaves its images, and an immutable"
        " tag does not move",
    ),
)
