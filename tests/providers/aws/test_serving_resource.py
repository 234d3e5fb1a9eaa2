"""`ModelDeployment`: created, adopted, read with drift, updated, imported, removed; on approval."""

import json
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from typing import Any

import pytest
from mlops_iac_aws import registry, serving
from mlops_iac_aws.errors import NotOursError
from mlops_iac_aws.first_deployment import approval_pattern
from mlops_iac_aws.resources.model_deployment import DRIFT, ModelDeploymentHandler
from mlops_iac_aws.resources.model_versions import ModelVersionsHandler
from mlops_iac_aws.serving import capacity
from mlops_iac_aws.work import __main__ as work_main

from mlops_iac.custom import Cancelled
from tests.providers.aws.serving_world import Shop
from tests.providers.local.world import CrashError

HANDLER = ModelDeploymentHandler()
SCALED = {"scaling": {"min": 1, "max": 6}}


def create(shop: Shop, **endpoint: Any) -> tuple[str, dict[str, Any]]:
    name, state = HANDLER.create(shop.inputs(**endpoint), shop.call())
    return name, dict(state)


def drift_of(shop: Shop, name: str, state: Mapping[str, Any]) -> Any:
    found = HANDLER.read(name, state, shop.call())
    assert found is not None
    change = HANDLER.diff(found.state, found.inputs, {k: v for k, v in found.inputs.items()
                                                      if k != DRIFT})  # fmt: skip
    assert bool(change.changed) == (DRIFT in found.inputs)
    assert not change.replaces
    return found.inputs.get(DRIFT)


def test_an_endpoint_is_declared_before_any_model_and_waits(shop: Shop) -> None:
    """databricks/mlops-stacks #217: the endpoint is declared before the first model."""
    name, state = create(shop)

    assert (state["state"], state["version"]) == ("waiting", None)
    assert drift_of(shop, name, state) is None
    assert shop.sagemaker.list_endpoints()["Endpoints"] == []


def test_what_is_approved_is_deployed_by_up_and_not_again(shop: Shop) -> None:
    shop.register()
    name, state = create(shop)

    again = HANDLER.update(name, state, shop.inputs(), shop.call())

    assert (state["state"], state["version"]) == ("serving", 1)
    assert again == state
    assert len(shop.calls("CreateEndpoint", "UpdateEndpoint")) == 1


def test_up_beside_the_first_deployment_of_an_event_finishes_what_that_does(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between endpoint and bounds a read sees drift: who ends the deployment may have been killed.

    That update is the one that a `refresh` and an `up` meanwhile count.
    """
    name, state = create(shop, **SCALED)
    shop.register()
    follow, seen = capacity.follow, list[Any]()

    def watched(*given: Any) -> None:
        if not seen:
            seen.append(drift_of(shop, name, state))
            HANDLER.update(name, state, shop.inputs(**SCALED), shop.call())
        follow(*given)

    monkeypatch.setattr(capacity, "follow", watched)
    serving.deploy_first(shop.work(), shop.deployment(**SCALED))

    assert seen == ["it scales between no bounds, not 1 and 6"]
    assert drift_of(shop, name, state) is None
    assert len(shop.calls("CreateEndpoint", "UpdateEndpoint")) == 1


def test_a_promotion_behind_ups_back_is_no_drift(shop: Shop) -> None:
    """databricks/cli #5708, terraform-provider-aws #43643: no diff that never ends."""
    shop.register()
    name, state = create(shop)
    shop.serve(shop.register())

    assert drift_of(shop, name, state) is None
    fresh = HANDLER.update(name, state, shop.inputs(), shop.call())
    assert fresh["version"] == 2


def test_a_new_setting_keeps_the_version_that_was_promoted(shop: Shop) -> None:
    shop.register()
    name, state = create(shop)
    shop.serve(shop.register())

    fresh = HANDLER.update(name, state, shop.inputs(scaling={"replicas": 3}), shop.call())

    assert (fresh["version"], fresh["state"]) == (2, "serving")
    assert shop.endpoint()["ProductionVariants"][0]["DesiredInstanceCount"] == 3


def test_a_pinned_version_is_converged_to(shop: Shop) -> None:
    shop.register()
    shop.register()
    name, state = create(shop, model="late/1")

    fresh = HANDLER.update(name, state, shop.inputs(model="late/2"), shop.call())

    assert (state["version"], fresh["version"]) == (1, 2)


def _another_version(shop: Shop) -> None:
    serving.deploy(shop.work(), shop.deployment(model="late/1"), 2)


def _gone(shop: Shop) -> None:
    shop.sagemaker.delete_endpoint(EndpointName=shop.inputs()["endpoint"])


def _another_machine(shop: Shop) -> None:
    known = shop.endpoint()["EndpointConfigName"]
    told = shop.sagemaker.describe_endpoint_config(EndpointConfigName=known)
    variant = {**told["ProductionVariants"][0], "InitialInstanceCount": 9}
    name = f"{shop.inputs()['endpoint']}-by-hand"
    shop.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    shop.sagemaker.update_endpoint(EndpointName=known[:-9], EndpointConfigName=name)


def _rejected(shop: Shop) -> None:
    arn = registry.version(shop.clients, shop.deployment().group, 1).arn
    shop.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Rejected")


def _other_bounds(shop: Shop) -> None:
    (target,) = shop.scaling.describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]
    kept = {k: target[k] for k in ("ServiceNamespace", "ResourceId", "ScalableDimension")}
    shop.scaling.register_scalable_target(**kept, MinCapacity=1, MaxCapacity=50)


def _no_document(shop: Shop) -> None:
    key = {"Bucket": shop.inputs()["bucket"], "Key": "deployments/score.json"}
    shop.cloud.client("s3").delete_object(**key)


@pytest.mark.parametrize(
    ("endpoint", "change", "said"),
    [
        ({"model": "late/1"}, _another_version, "version 2 is served instead of the pinned one"),
        ({}, _gone, "nothing is served any more"),
        ({}, _another_machine, "another configuration than the declared one"),
        ({}, _rejected, "version 1 is served and is rejected"),
        (SCALED, _other_bounds, "it scales between 1 and 50, not 1 and 6"),
        ({}, _no_document, "its document in the bucket is gone"),
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
    if change is _rejected:
        return
    fresh = HANDLER.update(name, state, shop.inputs(**endpoint), shop.call())
    assert drift_of(shop, name, fresh) is None


def test_what_is_gone_with_its_document_is_gone(shop: Shop) -> None:
    shop.register()
    name, state = create(shop)
    _gone(shop)
    _no_document(shop)

    assert HANDLER.read(name, state, shop.call()) is None


def test_an_endpoint_is_imported_by_its_name_and_then_unchanged(shop: Shop) -> None:
    shop.register()
    name, _ = create(shop, **SCALED)

    found = HANDLER.read(name, {}, shop.call())

    assert found is not None
    assert found.inputs == shop.inputs(**SCALED)
    assert HANDLER.diff(found.state, found.inputs, shop.inputs(**SCALED)).changed == ()
    assert HANDLER.read("nobody", {}, shop.call()) is None


@pytest.mark.parametrize("at", ["create_model", "create_endpoint", "describe_endpoint", "copy"])
def test_a_create_that_was_killed_is_taken_up_and_doubles_nothing(shop: Shop, at: str) -> None:
    shop.register()
    client = shop.work().clients("s3" if at == "copy" else "sagemaker")
    real = getattr(client, at)

    def die(**request: Any) -> Any:
        real(**request)
        raise CrashError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, at, die)
        with pytest.raises(CrashError):
            create(shop)
    _, state = create(shop)

    assert (state["state"], state["version"]) == ("serving", 1)
    assert shop.parts() == (1, 1)
    assert len(shop.calls("CreateEndpoint")) == 1
    assert json.loads(shop.get("models/late/champion/version.json"))["version"] == 1


def test_a_deployment_stops_on_request_and_is_taken_up(shop: Shop) -> None:
    shop.register()
    shop.cloud.control("pace", Endpoint=5)
    call = shop.call()
    call.cancel_when = lambda: bool(call.waits)

    with pytest.raises(Cancelled):
        HANDLER.create(shop.inputs(), call)

    assert call.began is not None
    assert call.began[1]["state"] == "waiting"
    fresh = HANDLER.update(call.began[0], call.began[1], shop.inputs(), shop.call())
    assert fresh["state"] == "serving"


def test_a_strangers_endpoint_is_refused_before_anything_is_written(shop: Shop) -> None:
    shop.register()
    create(shop)
    arn = shop.endpoint()["EndpointArn"]
    shop.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "mlops-iac-stack", "Value": "other"}])
    call = shop.call()

    with pytest.raises(NotOursError, match="is not of this stack"):
        HANDLER.create(shop.inputs(), call)

    assert call.began is None


def test_a_deletion_leaves_nothing_of_what_the_loop_deployed(shop: Shop) -> None:
    shop.register()
    name, state = create(shop, **SCALED)
    for _ in range(2):
        shop.serve(shop.register(), **SCALED)

    HANDLER.delete(name, state, shop.call())
    HANDLER.delete(name, state, shop.call())

    assert shop.parts() == (0, 0)
    assert [key for key in shop.objects() if not key.startswith("runs/")] == []


def test_a_models_versions_are_removed_before_their_group(shop: Shop) -> None:
    for _ in range(12):
        shop.register()
    handler, group = ModelVersionsHandler(), shop.deployment().group
    name, state = handler.create({"group": group}, shop.call())

    handler.delete(name, state, shop.call())
    shop.sagemaker.delete_model_package_group(ModelPackageGroupName=group)

    assert handler.read(name, {}, shop.call()) is None
    handler.delete(name, state, shop.call())


def test_a_copy_that_others_read_outlives_the_endpoint(shop: Shop) -> None:
    shop.register()
    inputs = shop.inputs()
    shared = {**inputs, "policy": {**inputs["policy"], "is_shared": True}}
    name, state = HANDLER.create(shared, shop.call())

    HANDLER.delete(name, state, shop.call())

    assert "models/late/champion/model.tar.gz" in shop.objects()


def test_only_an_approval_starts_the_first_deployment(shop: Shop) -> None:
    group, pipeline = shop.deployment().group, "shop-dev-score"
    events = shop.cloud.client("events")
    role = f"arn:aws:iam::{shop.cloud.account}:role/starter"
    made = shop.sagemaker.create_pipeline(
        PipelineName=pipeline,
        ClientRequestToken="0" * 32,
        RoleArn=role,
        PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": []}),
    )
    events.put_rule(Name="approval", EventPattern=json.dumps(approval_pattern(group)))
    target = {"Id": "1", "Arn": made["PipelineArn"], "RoleArn": role}
    events.put_targets(Rule="approval", Targets=[target])

    def started() -> int:
        found = shop.sagemaker.list_pipeline_executions(PipelineName=pipeline)
        return len(found["PipelineExecutionSummaries"])

    pending = shop.register("PendingManualApproval")
    assert started() == 0
    registry.approve(shop.clients, group, pending, approver="ada", comment="")
    assert started() == 1
    shop.serve(pending)
    assert started() == 1
    shop.register("Approved")
    assert started() == 2


def test_the_work_that_an_approval_starts_deploys_once(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    create(shop)
    shop.register()
    arguments = ["deploy", shop.inputs()["bucket"], "score"]

    codes = [work_main.main(arguments), work_main.main(arguments)]

    assert codes == [0, 0]
    assert capsys.readouterr().out.splitlines()[-2:] == [
        f"endpoint {shop.inputs()['endpoint']}: serves version 1",
        f"endpoint {shop.inputs()['endpoint']}: nothing to do",
    ]
    assert len(shop.calls("CreateEndpoint", "UpdateEndpoint")) == 1


def test_work_tells_what_is_wrong_by_its_code(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = [work_main.main(["dance"]), work_main.main(["deploy", shop.inputs()["bucket"], "x"])]

    assert codes == [2, 1]
    assert "there is no endpoint `x`" in capsys.readouterr().err


def test_deploying_needs_neither_pulumi_nor_pydantic() -> None:
    program = """
        import sys
        sys.modules.update(dict.fromkeys(["pulumi", "pydantic", "pulumi_aws"]))
        import mlops_iac_aws.work.deploy
        assert "boto3" not in sys.modules
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
