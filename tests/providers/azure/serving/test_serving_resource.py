"""`ModelDeployment`: created, adopted, read with drift, updated, imported, removed; on approval."""

import json
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from typing import Any

import pytest
from mlops_iac_azure import documents, place, registry, serving
from mlops_iac_azure.errors import NotOursError
from mlops_iac_azure.resources.model_deployment import ModelDeploymentHandler
from mlops_iac_azure.serving.waking import wake
from mlops_iac_azure.work import __main__ as work_main

from mlops_iac.custom import Cancelled
from mlops_iac.handlers.model_deployment import DRIFT
from tests.providers.azure.serving.world import Shop
from tests.providers.local.world import CrashError

HANDLER = ModelDeploymentHandler()
STEP = "jobs/score/deploy.json"
SCALED = {"scaling": {"min": 1, "max": 6}}
SHADOW = {"challenger": {"model": "late/2", "percent": 5, "shadow": True}}


def create(shop: Shop, **endpoint: Any) -> tuple[str, dict[str, Any]]:
    name, state = HANDLER.create(shop.inputs(**endpoint), shop.call())
    return name, dict(state)


def drift_of(shop: Shop, name: str, state: Mapping[str, Any]) -> Any:
    found = HANDLER.read(name, state, shop.call())
    assert found is not None
    declared = {key: value for key, value in found.inputs.items() if key != DRIFT}
    change = HANDLER.diff(found.state, found.inputs, declared)
    assert bool(change.changed) == (DRIFT in found.inputs)
    assert not change.replaces
    return found.inputs.get(DRIFT)


def test_an_endpoint_is_declared_before_any_model_and_waits(shop: Shop) -> None:
    name, state = create(shop)

    assert (state["state"], state["version"]) == ("waiting", None)
    assert drift_of(shop, name, state) is None


def test_what_is_approved_is_deployed_by_up_and_not_again(shop: Shop) -> None:
    shop.register()
    name, state = create(shop)

    again = HANDLER.update(name, state, shop.inputs(), shop.call())

    assert (state["state"], state["version"]) == ("serving", 1)
    assert again == state
    assert len(shop.calls("deployments.put")) == 1


def test_a_promotion_behind_ups_back_is_no_drift(shop: Shop) -> None:
    shop.register()
    name, state = create(shop)
    shop.serve(shop.register())

    assert drift_of(shop, name, state) is None
    assert HANDLER.update(name, state, shop.inputs(), shop.call())["version"] == 2


def test_a_new_setting_keeps_the_version_that_was_promoted(shop: Shop) -> None:
    shop.register()
    name, state = create(shop)
    shop.serve(shop.register())

    fresh = HANDLER.update(name, state, shop.inputs(scaling={"replicas": 3}), shop.call())

    assert (fresh["version"], fresh["state"]) == (2, "serving")
    assert shop.of_version(2)["sku"]["capacity"] == 3


def test_a_pinned_version_is_converged_to(shop: Shop) -> None:
    shop.register()
    shop.register()
    name, state = create(shop, model="late/1")

    fresh = HANDLER.update(name, state, shop.inputs(model="late/2"), shop.call())

    assert (state["version"], fresh["version"]) == (1, 2)


def _another_version(shop: Shop) -> None:
    serving.deploy(shop.work(), shop.deployment(model="late/1"), 2)


def _gone(shop: Shop) -> None:
    shop.make_endpoint()
    for one in shop.running().values():
        shop.ask("DELETE", one["id"])


def _another_machine(shop: Shop) -> None:
    serving.deploy(shop.work(), shop.deployment(compute={"cpu": 16, "memory_gb": 64}), 1)


def _rejected(shop: Shop) -> None:
    registry.set_alias(shop.place, shop.model, "champion", 2)
    registry.reject(shop.place, shop.model, 1, approver="ada", comment="biased")


def _other_bounds(shop: Shop) -> None:
    serving.deploy(shop.work(), shop.deployment(scaling={"min": 1, "max": 50}), 1)


def _no_setting(shop: Shop) -> None:
    for one in shop.settings().values():
        shop.ask("DELETE", one["id"])


def _no_copies(shop: Shop) -> None:
    told = shop.endpoint()
    properties = {**told["properties"], "mirrorTraffic": {}}
    shop.ask("PUT", told["id"], {**told, "properties": properties})


def _other_count(shop: Shop) -> None:
    shop.instances(1, 7)


def _no_document(shop: Shop) -> None:
    documents.remove(shop.place, shop.model.bucket, "deployments/score.json")


@pytest.mark.parametrize(
    ("endpoint", "change", "said"),
    [
        ({"model": "late/1"}, _another_version, "version 2 is served instead of the pinned one"),
        ({}, _gone, "nothing is served any more"),
        ({}, _another_machine, "other settings than the declared ones"),
        ({}, _rejected, "version 1 is served and is rejected"),
        (SCALED, _other_bounds, "it scales by 1 to 50 instances, not 1 to 6 instances"),
        (SCALED, _no_setting, "its autoscale setting is gone"),
        (SHADOW, _no_copies, "its traffic is copied in another way than declared"),
        ({}, _other_count, "it has 7 instances, not 1"),
        ({}, _no_document, "its document in the store is gone"),
    ],
)
def test_other_changes_behind_ups_back_are_drift_and_mended(
    shop: Shop, endpoint: dict[str, Any], change: Any, said: str
) -> None:
    shop.register()
    shop.register()
    name, state = create(shop, **endpoint)

    change(shop)

    assert said in drift_of(shop, name, state)
    if change is not _rejected:
        fresh = HANDLER.update(name, state, shop.inputs(**endpoint), shop.call())
        assert drift_of(shop, name, fresh) is None


def test_what_is_gone_with_its_document_is_gone(shop: Shop) -> None:
    shop.register()
    name, state = create(shop)
    _gone(shop)
    _no_document(shop)

    assert HANDLER.read(name, state, shop.call()) is None


def test_a_deployment_is_imported_and_then_unchanged(shop: Shop) -> None:
    shop.register()
    name, _ = create(shop, **SCALED)

    found = HANDLER.read(name, {}, shop.call())

    assert found is not None
    assert found.inputs == shop.inputs(**SCALED)
    assert HANDLER.diff(found.state, found.inputs, shop.inputs(**SCALED)).changed == ()
    assert HANDLER.read(f"{shop.model.bucket}/nobody", {}, shop.call()) is None


@pytest.mark.parametrize(
    "at", ["PUT versions", "PUT deployments", "PUT autoscalesettings", "PUT onlineendpoints"]
)
def test_a_create_that_was_killed_is_taken_up_and_doubles_nothing(
    shop: Shop, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call is carried out, and the engine dies before it learns of the answer."""
    shop.register()
    from mlops_iac_azure import rest

    real = rest.answered

    def die(where: Any, request: rest.Request, **more: Any) -> Any:
        answer = real(where, request, **more)
        path = request.url.partition("?")[0].lower().split("/")
        if f"{request.verb} {path[-2]}" == at:
            raise CrashError
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(rest, "answered", die)
        with pytest.raises(CrashError):
            create(shop, **SCALED)
    _, state = create(shop, **SCALED)

    assert (state["state"], state["version"]) == ("serving", 1)
    assert (len(shop.running()), len(shop.settings()), shop.alias()) == (1, 1, 1)


def test_a_deployment_stops_on_request_and_is_taken_up(shop: Shop) -> None:
    shop.register()
    shop.cloud.control("pace", operations=5)
    call = shop.call()
    call.cancel_when = lambda: bool(call.waits)

    with pytest.raises(Cancelled):
        HANDLER.create(shop.inputs(), call)

    assert call.began is not None
    assert call.began[1]["state"] == "waiting"
    fresh = HANDLER.update(call.began[0], call.began[1], shop.inputs(), shop.call())
    assert fresh["state"] == "serving"


def test_a_strangers_endpoint_is_refused_before_anything_is_written(shop: Shop) -> None:
    shop.make_endpoint(**{"mlops-iac-stack": "other"})
    call = shop.call()

    with pytest.raises(NotOursError, match="is not of this stack"):
        HANDLER.create(shop.inputs(), call)

    assert call.began is None
    assert documents.paths(shop.place, shop.model.bucket, "deployments/") == []


def test_a_deletion_leaves_nothing_of_what_the_loop_deployed(shop: Shop) -> None:
    shop.register()
    name, state = create(shop, **SCALED)
    for _ in range(2):
        shop.serve(shop.register(), **SCALED)

    HANDLER.delete(name, state, shop.call())
    HANDLER.delete(name, state, shop.call())

    assert (shop.running(), shop.settings(), shop.split()) == ({}, {}, {})
    assert documents.paths(shop.place, shop.model.bucket, "deployments/") == []


def _define_job(shop: Shop) -> None:
    """Write what the declaration's deploy job is started by, and what its step reads."""
    where, bucket = shop.place, shop.model.bucket
    step = {"step": "deploy", "component": "score", "bucket": bucket, "subscription":
            where.subscription, "region": where.region, "group": where.group,
            "workspace": where.workspace}  # fmt: skip
    documents.write(where, bucket, STEP, step)
    job = {"jobType": "Pipeline", "displayName": "score", "experimentName": "score", "jobs": {}}
    definition = {"bucket": bucket, "pipeline": "score", "pipeline_job": job}
    documents.write(where, bucket, place.definition_key("score"), definition)


def test_an_approval_starts_the_first_deployment_once_and_no_other(shop: Shop) -> None:
    create(shop)
    _define_job(shop)
    number = shop.register("pending")
    assert wake(shop.work(), shop.model) == []
    registry.approve(shop.place, shop.model, number, approver="ada", comment="")

    first, again = (wake(shop.work(), shop.model) for _ in range(2))

    assert [run.name for run in first] == [run.name for run in again]
    assert len(first) == 1
    shop.serve(number)
    shop.register()
    assert wake(shop.work(), shop.model) == []


def test_the_first_version_of_a_stack_made_anew_is_deployed_by_a_run_of_its_own(
    shop: Shop,
) -> None:
    create(shop)
    _define_job(shop)
    shop.register()
    (before,) = wake(shop.work(), shop.model)
    registry.remove_all(shop.place, shop.model, pause=lambda _: None)
    shop.cloud.clock.advance(60)

    number = shop.register()
    (after,) = wake(shop.work(), shop.model)

    assert number == 2
    assert before.name != after.name


def test_the_work_that_an_approval_starts_deploys_once(
    shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    create(shop)
    _define_job(shop)
    shop.register()
    document = place.uri(shop.model.bucket, STEP)
    monkeypatch.setenv("AZUREML_ROOT_RUN_ID", "score-1")
    monkeypatch.setenv("AZUREML_RUN_ID", "score-1")
    arguments = ["deploy", "--document", document]

    codes = [work_main.main(arguments), work_main.main(arguments)]

    assert codes == [0, 0]
    said = capsys.readouterr().out.splitlines()
    assert "endpoint score: serves version 1" in said
    assert said[-1] == "endpoint score: nothing to do"
    assert len(shop.calls("deployments.put")) == 1


def test_the_deploy_job_is_registered_for_an_alias_and_not_for_a_pinned_version(
    shop: Shop,
) -> None:
    def texts(model: str) -> list[str]:
        made = shop.record("score", model=model).of_type("mlops-iac:azure:Upload")
        return [str(one.inputs["path"]) for one in made]

    assert "pipelines/score.json" in texts("late@champion")
    assert "pipelines/score.json" not in texts("late/3")


def test_deploying_needs_neither_pulumi_nor_pydantic() -> None:
    program = """
        import sys
        sys.modules.update(dict.fromkeys(["pulumi", "pydantic", "pulumi_azure_native"]))
        import mlops_iac_azure.serving.waking
        import mlops_iac_azure.work.serve
        assert not {"azure.storage.blob", "azure.identity", "requests"} & sys.modules.keys()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_state_of_a_deployment_is_json_and_holds_no_secret(shop: Shop) -> None:
    shop.register()

    _, state = create(shop, environment={"PASSWORD": {"secret": "db"}})

    text = json.dumps(state)
    assert "MLOPS_SECRET_PASSWORD" in text
    assert "test-token" not in text
