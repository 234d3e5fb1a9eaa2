"""What `aws` registers: trees, providers, protection, and the promises of each profile.

Proves what reaches the engine; `tests/contract/test_aws.py` proves that AWS's models take it.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pulumi import Output
from pulumi.output import Unknown

from mlops_iac.components.building import build_plan
from mlops_iac.testing import Registration
from tests.providers.aws.harness import (
    Recorded,
    draw,
    record,
    record_program,
    recorded_scenario,
)
from tests.providers.aws.scenarios import (
    NETWORK,
    SCENARIOS,
    base,
    delay,
    flights,
    late,
    score,
    write_files,
)

Recorder = Callable[..., Recorded]
STORES = {"platform-artifacts", "platform-logs", "platform-images", "platform-tracking"}


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    write_files(tmp_path)
    return lambda *components, **platform: record(tmp_path, *(components or base()), **platform)


@pytest.fixture(params=SCENARIOS)
def recorded(request: pytest.FixtureRequest) -> Recorded:
    return recorded_scenario(request.param)


def _package(resource: Registration) -> str:
    return resource.type.partition(":")[0]


def test_every_registration_has_an_explicit_provider_of_its_package(recorded: Recorded) -> None:
    for resource in recorded.resources:
        if _package(resource) != "pulumi" and not resource.type.startswith("mlops-iac:index:"):
            assert resource.provider.endswith(f"::platform-{_package(resource)}"), resource.name


def test_every_child_stands_under_its_component(recorded: Recorded) -> None:
    components = {r.name for r in recorded.resources if r.type.startswith("mlops-iac:index:")}

    for resource in recorded.resources:
        if resource.name not in components:
            owner = resource.parent.rpartition("::")[2]
            assert owner in components
            assert resource.name.startswith(f"{owner}-")


def test_logical_names_are_distinct(recorded: Recorded) -> None:
    named = [(r.type, r.name) for r in recorded.resources]

    assert len(named) == len(set(named))


def test_everything_that_takes_tags_carries_the_ownership_mark(recorded: Recorded) -> None:
    for resource in recorded.resources:
        tags = resource.inputs.get("tags")
        if tags is not None:
            text = json.dumps(tags)
            assert "mlops-iac-project" in text
            assert "mlops-iac-stack" in text


def test_dev_protects_nothing_and_lets_destroy_empty_its_stores(recorder: Recorder) -> None:
    recorded = recorder()

    assert not any(r.protect for r in recorded.resources)
    assert recorded.one("platform-artifacts").inputs["forceDestroy"] is True
    assert recorded.one("platform-images").inputs["forceDelete"] is True
    assert not recorded.has("platform-logs")


@pytest.mark.parametrize("profile", ["prod", "regulated"])
def test_profiles_with_data_protect_what_holds_it(profile: str, recorder: Recorder) -> None:
    recorded = recorder(profile=profile, encryption={"rotation_days": 90})

    protected = {r.name for r in recorded.resources if r.protect}
    assert protected == STORES | {"platform-key", "late-group"}
    assert recorded.one("platform-artifacts").inputs["forceDestroy"] is False
    assert all(r.retain_on_delete for r in recorded.of_type("aws:s3/bucketObjectv2:BucketObjectv2"))
    assert recorded.one("score-logs").inputs["retentionInDays"] == 365
    assert recorded.one("platform-key").inputs["deletionWindowInDays"] == 30


def test_each_bucket_has_all_its_companions(recorder: Recorder) -> None:
    recorded = recorder(profile="prod")

    companions = ("access", "encryption", "lifecycle", "ownership", "policy", "versions")
    for bucket in ("artifacts", "logs"):
        assert all(recorded.has(f"platform-{bucket}-{name}") for name in companions)
    access = recorded.one("platform-artifacts-access").inputs
    assert [v for k, v in access.items() if k != "bucket"] == [True] * 4
    assert recorded.has("platform-artifacts-logging")


def test_a_bucket_refuses_anything_but_modern_tls(recorder: Recorder) -> None:
    policy = json.loads(recorder().one("platform-artifacts-policy").inputs["policy"])

    refused = {s["Sid"]: s["Condition"] for s in policy["Statement"] if s["Effect"] == "Deny"}
    assert refused == {
        "OnlyTls": {"Bool": {"aws:SecureTransport": "false"}},
        "OnlyModernTls": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    }


def test_a_customer_key_reaches_everything_that_rests(recorder: Recorder) -> None:
    recorded = recorder(encryption={"rotation_days": 120})

    assert recorded.one("platform-key").inputs["rotationPeriodInDays"] == 120
    rule = recorded.one("platform-artifacts-encryption").inputs["rules"][0]
    assert rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    assert recorded.one("platform-images").inputs["encryptionConfigurations"][0] == {
        "encryptionType": "KMS",
        "kmsKey": {"$unknown": True},
    }
    assert recorded.one("score-logs").inputs["kmsKeyId"] == {"$unknown": True}
    training = _body(recorded.one("delay-run"), "CreateTrainingJob")
    assert training["OutputDataConfig"]["KmsKeyId"] == {"$unknown": True}
    assert training["ResourceConfig"]["VolumeKmsKeyId"] == {"$unknown": True}
    assert _body(recorded.one("score-deployment"), "CreateEndpointConfig")["KmsKeyId"]


def test_workloads_run_inside_an_existing_network(recorder: Recorder) -> None:
    recorded = recorder(network=NETWORK)

    for request in (
        _body(recorded.one("delay-run"), "CreateTrainingJob"),
        _body(recorded.one("score-deployment"), "CreateModel"),
    ):
        assert request["VpcConfig"]["Subnets"] == list(NETWORK["subnets"])
    assert recorded.has("platform-workloads")
    assert len(recorded.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")) == 2


def test_containers_without_secrets_have_no_network_in_prod(recorder: Recorder) -> None:
    recorded = recorder(profile="prod")

    training = _body(recorded.one("delay-run"), "CreateTrainingJob")
    assert training["EnableNetworkIsolation"] is True
    assert training["EnableInterContainerTrafficEncryption"] is True
    assert "MLFLOW_TRACKING_URI" not in training["Environment"]
    assert _body(recorded.one("score-deployment"), "CreateModel")["EnableNetworkIsolation"] is True


def test_a_secret_travels_by_name_only(recorder: Recorder) -> None:
    environment = {"TOKEN": {"secret": "team/token"}, "STAGE": "dev"}
    recorded = recorder(
        flights(), late(), delay(environment=environment), score(environment=environment)
    )

    training = _body(recorded.one("delay-run"), "CreateTrainingJob")["Environment"]
    served = _body(recorded.one("score-deployment"), "CreateModel")["PrimaryContainer"]
    for variables in (training, served["Environment"]):
        assert variables["MLOPS_SECRET_TOKEN"] == "aws-secretsmanager:team/token"
        assert variables["STAGE"] == "dev"
        assert "TOKEN" not in variables


def test_code_travels_without_the_data_and_the_declaration(recorder: Recorder) -> None:
    code = recorder().one("delay-code").inputs

    assert code["key"].startswith("code/delay/")
    assert set(code["source"]["assets"]) == {"helpers.py", "requirements.txt", "train.py"}


def test_data_lies_under_the_hash_of_its_content(recorder: Recorder, tmp_path: Path) -> None:
    before = recorder()
    (tmp_path / "data/2013-01.csv").write_text("late,delay\n1,99\n")
    after = recorder()

    name = "flights-data/2013-01.csv"
    assert before.one(name).inputs["key"] != after.one(name).inputs["key"]
    assert before.one("delay-run").inputs["key"] != after.one("delay-run").inputs["key"]
    assert before.one("delay-code").inputs["key"] == after.one("delay-code").inputs["key"]


def test_the_run_starts_once_by_its_key(recorder: Recorder) -> None:
    run = recorder().one("delay-run")

    start = _body(run, "StartPipelineExecution")
    assert start["ClientRequestToken"] == run.inputs["key"]
    assert len(run.inputs["key"]) == 64
    operations = [r["operation"] for r in run.inputs["requests"]]
    assert operations == ["StartPipelineExecution", "CreateTrainingJob", "CreateModelPackage"]


def test_a_manual_job_has_a_definition_and_no_run(recorder: Recorder) -> None:
    recorded = recorder(flights(), late(), delay(run="manual"), score())

    assert recorded.has("delay-pipeline")
    assert not recorded.has("delay-run")


@pytest.mark.parametrize(
    ("approval", "status"), [("automatic", "Approved"), ("manual", "PendingManualApproval")]
)
def test_a_version_enters_the_registry_as_the_model_says(
    approval: str, status: str, recorder: Recorder
) -> None:
    recorded = recorder(flights(), late(approval=approval), delay(), score())

    assert _body(recorded.one("delay-run"), "CreateModelPackage")["ModelApprovalStatus"] == status


def test_a_pinned_version_names_its_package_and_no_part_of_unknown_content(
    recorder: Recorder,
) -> None:
    deployment = recorder(*base(model="late/3")).one("score-deployment")

    model = _body(deployment, "CreateModel")
    assert model["PrimaryContainer"]["ModelPackageName"].endswith("/3")
    assert deployment.inputs["policy"]["mode"] == "pinned"
    assert model["ModelName"] == {"$unknown": True}


def test_an_alias_leaves_the_version_to_the_deployment(recorder: Recorder) -> None:
    deployment = recorder().one("score-deployment")

    assert deployment.inputs["policy"]["alias"] == "champion"
    package = _body(deployment, "CreateModel")["PrimaryContainer"]["ModelPackageName"]
    assert package == {"$unknown": True}


def test_autoscaling_follows_the_load_and_keeps_its_count(recorder: Recorder) -> None:
    deployment = recorder(*base(scaling={"min": 2, "max": 5})).one("score-deployment")

    operations = [r["operation"] for r in deployment.inputs["requests"]]
    assert operations[3:] == ["RegisterScalableTarget", "PutScalingPolicy"]
    update = deployment.inputs["update_requests"][2]["body"]
    assert update["RetainAllVariantProperties"] is True


def test_a_fixed_count_is_set_by_each_update(recorder: Recorder) -> None:
    deployment = recorder().one("score-deployment")

    update = deployment.inputs["update_requests"][2]["body"]
    assert update["RetainAllVariantProperties"] is False


def test_async_scales_to_zero_and_wakes(recorder: Recorder) -> None:
    scaling = {"mode": "async", "max": 3, "concurrency_per_replica": 2}
    deployment = recorder(*base(scaling=scaling)).one("score-deployment")

    assert _body(deployment, "RegisterScalableTarget")["MinCapacity"] == 0
    assert _body(deployment, "PutMetricAlarm")["MetricName"] == "HasBacklogWithoutCapacity"


def test_a_canary_is_rolled_back_by_alarms_that_exist(recorder: Recorder) -> None:
    recorded = recorder(*base(rollout={"percent": 20}))

    config = _body(recorded.one("score-deployment"), "CreateEndpoint")["DeploymentConfig"]
    wanted = {a["AlarmName"] for a in config["AutoRollbackConfiguration"]["Alarms"]}
    made = {r.inputs["name"] for r in recorded.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")}
    assert wanted == made


def test_the_explicit_providers_hold_the_place_and_no_credential(recorder: Recorder) -> None:
    role = "arn:aws:iam::123456789012:role/deployer"
    recorded = recorder(role=role)

    for name in ("platform-aws", "platform-aws-native"):
        inputs = recorded.one(name).inputs
        assert inputs["region"] == "eu-west-1"
        assert "123456789012" in inputs["allowedAccountIds"]
        assert role in json.dumps(inputs)
        assert not {"accessKey", "secretKey", "token"} & set(inputs)
    own = recorded.one("platform-mlops-iac").inputs
    assert own == {
        "target": "aws",
        "region": "eu-west-1",
        "account": "123456789012",
        "role": role,
    }


def test_tests_point_every_provider_at_a_stand_in(tmp_path: Path) -> None:
    endpoints = {"sagemaker": "http://127.0.0.1:1", "sts": "http://127.0.0.1:2"}
    drawn = draw(write_files(tmp_path), *base()).require()
    scopes = {
        name: replace(scope, target=replace(scope.target, endpoints=endpoints))
        for name, scope in drawn.scopes.items()
    }

    recorded = record_program(lambda: build_plan(replace(drawn, scopes=scopes)))

    classic = recorded.one("platform-aws").inputs
    assert json.loads(classic["endpoints"]) == [endpoints]
    native = recorded.one("platform-aws-native").inputs
    assert json.loads(native["endpoints"]) == [{"sts": endpoints["sts"]}]
    assert json.loads(recorded.one("platform-mlops-iac").inputs["endpoints"]) == endpoints
    assert classic["skipCredentialsValidation"] == native["skipCredentialsValidation"] == "true"


def test_what_uses_a_name_in_clear_waits_for_what_has_it(recorder: Recorder) -> None:
    recorded = recorder()

    policies = {
        r.urn
        for r in recorded.of_type("aws:iam/rolePolicy:RolePolicy")
        if r.name.startswith("platform-")
    }
    bucket = recorded.one("platform-artifacts").urn
    for name in ("delay-pipeline", "delay-run", "score-deployment", "delay-code", "late-group"):
        assert policies | {bucket} <= set(recorded.one(name).depends_on)
    definition = recorded.one("delay-pipeline")
    assert recorded.one("delay-code").urn in definition.depends_on
    assert recorded.one("flights-data/2013-01.csv").urn in definition.depends_on
    assert definition.urn in recorded.one("delay-run").depends_on
    assert recorded.one("delay-run").urn in recorded.one("score-deployment").depends_on


def test_tracking_runs_on_a_server_where_there_is_no_app(recorder: Recorder) -> None:
    assert recorder().of_type("aws:sagemaker/mlflowApp:MlflowApp")
    elsewhere = recorder(region="ca-west-1")
    assert elsewhere.of_type("aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer")
    assert not elsewhere.of_type("aws-native:sagemaker:Artifact")


def test_what_only_deploying_tells_becomes_a_parameter_of_the_pipeline(tmp_path: Path) -> None:
    write_files(tmp_path)

    def program() -> None:
        given = {
            "network": {"network": "vpc-0a1b2c3d", "subnets": (Output.from_input(_unknown()),)},
            "encryption": {"key": Output.from_input(_unknown())},
        }
        build_plan(draw(tmp_path, *base(), **given).require())

    recorded = record_program(program)

    definition = json.loads(recorded.one("delay-pipeline").inputs["pipelineDefinition"])
    assert {p["Name"] for p in definition["Parameters"]} == {
        "RunKey",
        "RuntimeImage",
        "EncryptionKey",
        "TrackingUri",
        "SecurityGroupIds0",
        "Subnets0",
    }
    start = _body(recorded.one("delay-run"), "StartPipelineExecution")
    values = {p["Name"]: p["Value"] for p in start["PipelineParameters"]}
    assert values["Subnets0"] == values["EncryptionKey"] == {"$unknown": True}
    assert recorded.one("platform-training-policy").inputs["policy"] == {"$unknown": True}


def _unknown() -> Any:
    return Output.all().apply(lambda _: Unknown())


def test_two_runs_register_the_same(recorder: Recorder) -> None:
    first, second = (
        {(r.type, r.name, json.dumps(r.inputs, sort_keys=True)) for r in recorder().resources}
        for _ in range(2)
    )

    assert first == second


def _body(resource: Registration, operation: str) -> dict[str, Any]:
    (found,) = [r["body"] for r in resource.inputs["requests"] if r["operation"] == operation]
    return found


def test_a_log_starts_when_its_bucket_lets_the_delivery_write(recorder: Recorder) -> None:
    """S3 refuses the target of a log before its policy is there."""
    recorded = recorder(profile="prod")

    made_of = recorded.one("platform-artifacts-logging").property_dependencies["targetBucket"]

    assert recorded.one("platform-logs-policy").urn in made_of
