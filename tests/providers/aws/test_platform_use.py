"""The mark of a stack on another stack's platform, and the guard that heeds it."""

from collections.abc import Iterator
from typing import Any

import pytest
from mlops_iac_aws.resources.platform_use import PlatformGuardHandler, PlatformUseHandler

from mlops_iac.handlers.platform_use import NameTakenError, PlatformInUseError
from tests.clouds.aws.running import Cloud, cloud_here
from tests.providers.local.world import FakeCall

BUCKET = "ground-prod-base"
USE, GUARD = PlatformUseHandler(), PlatformGuardHandler()


@pytest.fixture(scope="module")
def here() -> Iterator[Cloud]:
    with cloud_here() as running:
        yield running


@pytest.fixture
def cloud(here: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    for name, value in here.environment.items():
        monkeypatch.setenv(name, value)
    s3 = here.client("s3")
    place = {"LocationConstraint": here.region}
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    yield here
    for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        s3.delete_object(Bucket=BUCKET, Key=item["Key"])
    s3.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def call(cloud: Cloud) -> FakeCall:
    endpoints = {"s3": cloud.address}
    config = {"region": cloud.region, "account": cloud.account, "endpoints": endpoints}
    return FakeCall("urn:use", config)


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


def test_a_mark_that_is_gone_is_made_again(call: FakeCall, cloud: Cloud) -> None:
    identity, state = USE.create(inputs("one", "rows"), call)
    cloud.client("s3").delete_object(Bucket=BUCKET, Key="consumers/one/dev.json")

    assert USE.read(identity, state, call) is None
    USE.delete(identity, state, call)


def test_a_guard_of_a_bucket_that_is_gone_is_gone(call: FakeCall) -> None:
    assert GUARD.read("no-such-bucket-anywhere", {}, call) is None
    GUARD.delete("no-such-bucket-anywhere", {}, call)


def test_a_guard_is_found_by_its_bucket(call: FakeCall) -> None:
    identity, _ = GUARD.create({"bucket": BUCKET}, call)

    found = GUARD.read(identity, {}, call)

    assert found is not None
    assert found.inputs == {"bucket": BUCKET}
