"""Rollouts on SageMaker, each named after what went wrong with others; on the test cloud.

Proves what is asked of SageMaker and what is made of its answers; that SageMaker itself behaves
so is the test cloud's word.
"""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from mlops_iac_aws import registry, serving
from mlops_iac_aws.errors import AwsError, DeploymentError, NotOursError, QuotaError

from mlops_iac.errors import OperationError
from tests.providers.aws.serving_world import Shop, digest

CANARY = {"rollout": {"percent": 10, "wait": "1m"}}
SCALED = {"scaling": {"min": 1, "max": 6}}


def ring(shop: Shop, deployment: serving.Deployment, operation: str = "UpdateEndpoint") -> str:
    """Let the first alarm of an endpoint's rollout be in ALARM; return its name."""
    rollback = deployment.body(operation)["DeploymentConfig"]["AutoRollbackConfiguration"]
    name = rollback["Alarms"][0]["AlarmName"]
    cloudwatch = shop.cloud.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0.05,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="errors")
    return name


def test_the_first_version_is_deployed_with_its_digest_and_takes_the_alias(shop: Shop) -> None:
    served = shop.serve(shop.register())

    assert (served.version, served.digest, served.status) == (1, digest(1), "InService")
    assert shop.endpoint()["EndpointConfigName"] == served.configuration
    assert json.loads(shop.get("models/late/champion/version.json")) == {
        "version": 1,
        "digest": digest(1),
        "package": registry.version(shop.clients, served.group, 1).arn,
    }
    assert shop.get("models/late/champion/model.tar.gz") == shop.get(
        "runs/delay/run-1/output/model.tar.gz"
    )


def test_a_new_version_is_an_update_and_never_a_deletion_first(shop: Shop) -> None:
    """terraform-provider-aws #40048, #48993: the endpoint answers all the time."""
    shop.serve(shop.register())
    shop.cloud.control("pace", Endpoint=2)
    shop.serve(shop.register())
    shop.cloud.control("pace", Endpoint=0)

    asked = ("CreateEndpoint", "UpdateEndpoint", "DeleteEndpoint", "DeleteEndpointConfig")
    assert [one["operation"] for one in shop.calls(*asked)] == ["CreateEndpoint", "UpdateEndpoint"]


def test_every_version_gets_parts_of_its_own_and_the_endpoint_moves(shop: Shop) -> None:
    """philschmid/terraform-aws-sagemaker-huggingface #6: a model change reaches the endpoint."""
    first = shop.serve(shop.register())
    second = shop.serve(shop.register())

    assert first.configuration != second.configuration
    assert shop.endpoint()["EndpointConfigName"] == second.configuration
    assert (second.version, second.digest) == (2, digest(2))


def test_deploying_what_is_deployed_changes_nothing(shop: Shop) -> None:
    changes = ("UpdateEndpoint", "CreateEndpoint", "CreateModel", "CreateEndpointConfig")
    shop.serve(shop.register())
    asked, copied = len(shop.calls(*changes)), shop.changed("models/late/champion/model.tar.gz")

    shop.serve(1)

    assert len(shop.calls(*changes)) == asked
    assert shop.changed("models/late/champion/model.tar.gz") == copied


def test_an_update_that_is_rolled_back_fails_and_moves_no_alias(shop: Shop) -> None:
    """terraform-provider-aws #46663, #39099: the update rolls back and apply says success."""
    shop.serve(shop.register(), **CANARY)
    name = ring(shop, shop.deployment(**CANARY))
    shop.cloud.control("pace", Endpoint=2)

    with pytest.raises(DeploymentError, match=f"rolled back: .*{name}"):
        shop.serve(shop.register(), **CANARY)
    shop.cloud.control("pace", Endpoint=0)

    now = serving.deployed(shop.work(), shop.inputs()["endpoint"])
    assert now is not None
    assert (now.version, now.status) == (1, "InService")
    assert json.loads(shop.get("models/late/champion/version.json"))["version"] == 1
    assert shop.parts() == (1, 1)


def test_an_autoscaled_endpoint_keeps_its_count_through_an_update(shop: Shop) -> None:
    """terraform-provider-aws #48990: an update reset the count."""
    shop.serve(shop.register(), **SCALED)
    shop.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=shop.inputs()["endpoint"],
        DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredInstanceCount": 5}],
    )

    shop.serve(shop.register(), **SCALED)

    assert shop.endpoint()["ProductionVariants"][0]["DesiredInstanceCount"] == 5


def test_a_fixed_endpoint_gets_the_declared_count_by_an_update(shop: Shop) -> None:
    shop.serve(shop.register())

    shop.serve(1, scaling={"replicas": 3})

    assert shop.endpoint()["ProductionVariants"][0]["DesiredInstanceCount"] == 3


def test_a_scalable_target_is_registered_after_the_endpoint(shop: Shop) -> None:
    shop.serve(shop.register(), **SCALED)

    order = [one["operation"] for one in shop.calls("CreateEndpoint", "RegisterScalableTarget")]
    (target,) = shop.scaling.describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]

    assert order == ["CreateEndpoint", "RegisterScalableTarget"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 6)


@pytest.mark.parametrize(
    "after",
    [{"scaling": {"replicas": 3}}, {**SCALED, "compute": {"cpu": 16, "memory_gb": 64}}],
    ids=["fixed", "other-machine"],
)
def test_a_scalable_target_is_let_go_before_the_count_or_the_machine_changes(
    shop: Shop, after: dict[str, Any]
) -> None:
    shop.serve(shop.register(), **SCALED)
    before = len(shop.calls("UpdateEndpoint", "DeregisterScalableTarget"))

    shop.serve(1, **after)

    asked = [one["operation"] for one in shop.calls("UpdateEndpoint", "DeregisterScalableTarget")]
    left = shop.scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert asked[before:] == ["DeregisterScalableTarget", "UpdateEndpoint"]
    assert len(left) == (1 if "min" in after["scaling"] else 0)


def test_an_asynchronous_endpoint_scales_to_zero_and_is_woken_by_an_alarm(shop: Shop) -> None:
    asynchronous = {"scaling": {"mode": "async", "max": 3}}
    shop.serve(shop.register(), **asynchronous)
    name = shop.inputs()["endpoint"]

    policies = shop.scaling.describe_scaling_policies(ServiceNamespace="sagemaker")
    arns = {item["PolicyName"]: item["PolicyARN"] for item in policies["ScalingPolicies"]}
    alarms = shop.cloud.client("cloudwatch").describe_alarms(AlarmNames=[f"{name}-wake"])
    (target,) = shop.scaling.describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]

    assert alarms["MetricAlarms"][0]["AlarmActions"] == [arns[f"{name}-wake"]]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (0, 3)

    shop.serve(1, **SCALED)

    left = shop.scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    alarms = shop.cloud.client("cloudwatch").describe_alarms(AlarmNames=[f"{name}-wake"])
    assert [item["PolicyName"] for item in left] == [f"{name}-load"]
    assert alarms["MetricAlarms"] == []


def test_old_parts_are_swept_but_those_that_a_rollback_needs(shop: Shop) -> None:
    for _ in range(4):
        shop.serve(shop.register())

    assert shop.parts() == (2, 2)

    back = serving.rollback(shop.work(), shop.deployment())

    assert back.version == 3
    assert (
        registry.aliased(shop.clients, back.group, "champion")
        == registry.listed(shop.clients, back.group)[1]
    )
    assert shop.parts() == (2, 2)


def test_a_new_setting_is_no_step_back_for_a_rollback(shop: Shop) -> None:
    shop.serve(shop.register())
    shop.serve(shop.register())
    shop.serve(2, scaling={"replicas": 2})

    back = serving.rollback(shop.work(), shop.deployment(scaling={"replicas": 2}))

    assert back.version == 1


def test_a_rollback_goes_to_no_version_that_was_rejected_since(shop: Shop) -> None:
    shop.serve(shop.register())
    served = shop.serve(shop.register())
    registry.reject(shop.clients, served.group, 1, approver="ada", comment="biased")

    with pytest.raises(OperationError, match="has served no other approved version"):
        serving.rollback(shop.work(), shop.deployment())


@pytest.mark.parametrize("status", ["PendingManualApproval", "Rejected"])
def test_a_version_that_nobody_approved_is_not_deployed(shop: Shop, status: str) -> None:
    number = shop.register(status)

    with pytest.raises(OperationError, match=f"version `{number}` of `late` is"):
        shop.serve(number)
    assert shop.parts() == (0, 0)


def test_a_version_without_a_digest_is_not_deployed(shop: Shop) -> None:
    number = shop.register(has_run=False)

    with pytest.raises(DeploymentError, match="has no digest"):
        shop.serve(number)


def test_a_failed_endpoint_is_made_anew_and_says_so(shop: Shop) -> None:
    """terraform-provider-aws #8713: what failed can only be deleted."""
    shop.serve(shop.register())
    fail(shop)
    call = shop.call()

    serving.promote(shop.work(call), shop.deployment(), 1)

    assert shop.endpoint()["EndpointStatus"] == "InService"
    assert any("is Failed: it can only be made anew" in message for message in call.messages)


def fail(shop: Shop) -> None:
    """Bring the endpoint into the state `Failed`."""
    name, configuration = shop.endpoint()["EndpointName"], shop.endpoint()["EndpointConfigName"]
    known = shop.endpoint()
    tags = shop.sagemaker.list_tags(ResourceArn=known["EndpointArn"])["Tags"]
    shop.sagemaker.delete_endpoint(EndpointName=name)
    with shop.failing("CannotStartContainerError"):
        shop.sagemaker.create_endpoint(
            EndpointName=name, EndpointConfigName=configuration, Tags=tags
        )
    assert shop.endpoint()["EndpointStatus"] == "Failed"


def test_a_first_deployment_that_fails_tells_why_and_leaves_the_alias(shop: Shop) -> None:
    number = shop.register()

    with (
        shop.failing("the container answered /ping with 500"),
        pytest.raises(DeploymentError, match="Failed: the container answered /ping"),
    ):
        shop.serve(number)

    assert registry.aliased(shop.clients, shop.deployment().group, "champion") is None


def test_a_stuck_endpoint_is_waited_for_within_bounds(shop: Shop) -> None:
    """amazon-sagemaker-examples #3432: an endpoint was stuck in Creating."""
    number = shop.register()
    shop.cloud.control("pace", Endpoint=100_000)
    call = shop.call()

    with pytest.raises(DeploymentError, match="still Creating after 3600 s"):
        serving.promote(shop.work(call), shop.deployment(), number)
    shop.cloud.control("pace", Endpoint=0)

    assert sum(call.waits) == 3600
    assert call.messages.count(f"endpoint {shop.inputs()['endpoint']}: Creating") == 1


def test_a_deployment_waits_for_the_one_that_is_under_way(shop: Shop) -> None:
    """amazon-sagemaker-examples #3188: what moves is neither updated nor deleted."""
    shop.serve(shop.register())
    shop.register()
    shop.cloud.control("pace", Endpoint=3)
    configuration = shop.endpoint()["EndpointConfigName"]
    shop.sagemaker.update_endpoint(
        EndpointName=shop.inputs()["endpoint"], EndpointConfigName=configuration
    )

    served = serving.promote(shop.work(), shop.deployment(), 2)
    serving.undeploy(shop.work(), shop.deployment(), keep_copy=False)
    shop.cloud.control("pace", Endpoint=0)

    assert served.version == 2
    assert shop.sagemaker.list_endpoints()["Endpoints"] == []


def test_a_strangers_endpoint_is_refused_and_left_alone(shop: Shop) -> None:
    """terraform-provider-aws #40080: the name is taken already."""
    shop.serve(shop.register())
    arn = shop.endpoint()["EndpointArn"]
    shop.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "mlops-iac-project", "Value": "other"}])

    with pytest.raises(NotOursError):
        shop.serve(shop.register())
    with pytest.raises(NotOursError):
        serving.undeploy(shop.work(), shop.deployment(), keep_copy=False)

    assert shop.endpoint()["EndpointStatus"] == "InService"


def test_a_role_that_is_not_known_everywhere_yet_is_tried_again(shop: Shop) -> None:
    """terraform-provider-aws #6566: a new role cannot be assumed at once."""
    refusals = iter(["Could not assume role arn:aws:iam::1:role/x. Check the trust policy"] * 2)
    sagemaker = shop.work().clients("sagemaker")
    real = sagemaker.create_model

    def create_model(**request: Any) -> Any:
        for message in refusals:
            error = {"Error": {"Code": "ValidationException", "Message": message}}
            raise ClientError(error, "CreateModel")
        return real(**request)

    call, number = shop.call(), shop.register()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sagemaker, "create_model", create_model)
        serving.promote(shop.work(call), shop.deployment(), number)

    assert call.waits.count(5.0) == 2


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("ResourceLimitExceeded", QuotaError, "Service Quotas"),
        ("AccessDeniedException", AwsError, "lack this action"),
    ],
)
def test_what_aws_refuses_is_told_with_a_remedy(
    shop: Shop, kind: str, error: type[AwsError], said: str
) -> None:
    """amazon-sagemaker-examples #3432: the quota was exhausted."""
    number = shop.register()

    def refuse(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": kind, "Message": "no"}}, "CreateEndpoint")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shop.work().clients("sagemaker"), "create_endpoint", refuse)
        with pytest.raises(error, match=f"CreateEndpoint: {kind}: no\n.*{said}"):
            shop.serve(number)


def test_a_first_deployment_happens_once_however_often_the_approval_is_told(shop: Shop) -> None:
    serving.save(shop.work(), shop.deployment())
    for _ in range(2):
        shop.register()

    first = serving.deploy_first(shop.work(), shop.deployment())
    again = serving.deploy_first(shop.work(), shop.deployment())

    assert first is not None
    assert first.version == 1
    assert again is None
    assert len(shop.calls("CreateEndpoint", "UpdateEndpoint")) == 1


@pytest.mark.parametrize("made", ["CreateModel", "CreateEndpointConfig", "CreateEndpoint"])
def test_what_a_deployment_beside_this_one_made_is_adopted(made: str, shop: Shop) -> None:
    """A lost answer stands for it: the call is tried again, and the thing is there."""
    number = shop.register()
    shop.cloud.control("fault", kind="lost", service="sagemaker", operation=made)

    shop.serve(number)

    assert shop.endpoint()["EndpointStatus"] == "InService"
    assert shop.parts() == (1, 1)


def test_an_endpoint_waits_while_its_alias_names_nothing_approved(shop: Shop) -> None:
    shop.register("PendingManualApproval")
    shadow = {"model": "late@shadow"}

    assert serving.deploy_first(shop.work(), shop.deployment()) is None
    shop.register()
    assert serving.deploy_first(shop.work(), shop.deployment(**shadow)) is None
    registry.set_alias(shop.clients, shop.deployment().group, "shadow", 2)
    served = serving.deploy_first(shop.work(), shop.deployment(**shadow))

    assert served is not None
    assert served.version == 2


def test_a_promotion_that_was_killed_before_the_alias_moved_is_finished(shop: Shop) -> None:
    number = shop.register()
    serving.save(shop.work(), shop.deployment())
    serving.deploy(shop.work(), shop.deployment(), number)

    serving.converge(shop.work(), shop.deployment())

    assert json.loads(shop.get("models/late/champion/version.json"))["version"] == number
    assert registry.aliased(shop.clients, shop.deployment().group, "champion") is not None


def test_a_pinned_endpoint_cannot_be_promoted_and_has_a_copy_of_its_version(shop: Shop) -> None:
    shop.register()
    pinned = shop.deployment(model="late/1")

    served = serving.converge(shop.work(), pinned)
    with pytest.raises(OperationError, match="is pinned to one version"):
        serving.promote(shop.work(), pinned, 1)

    assert served is not None
    assert json.loads(shop.get("models/late/1/version.json"))["digest"] == digest(1)


def test_undeploying_leaves_nothing_but_versions_and_runs(shop: Shop) -> None:
    """stable-diffusion-aws-extension #161: a scalable target blocks the deletion."""
    for _ in range(3):
        shop.serve(shop.register(), **SCALED)

    serving.undeploy(shop.work(), shop.deployment(**SCALED), keep_copy=False)
    serving.undeploy(shop.work(), shop.deployment(**SCALED), keep_copy=False)

    targets = shop.scaling.describe_scalable_targets(ServiceNamespace="sagemaker")
    assert (shop.parts(), targets["ScalableTargets"]) == ((0, 0), [])
    assert shop.sagemaker.list_endpoints()["Endpoints"] == []
    assert [key for key in shop.objects() if not key.startswith("runs/")] == []


def test_tags_follow_the_declaration_without_a_new_rollout(shop: Shop) -> None:
    shop.serve(shop.register())
    inputs = json.loads(json.dumps(shop.inputs()))
    for item in inputs["requests"][:3]:
        item["body"]["Tags"].append({"Key": "team", "Value": "ml"})

    serving.promote(shop.work(), serving.Deployment.of(inputs), 1)

    tags = shop.sagemaker.list_tags(ResourceArn=shop.endpoint()["EndpointArn"])["Tags"]
    assert {"Key": "team", "Value": "ml"} in tags
    assert shop.calls("UpdateEndpoint") == []
