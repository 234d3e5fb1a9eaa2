"""The mark of a stack on another stack's platform, and the guard that heeds it."""

from collections.abc import Iterator
from typing import Any

import pytest
from mlops_iac_gcp.resources.platform_use import PlatformGuardHandler, PlatformUseHandler
from mlops_iac_gcp.resources.service_agent import ServiceAgentHandler
from mlops_iac_gcp.session import place_of, storage

from mlops_iac.handlers.platform_use import NameTakenError, PlatformInUseError
from tests.clouds.gcp.running import Cloud, cloud_here
from tests.providers.local.world import FakeCall

BUCKET = "ground-prod-base"
USE, GUARD = PlatformUseHandler(), PlatformGuardHandler()


@pytest.fixture(scope="module")
def here() -> Iterator[Cloud]:
    with cloud_here() as running:
        yield running


@pytest.fixture
def call(here: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCall]:
    for name, value in here.environment.items():
        monkeypatch.setenv(name, value)
    made = FakeCall("urn:use", {"region": here.region, "account": here.project})
    bucket = storage(place_of(made.config)).create_bucket(BUCKET, location=here.region)
    yield made
    bucket.delete(force=True)


def inputs(project: str, *components: str) -> dict[str, Any]:
    return {"bucket": BUCKET, "project": project, "stack": "dev", "components": list(components)}


def test_a_platform_goes_when_its_last_user_has_gone(call: FakeCall) -> None:
    first, _ = USE.create(inputs("one", "rows"), call)
    second, _ = USE.create(inputs("two", "score"), call)

    with pytest.raises(PlatformInUseError, match="`one/dev`, `two/dev`"):
        GUARD.delete(BUCKET, {}, call)
    USE.delete(first, {}, call)
    with pytest.raises(PlatformInUseError, match="by `two/dev`"):
        GUARD.delete(BUCKET, {}, call)
    USE.delete(second, {}, call)

    GUARD.delete(BUCKET, {}, call)


def test_two_stacks_may_not_call_a_component_the_same(call: FakeCall) -> None:
    USE.create(inputs("one", "rows", "score"), call)

    with pytest.raises(NameTakenError, match=r"`one/dev` has `score`"):
        USE.create(inputs("two", "score", "watch"), call)

    assert USE.read(f"{BUCKET}/consumers/two/dev.json", {}, call) is None


def test_a_stack_renews_its_own_mark_and_finds_it_by_its_key(call: FakeCall) -> None:
    identity, state = USE.create(inputs("one", "rows"), call)
    USE.update(identity, state, inputs("one", "rows", "score"), call)

    found = USE.read(identity, {}, call)

    assert found is not None
    assert found.inputs == inputs("one", "rows", "score")


def test_a_mark_that_is_gone_may_be_removed_again(call: FakeCall) -> None:
    identity, state = USE.create(inputs("one", "rows"), call)
    USE.delete(identity, state, call)

    assert USE.read(identity, state, call) is None
    USE.delete(identity, state, call)


def test_a_guard_is_found_by_its_bucket_and_gone_with_it(call: FakeCall) -> None:
    identity, _ = GUARD.create({"bucket": BUCKET}, call)

    found = GUARD.read(identity, {}, call)

    assert found is not None
    assert found.inputs == {"bucket": BUCKET}
    assert GUARD.read("no-such-bucket-anywhere", {}, call) is None
    GUARD.delete("no-such-bucket-anywhere", {}, call)


@pytest.mark.parametrize("service", ["bigquery", "storage"])
def test_an_agent_is_made_by_asking_for_it(call: FakeCall, service: str) -> None:
    identity, state = ServiceAgentHandler().create({"service": service}, call)

    assert state["email"].endswith(".gserviceaccount.com")
    found = ServiceAgentHandler().read(identity, state, call)
    assert found is not None
    assert found.inputs == {"service": service}


def test_an_agent_of_another_sort_is_refused() -> None:
    (failure,) = ServiceAgentHandler().check({"service": "run"})

    assert "bigquery, storage" in failure.reason
