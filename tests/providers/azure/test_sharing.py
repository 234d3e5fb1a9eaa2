"""The mark of a stack on another stack's platform, and the guard that heeds it."""

from collections.abc import Iterator
from typing import Any

import pytest
from mlops_iac_azure.resources.platform_use import PlatformGuardHandler, PlatformUseHandler

from mlops_iac.handlers.platform_use import NameTakenError, PlatformInUseError
from tests.clouds.azure.running import Cloud
from tests.providers.azure.world import ACCOUNT, azure, call_on, ground, point
from tests.providers.local.world import FakeCall

USE, GUARD = PlatformUseHandler(), PlatformGuardHandler()


@pytest.fixture(scope="module")
def here() -> Iterator[Cloud]:
    with azure() as running:
        yield running


@pytest.fixture
def call(here: Cloud, monkeypatch: pytest.MonkeyPatch) -> FakeCall:
    here.reset()
    point(here, monkeypatch)
    made = call_on(here, "urn:use")
    ground(made)
    return made


def inputs(project: str, *components: str) -> dict[str, Any]:
    return {"bucket": ACCOUNT, "project": project, "stack": "dev", "components": list(components)}


def test_a_platform_goes_when_its_last_user_has_gone(call: FakeCall) -> None:
    first, _ = USE.create(inputs("one", "rows"), call)
    second, _ = USE.create(inputs("two", "score"), call)

    with pytest.raises(PlatformInUseError, match="`one/dev`, `two/dev`"):
        GUARD.delete(ACCOUNT, {}, call)
    USE.delete(first, {}, call)
    with pytest.raises(PlatformInUseError, match="by `two/dev`"):
        GUARD.delete(ACCOUNT, {}, call)
    USE.delete(second, {}, call)

    GUARD.delete(ACCOUNT, {}, call)


def test_two_stacks_may_not_call_a_component_the_same(call: FakeCall) -> None:
    USE.create(inputs("one", "rows", "score"), call)

    with pytest.raises(NameTakenError, match=r"`one/dev` has `score`"):
        USE.create(inputs("two", "score", "watch"), call)

    assert USE.read(f"{ACCOUNT}/consumers/two/dev.json", {}, call) is None


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


def test_a_guard_is_there_as_long_as_the_store_is(call: FakeCall) -> None:
    assert GUARD.read(ACCOUNT, {}, call) is not None
    assert GUARD.read("nobodysstore", {}, call) is None
