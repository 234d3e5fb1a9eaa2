"""`ImageBuild`: built once for each content, adopted where it is there, its failure explained.

Cloud Build, its log and Artifact Registry are the test cloud's; no Docker runs.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_gcp import lro, rest
from mlops_iac_gcp.errors import UnreachedError
from mlops_iac_gcp.resources.image_build import ImageBuildFailedError, ImageBuildHandler
from mlops_iac_gcp.session import place_of, storage

from tests.clouds.gcp.hooks import Run, RunState, Simulated
from tests.clouds.gcp.running import Cloud, cloud_here
from tests.providers.gcp.harness import recorded
from tests.providers.gcp.scenarios import DATA, JOB, MODEL, write_files
from tests.providers.local.world import FakeCall

BUCKET, REPOSITORY = "shop-artifacts", "shop-images"
BUILD = "mlops-iac:gcp:ImageBuild"
HANDLER = ImageBuildHandler()


class Builder(Simulated):
    """Builds end as a test says."""

    def __init__(self) -> None:
        super().__init__(looks=1)
        self.outcome = RunState.SUCCEEDED
        self.started: list[str] = []

    def start(self, run: Run) -> None:
        self.started.append(run.id)
        super().start(run)

    def look(self, run: Run) -> None:
        if self.outcome is RunState.RUNNING:
            return
        run.finish(self.outcome, "exit status 1 of `docker build`")


@pytest.fixture(scope="module")
def builder() -> Builder:
    return Builder()


@pytest.fixture(scope="module")
def here(builder: Builder) -> Iterator[Cloud]:
    with cloud_here(work=builder) as running:
        yield running


@pytest.fixture
def call(here: Cloud, builder: Builder, monkeypatch: pytest.MonkeyPatch) -> FakeCall:
    for name, value in here.environment.items():
        monkeypatch.setenv(name, value)
    here.reset()
    builder.outcome, builder.started = RunState.SUCCEEDED, []
    made = FakeCall("urn:image", {"region": here.region, "account": here.project})
    where = place_of(made.config)
    bucket = storage(where).create_bucket(BUCKET, location=here.region)
    bucket.blob("images/abc.zip").upload_from_string(b"context")
    create = "projects.locations.repositories.create"
    named = {"parent": where.parent, "repositoryId": REPOSITORY}
    lro.run(where, "artifactregistry.v1", create, named, {"format": "DOCKER"})
    return made


def inputs(here: Cloud, tag: str = "abc") -> dict[str, Any]:
    image = f"{here.region}-docker.pkg.dev/{here.project}/{REPOSITORY}/runtime:{tag}"
    body = {
        "source": {"storageSource": {"bucket": BUCKET, "object": "images/abc.zip"}},
        "steps": [{"name": "gcr.io/cloud-builders/docker", "args": ["build", "."]}],
        "images": [image],
        "tags": [f"mlops-iac-{tag}"],
    }
    package = f"{here.location}/repositories/{REPOSITORY}/packages/runtime"
    return {"package": package, "tag": tag, "requests": [{"body": body}]}


def test_a_build_pushes_an_image_that_is_named_by_digest(call: FakeCall, here: Cloud) -> None:
    identity, state = HANDLER.create(inputs(here), call)

    assert identity.endswith("/packages/runtime/tags/abc")
    host = f"{here.region}-docker.pkg.dev/{here.project}/{REPOSITORY}/runtime"
    assert state["image"] == f"{host}@{state['digest']}"
    assert state["digest"].startswith("sha256:")


def test_an_image_of_the_same_content_is_adopted_without_a_build(
    call: FakeCall, here: Cloud, builder: Builder
) -> None:
    _, first = HANDLER.create(inputs(here), call)
    _, again = HANDLER.create(inputs(here), call)

    assert len(builder.started) == 1
    assert (again["image"], again["build"]) == (first["image"], None)


def test_a_build_that_an_interrupted_up_left_is_awaited(
    call: FakeCall, here: Cloud, builder: Builder
) -> None:
    wanted = inputs(here)
    where = place_of(call.config)
    (request,) = wanted["requests"]
    builder.outcome = RunState.RUNNING
    create = "projects.locations.builds.create"
    rest.call(where, "cloudbuild.v1", create, {"parent": where.parent}, request["body"])
    builder.outcome = RunState.SUCCEEDED

    HANDLER.create(wanted, call)

    assert len(builder.started) == 1


def test_a_build_whose_answer_was_lost_is_found(
    call: FakeCall, here: Cloud, builder: Builder
) -> None:
    here.faults.ask("lost", "builds.create")

    _, state = HANDLER.create(inputs(here), call)

    assert len(builder.started) == 1
    assert state["build"]


def test_a_failed_build_tells_its_reason_and_where_its_log_is(
    call: FakeCall, here: Cloud, builder: Builder
) -> None:
    builder.outcome = RunState.FAILED

    with pytest.raises(ImageBuildFailedError, match="FAILURE") as raised:
        HANDLER.create(inputs(here), call)

    assert "log" in raised.value.remedy


def test_an_image_is_imported_by_its_name_and_gone_with_its_tag(
    call: FakeCall, here: Cloud
) -> None:
    identity, state = HANDLER.create(inputs(here), call)

    found = HANDLER.read(identity, {}, call)
    assert found is not None
    assert found.state["image"] == state["image"]
    assert HANDLER.read(identity.replace("/abc", "/other"), {}, call) is None


def test_a_platform_builds_its_image_and_a_job_builds_on_it(tmp_path: Path) -> None:
    job = JOB.model_copy(update={"requirements": "requirements.txt"})
    recording = recorded(write_files(tmp_path), DATA, MODEL, job)

    runtime, own = (r.inputs for r in recording.of_type(BUILD))
    (step,) = own["requests"][0]["body"]["steps"]
    assert "--build-arg" in step["args"]
    assert "--build-arg" not in runtime["requests"][0]["body"]["steps"][0]["args"]
    assert own["package"] == runtime["package"]
    assert own["requests"][0]["body"]["options"] == {"logging": "CLOUD_LOGGING_ONLY"}


def test_a_job_runs_in_the_image_of_its_requirements(tmp_path: Path) -> None:
    job = JOB.model_copy(update={"requirements": "requirements.txt"})
    recording = recorded(write_files(tmp_path), DATA, MODEL, job)

    built = next(r for r in recording.of_type(BUILD) if r.name == "delay-image")
    run = recording.one("mlops-iac:gcp:JobRun")
    assert built.urn in run.property_dependencies["requests"]


def test_a_ready_image_is_not_built(tmp_path: Path) -> None:
    image = f"europe-west4-docker.pkg.dev/acme-ml-dev/images/runtime@sha256:{'a' * 64}"

    assert recorded(tmp_path, runtime_image=image).count(BUILD) == 0


def test_an_answer_that_never_came_and_left_no_build_is_told(
    call: FakeCall, here: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = rest.call

    def unreached(where: Any, api: str, name: str, *rest_: Any, **named: Any) -> Any:
        if name.endswith("builds.create"):
            raise UnreachedError("no answer", remedy="try again")
        return asked(where, api, name, *rest_, **named)

    monkeypatch.setattr(rest, "call", unreached)

    with pytest.raises(UnreachedError):
        HANDLER.create(inputs(here), call)
