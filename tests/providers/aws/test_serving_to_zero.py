"""Endpoints that go to zero: an inference component is deployed, replaced, woken and removed.

On the test cloud, which scales nothing by itself: a test sets the copies as the load would.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import pytest
from mlops_iac_aws import registry, serving
from mlops_iac_aws.errors import DeploymentError, NotOursError
from mlops_iac_aws.operations import AwsOperations
from mlops_iac_aws.resources.model_deployment import ModelDeploymentHandler

from mlops_iac.errors import OperationError
from mlops_iac.provider import OperationScope, Scope
from tests.providers.aws.harness import draw
from tests.providers.aws.scenarios import ROLE, RUNTIME, base
from tests.providers.aws.serving_world import Shop, digest
from tests.providers.aws.test_serving import ring
from tests.providers.local.world import CrashError

ZERO = {"scaling": {"min": 0, "max": 4}}
LINEAR = {**ZERO, "rollout": {"step_percent": 25, "wait": "1m"}}
REPLICAS = {"scaling": {"min": 1, "max": 4}}
HANDLER = ModelDeploymentHandler()


def component(shop: Shop) -> dict[str, Any]:
    name = shop.inputs(**ZERO)["endpoint"]
    return shop.sagemaker.describe_inference_component(InferenceComponentName=name)


def components(shop: Shop) -> list[Any]:
    return shop.sagemaker.list_inference_components()["InferenceComponents"]


def scale(shop: Shop, copies: int) -> None:
    shop.sagemaker.update_inference_component_runtime_config(
        InferenceComponentName=component(shop)["InferenceComponentName"],
        DesiredRuntimeConfig={"CopyCount": copies},
    )


def drift_of(shop: Shop, state: Mapping[str, Any]) -> Any:
    found = HANDLER.read(shop.inputs(**ZERO)["endpoint"], state, shop.call())
    return None if found is None else found.inputs.get("drift")


def verbs(shop: Shop) -> AwsOperations:
    drawn = draw(shop.folder, *base(**ZERO), runtime_image=RUNTIME)
    known = {item.name: getattr(drawn.scopes["score"], item.name) for item in fields(Scope)}
    services = ("s3", "sagemaker", "sagemaker-runtime")
    there = dict.fromkeys(services, shop.cloud.address)
    known["target"] = replace(known["target"], endpoints=there)
    return AwsOperations(OperationScope(**known, outputs={}))


def test_a_component_serves_the_first_version_and_its_copies_may_be_none(shop: Shop) -> None:
    """terraform-provider-aws #40606: nothing runs while nobody asks."""
    served = shop.serve(shop.register(), **ZERO)

    made = component(shop)
    (target,) = shop.scaling.describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]
    (variant,) = shop.endpoint()["ProductionVariants"]
    policies = shop.scaling.describe_scaling_policies(ServiceNamespace="sagemaker")
    arns = {item["PolicyName"]: item["PolicyARN"] for item in policies["ScalingPolicies"]}
    (alarm,) = shop.cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]

    assert (served.version, served.digest, served.status) == (1, digest(1), "InService")
    assert made["Specification"]["ModelName"] == served.model
    assert target["ResourceId"] == f"inference-component/{served.endpoint}"
    assert (target["MinCapacity"], target["MaxCapacity"]) == (0, 4)
    assert variant["ManagedInstanceScaling"]["MinInstanceCount"] == 0
    assert alarm["MetricName"] == "NoCapacityInvocationFailures"
    assert alarm["AlarmActions"] == [arns[f"{served.endpoint}-wake"]]


def test_a_new_version_replaces_the_model_of_the_component_alone(shop: Shop) -> None:
    shop.serve(shop.register(), **ZERO)
    scale(shop, 3)

    second = shop.serve(shop.register(), **ZERO)

    asked = ("CreateEndpoint", "UpdateEndpoint", "CreateInferenceComponent",
             "UpdateInferenceComponent", "DeleteInferenceComponent")  # fmt: skip
    assert [one["operation"] for one in shop.calls(*asked)] == [
        "CreateEndpoint",
        "CreateInferenceComponent",
        "UpdateInferenceComponent",
    ]
    assert (second.version, component(shop)["Specification"]["ModelName"]) == (2, second.model)
    assert component(shop)["RuntimeConfig"]["DesiredCopyCount"] == 3
    assert shop.parts() == (2, 1)


def test_a_version_that_comes_while_nothing_runs_proves_itself_on_one_copy(shop: Shop) -> None:
    shop.serve(shop.register(), **ZERO)
    scale(shop, 0)

    with shop.failing("CannotStartContainerError"), pytest.raises(DeploymentError):
        shop.serve(shop.register(), **ZERO)
    shop.serve(2, **ZERO)

    assert component(shop)["RuntimeConfig"]["DesiredCopyCount"] == 1


def test_deploying_what_is_deployed_changes_no_component(shop: Shop) -> None:
    shop.serve(shop.register(), **ZERO)
    scale(shop, 0)

    shop.serve(1, **ZERO)

    assert shop.calls("UpdateInferenceComponent", "UpdateEndpoint") == []
    assert component(shop)["RuntimeConfig"]["DesiredCopyCount"] == 0


def test_a_replacement_that_an_alarm_rolls_back_fails_and_moves_no_alias(shop: Shop) -> None:
    shop.serve(shop.register(), **LINEAR)
    deployment = shop.deployment(**LINEAR)
    name = ring(shop, deployment, "UpdateInferenceComponent")
    shop.cloud.control("pace", InferenceComponent=2)

    with pytest.raises(DeploymentError, match=f"rolled back: .*{name}"):
        shop.serve(shop.register(), **LINEAR)
    shop.cloud.control("pace", InferenceComponent=0)

    now = serving.deployed(shop.work(), deployment.endpoint)
    assert now is not None
    assert (now.version, now.status) == (1, "InService")
    assert b'"version": 1' in shop.get("models/late/champion/version.json")
    assert shop.parts() == (1, 1)


def test_a_component_that_never_came_up_is_made_anew(shop: Shop) -> None:
    with shop.failing("CannotStartContainerError"), pytest.raises(DeploymentError, match="Failed"):
        # The endpoint itself has no container.
        shop.serve(shop.register(), **ZERO)

    served = shop.serve(shop.register(), **ZERO)

    assert (served.version, served.status) == (2, "InService")


@pytest.mark.parametrize("at", ["create_inference_component", "describe_inference_component"])
def test_a_create_that_was_killed_is_taken_up_and_makes_one_component(shop: Shop, at: str) -> None:
    shop.register()
    client = shop.work().clients("sagemaker")
    real = getattr(client, at)

    def die(**request: Any) -> Any:
        try:
            return real(**request)
        finally:
            raise CrashError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, at, die)
        with pytest.raises(CrashError):
            HANDLER.create(shop.inputs(**ZERO), shop.call())
    _, state = HANDLER.create(shop.inputs(**ZERO), shop.call())

    assert (state["state"], state["version"]) == ("serving", 1)
    assert (shop.parts(), len(components(shop))) == ((1, 1), 1)


def test_a_deployment_waits_while_the_load_changes_the_copies(shop: Shop) -> None:
    shop.serve(shop.register(), **ZERO)
    shop.cloud.control("pace", InferenceComponent=2)
    scale(shop, 2)
    call, number = shop.call(), shop.register()

    served = serving.promote(shop.work(call), shop.deployment(**ZERO), number)
    shop.cloud.control("pace", InferenceComponent=0)

    assert (served.version, component(shop)["RuntimeConfig"]["DesiredCopyCount"]) == (2, 2)
    assert call.waits


def test_a_rollback_goes_to_the_version_that_served_before(shop: Shop) -> None:
    for _ in range(3):
        shop.serve(shop.register(), **ZERO)

    back = serving.rollback(shop.work(), shop.deployment(**ZERO))

    assert back.version == 2
    assert shop.parts() == (2, 1)


def test_a_component_that_another_stack_owns_is_left_alone(shop: Shop) -> None:
    shop.serve(shop.register(), **ZERO)
    arn = component(shop)["InferenceComponentArn"]
    shop.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "mlops-iac-stack", "Value": "another"}])

    with pytest.raises(NotOursError):
        shop.serve(shop.register(), **ZERO)
    with pytest.raises(NotOursError):
        serving.undeploy(shop.work(), shop.deployment(**ZERO), keep_copy=False)

    assert len(components(shop)) == 1


@pytest.mark.parametrize(("before", "after"), [(ZERO, REPLICAS), (REPLICAS, ZERO)])
def test_what_serves_with_replicas_does_not_begin_or_cease_to_go_to_zero(
    shop: Shop, before: dict[str, Any], after: dict[str, Any]
) -> None:
    served = shop.serve(shop.register(), **before)

    with pytest.raises(OperationError, match="to zero") as raised:
        shop.serve(1, **after)

    assert "another name" in raised.value.remedy
    assert serving.deployed(shop.work(), served.endpoint) == served
    assert serving.load(shop.clients, shop.inputs()["bucket"], "score").document == shop.inputs(
        **before
    )


def test_removal_takes_the_component_before_its_endpoint_and_leaves_nothing(shop: Shop) -> None:
    """amazon-sagemaker-feedback #49: a component blocks the deletion."""
    shop.register()
    name, state = HANDLER.create(shop.inputs(**ZERO), shop.call())

    HANDLER.delete(name, state, shop.call())

    removed = ("DeleteInferenceComponent", "DeleteEndpoint")
    assert [one["operation"] for one in shop.calls(*removed)] == list(removed)
    assert (shop.sagemaker.list_endpoints()["Endpoints"], components(shop)) == ([], [])
    assert shop.parts() == (0, 0)
    assert (
        shop.scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
        == []
    )
    assert shop.cloud.client("cloudwatch").describe_alarms()["MetricAlarms"] == []


def test_a_component_whose_endpoint_was_deleted_by_hand_does_not_block_the_next(
    shop: Shop,
) -> None:
    shop.register()
    name, state = HANDLER.create(shop.inputs(**ZERO), shop.call())
    shop.sagemaker.delete_endpoint(EndpointName=name)
    assert drift_of(shop, state) == "nothing is served any more"

    fresh = HANDLER.update(name, state, shop.inputs(**ZERO), shop.call())

    assert (fresh["version"], drift_of(shop, fresh)) == (1, None)
    made = ("CreateInferenceComponent", "DeleteInferenceComponent")
    assert [one["operation"] for one in shop.calls(*made)] == [*made, made[0]]


def test_another_model_in_the_component_is_drift_and_other_copies_are_none(shop: Shop) -> None:
    shop.register()
    name, state = HANDLER.create(shop.inputs(**ZERO), shop.call())
    scale(shop, 0)
    assert drift_of(shop, state) is None

    package = registry.version(shop.clients, shop.inputs()["policy"]["model_group"], 1).arn
    for model, container, said in (
        ("foreign", {"Image": RUNTIME}, "what is served is no version of its model"),
        ("bare", {"ModelPackageName": package}, "the endpoint has another configuration"),
    ):
        shop.sagemaker.create_model(
            ModelName=model, ExecutionRoleArn=ROLE, PrimaryContainer=container
        )
        specification = {**component(shop)["Specification"], "ModelName": model}
        shop.sagemaker.update_inference_component(
            InferenceComponentName=name, Specification=specification
        )
        assert drift_of(shop, state).startswith(said)


def test_predict_names_the_component_and_tells_that_it_wakes(shop: Shop) -> None:
    shop.serve(shop.register(), **ZERO)
    operations = verbs(shop)
    rows = [{"late": 0}]

    # The containers of this cloud answer what they are asked.
    assert operations.predict("score", rows) == {"instances": rows}
    scale(shop, 0)
    with pytest.raises(OperationError, match="wakes now") as raised:
        operations.predict("score", rows)

    assert "minutes" in raised.value.remedy
    metrics = shop.cloud.client("cloudwatch").list_metrics(
        MetricName="NoCapacityInvocationFailures"
    )["Metrics"]
    assert [one["Dimensions"][0]["Value"] for one in metrics] == [shop.inputs()["endpoint"]]
