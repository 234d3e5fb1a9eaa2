"""`ImageBuild`: built once for each content, adopted where it is there, its failure explained.

The registry, its tasks and their log are the test cloud's; no Docker runs.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_azure import container_images
from mlops_iac_azure.resources.image_build import (
    ImageBuildFailedError,
    ImageBuildHandler,
    folder_archive,
)
from mlops_iac_azure.session import place_of

from tests.clouds.azure.hooks import Run, RunState, Simulated
from tests.clouds.azure.running import Cloud
from tests.providers.azure.world import REGISTRY, azure, call_on, ground, point
from tests.providers.local.world import FakeCall

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
        if self.outcome is not RunState.RUNNING:
            run.finish(self.outcome, "exit status 1 of `docker build`")


@pytest.fixture(scope="module")
def builder() -> Builder:
    return Builder()


@pytest.fixture(scope="module")
def here(builder: Builder) -> Iterator[Cloud]:
    with azure(builder) as running:
        yield running


@pytest.fixture
def call(here: Cloud, builder: Builder, monkeypatch: pytest.MonkeyPatch) -> FakeCall:
    here.reset()
    point(here, monkeypatch)
    builder.outcome, builder.started = RunState.SUCCEEDED, []
    made = call_on(here, "urn:image")
    ground(made)
    return made


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    body = {
        "type": "DockerBuildRequest",
        "imageNames": ["runtime:abc"],
        "isPushEnabled": True,
        "dockerFilePath": "Dockerfile",
        "platform": {"os": "Linux", "architecture": "amd64"},
        "timeout": 3600,
        "sourceLocation": {"$unknown": True},
    }
    return {
        "registry": REGISTRY,
        "repository": "runtime",
        "tag": "abc",
        "files": {"Dockerfile": str(tmp_path / "Dockerfile")},
        "requests": [{"body": body}],
    }


def test_a_build_pushes_an_image_that_is_named_by_digest(
    call: FakeCall, inputs: dict[str, Any]
) -> None:
    identity, state = HANDLER.create(inputs, call)

    assert identity == f"{REGISTRY}.azurecr.io/runtime:abc"
    assert state["image"] == f"{REGISTRY}.azurecr.io/runtime@{state['digest']}"
    assert state["digest"].startswith("sha256:")
    assert any("the registry builds abc" in line for line in call.messages)


def test_an_image_of_the_same_content_is_adopted_without_a_build(
    call: FakeCall, inputs: dict[str, Any], builder: Builder
) -> None:
    _, first = HANDLER.create(inputs, call)
    _, again = HANDLER.create(inputs, call)

    assert len(builder.started) == 1
    assert (again["image"], again["build"]) == (first["image"], None)


def test_a_build_whose_answer_was_lost_is_found(
    call: FakeCall, inputs: dict[str, Any], here: Cloud, builder: Builder
) -> None:
    here.faults.ask("lost", "registries.scheduleRun")

    _, state = HANDLER.create(inputs, call)

    assert len(builder.started) == 1
    assert state["build"]


def test_a_failed_build_tells_its_reason_and_where_its_log_is(
    call: FakeCall, inputs: dict[str, Any], builder: Builder
) -> None:
    builder.outcome = RunState.FAILED

    with pytest.raises(ImageBuildFailedError, match="Failed") as raised:
        HANDLER.create(inputs, call)

    assert "az acr task logs" in raised.value.remedy


def test_an_image_is_read_by_its_name_and_stays_when_the_resource_goes(
    call: FakeCall, inputs: dict[str, Any]
) -> None:
    identity, state = HANDLER.create(inputs, call)

    HANDLER.delete(identity, state, call)
    imported = HANDLER.read(identity, {}, call)
    gone = HANDLER.read(identity.replace(":abc", ":other"), {}, call)

    assert imported is not None
    assert imported.state["digest"] == state["digest"]
    assert gone is None
    where = place_of(call.config)
    found = container_images.digest_of(where, REGISTRY, "runtime", state["digest"])
    assert found == state["digest"]


def test_a_private_registry_builds_on_a_machine_that_is_there_only_meanwhile(
    call: FakeCall, inputs: dict[str, Any], here: Cloud
) -> None:
    from mlops_iac_azure import lro, rest

    where = place_of(call.config)
    pool = f"{where.id('Microsoft.ContainerRegistry/registries', REGISTRY)}/agentPools/builds"
    body = {"location": where.region, "properties": {"count": 0, "tier": "S1", "os": "Linux"}}
    lro.run(where, "PUT", pool, body)

    HANDLER.create({**inputs, "pool": "builds"}, call)

    assert rest.call(where, "GET", pool)["properties"]["count"] == 0
    told = [c["method"] for c in here.control("calls") if "agentPools" in c["method"]]
    assert sum(method.endswith("patch") for method in told) == 2


def test_the_same_files_make_the_same_archive(inputs: dict[str, Any]) -> None:
    assert folder_archive(inputs["files"]) == folder_archive(dict(inputs["files"]))
