"""`ModelDeployment`: created, adopted, read with drift, updated, imported, removed; on approval."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mlops_iac.custom import Cancelled
from tests.providers.azure_and_gcp.fixtures import of_each
from tests.providers.azure_and_gcp.shop import Shop

SCALED = {"scaling": {"min": 1, "max": 6}}


def test_an_endpoint_is_declared_before_any_model_and_waits(shop: Shop) -> None:
    name, state = shop.create()

    assert (state["state"], state["version"]) == ("waiting", None)
    assert shop.drift_of(name, state) is None


def test_what_is_approved_is_deployed_by_up_and_not_again(shop: Shop) -> None:
    shop.register()
    name, state = shop.create()

    again = shop.update(name, state)

    assert (state["state"], state["version"]) == ("serving", 1)
    assert again == state
    assert shop.calls("deploy") == ["deploy"]


def test_a_promotion_behind_ups_back_is_no_drift(shop: Shop) -> None:
    shop.register()
    name, state = shop.create()
    shop.serve(shop.register())

    assert shop.drift_of(name, state) is None
    assert shop.update(name, state)["version"] == 2


def test_a_new_setting_keeps_the_version_that_was_promoted(shop: Shop) -> None:
    shop.register()
    name, state = shop.create()
    shop.serve(shop.register())

    fresh = shop.update(name, state, scaling={"replicas": 3})

    assert (fresh["version"], fresh["state"]) == (2, "serving")
    assert shop.bounds(2) == (3, 3)


def test_a_pinned_version_is_converged_to(shop: Shop) -> None:
    shop.register()
    shop.register()
    name, state = shop.create(model="late/1")

    fresh = shop.update(name, state, model="late/2")

    assert (state["version"], fresh["version"]) == (1, 2)


def _another_version(shop: Shop) -> None:
    shop.deploy(2, model="late/1")


def _gone(shop: Shop) -> None:
    shop.empty()


def _another_machine(shop: Shop) -> None:
    shop.deploy(1, compute={"cpu": 16, "memory_gb": 64})


def _other_bounds(shop: Shop) -> None:
    shop.deploy(1, scaling={"min": 1, "max": 50})


def _no_document(shop: Shop) -> None:
    shop.drop_document()


ANYWHERE = [
    ({"model": "late/1"}, _another_version, "version 2 is served instead of the pinned one"),
    ({}, _gone, "nothing is served any more"),
    ({}, _another_machine, "other settings than the declared ones"),
]


@of_each(
    "endpoint",
    "change",
    "said",
    azure=[
        *ANYWHERE,
        (SCALED, _other_bounds, "it scales by 1 to 50 instances, not 1 to 6 instances"),
        ({}, _no_document, "its document in the store is gone"),
    ],
    gcp=[
        *ANYWHERE,
        (SCALED, _other_bounds, "it scales between 1 and 50, not 1 and 6"),
        ({}, _no_document, "its document in the bucket is gone"),
    ],
)
def test_other_changes_behind_ups_back_are_drift_and_mended(
    shop: Shop, endpoint: dict[str, Any], change: Callable[[Shop], None], said: str
) -> None:
    shop.register()
    shop.register()
    name, state = shop.create(**endpoint)

    change(shop)

    assert said in shop.drift_of(name, state)
    fresh = shop.update(name, state, **endpoint)
    assert shop.drift_of(name, fresh) is None


def test_a_rejected_version_that_is_served_is_drift(shop: Shop) -> None:
    shop.register()
    shop.register()
    name, state = shop.create()

    shop.name("champion", 2)
    shop.reject(1)

    assert "version 1 is served and is rejected" in shop.drift_of(name, state)


def test_what_is_gone_with_its_document_is_gone(shop: Shop) -> None:
    shop.register()
    name, state = shop.create()
    shop.empty()
    shop.drop_document()

    assert shop.handler.read(name, state, shop.call()) is None


def test_a_deployment_is_imported_and_then_unchanged(shop: Shop) -> None:
    shop.register()
    name, _ = shop.create(**SCALED)

    found = shop.handler.read(name, {}, shop.call())

    assert found is not None
    assert found.inputs == shop.inputs(**SCALED)
    assert shop.handler.diff(found.state, found.inputs, shop.inputs(**SCALED)).changed == ()
    assert shop.handler.read(f"{shop.model.bucket}/nobody", {}, shop.call()) is None


@of_each(
    "at",
    azure=["PUT versions", "PUT deployments", "PUT autoscalesettings", "PUT onlineendpoints"],
    gcp=["models.upload", "endpoints.deployModel", "mergeVersionAliases", "endpoints.get"],
)
def test_a_create_that_was_killed_is_taken_up_and_doubles_nothing(shop: Shop, at: str) -> None:
    """The call is carried out, and the engine dies before it learns of the answer."""
    shop.register()

    with shop.dying(at):
        shop.create(**SCALED)
    _, state = shop.create(**SCALED)

    assert (state["state"], state["version"]) == ("serving", 1)
    assert (shop.deployed(), shop.bounds(1), shop.alias()) == (["main-1"], (1, 6), 1)
    assert shop.copies() in (None, {1})


def test_a_deployment_stops_on_request_and_is_taken_up(shop: Shop) -> None:
    shop.register()
    shop.cloud.control("pace", operations=5)
    call = shop.call()
    call.cancel_when = lambda: bool(call.waits)

    with pytest.raises(Cancelled):
        shop.handler.create(shop.inputs(), call)

    assert call.began is not None
    assert call.began[1]["state"] == "waiting"
    assert shop.update(*call.began)["state"] == "serving"


def test_a_strangers_endpoint_is_refused_before_anything_is_written(shop: Shop) -> None:
    shop.relabel(**{"mlops-iac-stack": "other"})
    call = shop.call()

    with pytest.raises(shop.adapter.errors.NotOursError, match="is not of this stack"):
        shop.handler.create(shop.inputs(), call)

    assert call.began is None
    assert shop.paths("deployments/") == []


def test_a_deletion_leaves_nothing_of_what_the_loop_deployed(shop: Shop) -> None:
    shop.register()
    name, state = shop.create(**SCALED)
    for _ in range(2):
        shop.serve(shop.register(), **SCALED)

    shop.handler.delete(name, state, shop.call())
    shop.handler.delete(name, state, shop.call())

    assert (shop.deployed(), shop.split(), shop.left_behind()) == ([], {}, [])
    assert shop.paths("deployments/") == []


def test_an_approval_starts_the_first_deployment_once_and_no_other(shop: Shop) -> None:
    shop.create()
    shop.define_deploying()
    number = shop.register("pending")
    assert shop.wake() == []
    shop.approve(number)

    first, again = shop.wake(), shop.wake()

    assert [run.name for run in first] == [run.name for run in again]
    assert len(first) == 1
    shop.serve(number)
    shop.register()
    assert shop.wake() == []


@of_each("again", azure=[2], gcp=[1])
def test_the_first_version_of_a_stack_made_anew_is_deployed_by_a_run_of_its_own(
    shop: Shop, again: int
) -> None:
    """Azure ML gives no number again."""
    shop.create()
    shop.define_deploying()
    shop.register()
    (before,) = shop.wake()
    shop.adapter.registry.remove_all(shop.place, shop.model, pause=lambda _: None)
    shop.cloud.clock.advance(60)

    number = shop.register()
    (after,) = shop.wake()

    assert number == again
    assert before.name != after.name


def test_the_work_that_an_approval_starts_deploys_once(
    shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    shop.create()
    arguments = shop.define_deploying()
    shop.register()
    # Azure ML tells a job its run so; Vertex AI, by an argument.
    for name in ("AZUREML_ROOT_RUN_ID", "AZUREML_RUN_ID"):
        monkeypatch.setenv(name, "score-1")

    codes = [shop.adapter.work.main(arguments) for _ in range(2)]

    assert codes == [0, 0]
    said = capsys.readouterr().out.splitlines()
    assert "endpoint score: serves version 1" in said
    assert said[-1] == "endpoint score: nothing to do"
    assert shop.calls("deploy") == ["deploy"]


def test_the_deploy_job_is_registered_for_an_alias_and_not_for_a_pinned_version(
    shop: Shop,
) -> None:
    assert "pipelines/score.json" in shop.uploaded("late@champion")
    assert "pipelines/score.json" not in shop.uploaded("late/3")


def test_the_state_of_a_deployment_is_json_and_holds_no_secret(shop: Shop) -> None:
    shop.register()

    _, state = shop.create(environment={"PASSWORD": {"secret": "db"}})

    text = json.dumps(state)
    assert "MLOPS_SECRET_PASSWORD" in text
    assert "test-token" not in text
