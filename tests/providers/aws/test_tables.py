"""The tables of `aws` against the published models that they were made from.

Proves names, machines, regions, grants, capabilities and mutability as data; what is built from
them is proved by the other files. Prices are a book's, not AWS's.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlops_iac_aws.availability import (
    FAMILIES_MISSING,
    REGIONS,
    WITHOUT_ARTIFACT,
    WITHOUT_MLFLOW_APP,
)
from mlops_iac_aws.compute import MACHINES, Use, machine
from mlops_iac_aws.grants import GRANTS, SERVICE_STATEMENTS
from mlops_iac_aws.mutability import MUTABILITY
from mlops_iac_aws.names import ENDPOINT, RULES
from mlops_iac_aws.provider import PROVIDER
from mlops_iac_aws.serving.filling import part_name

from mlops_iac.mutability import Mutability, mutability
from mlops_iac.names import physical_name
from mlops_iac.provider import PURPOSES, Capability, Grant, Purpose
from mlops_iac.specs.compute import Accelerator, AcceleratorKind, Compute
from tests.contract.walkers.botocore_api import member_shape
from tests.contract.walkers.cloudformation import (
    UnknownTypeError,
    create_only,
    instance_types,
    schema,
)
from tests.providers.aws.harness import Recorded, recorded_scenario
from tests.providers.aws.scenarios import SCENARIOS

_PART = st.from_regex(r"[a-z][a-z0-9-]{0,62}", fullmatch=True)
_PARTS = st.lists(_PART, min_size=1, max_size=4)
_TYPES = {
    Use.TRAINING: ("CreateTrainingJob", "ResourceConfig.InstanceType"),
    Use.PROCESSING: (
        "CreateProcessingJob",
        "ProcessingResources.ClusterConfig.InstanceType",
    ),
    Use.HOSTING: ("CreateEndpointConfig", "ProductionVariants[].InstanceType"),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@given(parts=_PARTS, content=st.none() | st.text(max_size=5))
def test_names_are_legal_and_stable(rule: object, parts: list[str], content: str | None) -> None:
    name = physical_name(rule, parts, content=content)  # pyright: ignore[reportArgumentType]

    assert re.fullmatch(rule.pattern, name)  # pyright: ignore[reportAttributeAccessIssue]
    assert rule.min_length <= len(name) <= rule.max_length  # pyright: ignore[reportAttributeAccessIssue]
    assert physical_name(rule, parts, content=content) == name  # pyright: ignore[reportArgumentType]


@given(first=_PARTS, second=_PARTS)
def test_names_of_distinct_things_are_distinct(first: list[str], second: list[str]) -> None:
    for rule in RULES.values():
        same = physical_name(rule, first) == physical_name(rule, second)

        assert same == (first == second)


@given(parts=_PARTS, content=st.text())
def test_an_immutable_part_is_named_after_its_endpoint(parts: list[str], content: str) -> None:
    endpoint = physical_name(ENDPOINT, parts)
    name = part_name(endpoint, {"Image": content, "Tags": []})

    assert name.startswith(f"{endpoint}-")
    assert len(name) <= 63
    assert name == part_name(endpoint, {"Image": content, "Tags": [{"Key": "team"}]})
    assert name != part_name(endpoint, {"Image": f"{content}!", "Tags": []})


def test_every_machine_is_one_of_sagemakers() -> None:
    for use, (operation, path) in _TYPES.items():
        known = member_shape("sagemaker", operation, path).values

        assert {m.name for m in MACHINES if use in m.uses} <= known


@pytest.mark.parametrize("region", REGIONS)
def test_a_hosting_machine_is_offered_in_its_region(region: str) -> None:
    offered = instance_types("hosting", region)
    families = {name.split(".")[1] for name in offered}
    tabled = {m.family for m in MACHINES if Use.HOSTING in m.uses}

    assert {f for f in tabled if f not in families} == FAMILIES_MISSING[region]


@pytest.mark.parametrize(
    ("missing", "kind"),
    [(WITHOUT_ARTIFACT, "Artifact"), (WITHOUT_MLFLOW_APP, "MlflowApp"), (frozenset(), "Pipeline")],
)
def test_regions_offer_what_the_table_says(missing: frozenset[str], kind: str) -> None:
    assert {r for r in REGIONS if not _offers(kind, r)} == missing


def _offers(kind: str, region: str) -> bool:
    try:
        schema(f"AWS::SageMaker::{kind}", region)
    except UnknownTypeError:
        return False
    return True


@given(
    cpu=st.integers(1, 256),
    memory=st.floats(0.5, 3000),
    kind=st.none() | st.sampled_from(AcceleratorKind),
    count=st.integers(1, 8),
    use=st.sampled_from(Use),
    region=st.sampled_from(REGIONS),
)
def test_the_machine_satisfies_and_nothing_cheaper_does(  # noqa: PLR0917  hypothesis names them
    cpu: int, memory: float, kind: AcceleratorKind | None, count: int, use: Use, region: str
) -> None:
    asked = Accelerator(kind=kind, count=count) if kind else None
    compute = Compute(cpu=cpu, memory_gb=memory, accelerator=asked)
    found = machine(compute, use, region)

    if found is not None:
        assert found.satisfies(compute, use)
        cheaper = MACHINES[: MACHINES.index(found)]
        here = [m for m in cheaper if m.family not in FAMILIES_MISSING[region]]
        assert not any(m.satisfies(compute, use) for m in here)


def test_the_smallest_request_gets_the_cheapest_machine() -> None:
    assert machine(Compute(), Use.TRAINING, "eu-west-1") == MACHINES[1]
    assert MACHINES[1].name == "ml.m5.large"


def test_every_grant_and_purpose_has_its_row() -> None:
    assert set(GRANTS) == set(Grant)
    services = {"build", "fill", "flow-logs", "schedule", "store", "tracking"}
    assert set(SERVICE_STATEMENTS) == {*Purpose, *services}


def test_every_capability_has_its_row() -> None:
    assert set(PROVIDER.capabilities) == set(Capability)


def test_importing_the_provider_imports_no_sdk() -> None:
    code = (
        "import sys, mlops_iac_aws.provider;"
        "print([m for m in sys.modules if m.startswith(('pulumi', 'boto'))])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"


def test_there_is_a_mapping_page_for_each_kind() -> None:
    pages = Path(__file__).parents[3] / "docs/mappings/aws"

    for location in PROVIDER.adapters.values():
        module = location.partition(":")[0].rpartition(".")[2]
        assert (pages / f"{module}.md").is_file()


@pytest.fixture(params=SCENARIOS)
def recorded(request: pytest.FixtureRequest) -> Recorded:
    return recorded_scenario(request.param)


def test_every_property_that_is_set_has_its_mutability(recorded: Recorded) -> None:
    for resource in recorded.resources:
        if resource.type.startswith(("aws:", "aws-native:", "mlops-iac:aws:")):
            for name in resource.inputs:
                known = mutability(MUTABILITY, resource.type, name)
                assert known is not Mutability.UNKNOWN, (resource.type, name)


@pytest.mark.parametrize(
    ("token", "type_name", "names"),
    [
        ("aws:s3/bucket:Bucket", "AWS::S3::Bucket", {"BucketName": "bucket"}),
        ("aws:sagemaker/pipeline:Pipeline", "AWS::SageMaker::Pipeline", {}),
        ("aws:sagemaker/mlflowApp:MlflowApp", "AWS::SageMaker::MlflowApp", {}),
        (
            "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
            "AWS::SageMaker::ModelPackageGroup",
            {},
        ),
        ("aws-native:sagemaker:Artifact", "AWS::SageMaker::Artifact", {}),
    ],
)
def test_what_cloudformation_replaces_is_replaced(
    token: str, type_name: str, names: dict[str, str]
) -> None:
    for created in create_only(type_name):
        name = names.get(created, created[:1].lower() + created[1:])

        assert mutability(MUTABILITY, token, name) in {Mutability.REPLACE, Mutability.UNKNOWN}


def test_roles_have_exactly_their_grants_and_no_wildcard(recorded: Recorded) -> None:
    for purpose in Purpose:
        policy = json.loads(recorded.one(f"platform-{purpose}-policy").inputs["policy"])
        sids = {s["Sid"] for s in policy["Statement"]}
        granted = {s.sid for grant in PURPOSES[purpose] for s in GRANTS[grant]}
        service = {s.sid for s in SERVICE_STATEMENTS[purpose]}

        assert sids <= granted | service
        for statement in policy["Statement"]:
            assert statement["Effect"] == "Allow"
            assert not any("*" in action for action in statement["Action"])


def test_only_actions_without_a_resource_type_have_a_wildcard_resource(recorded: Recorded) -> None:
    allowed = {
        "LogInToRegistry",
        "WriteMetrics",
        "SeeNetwork",
        "FindParts",
        "SeeScaling",
        "LogInToRegistryForWork",
        "SeeNetworkOfWork",
    }

    of_roles = recorded.of_type("aws:iam/rolePolicy:RolePolicy")
    for resource in (*of_roles, *recorded.of_type("aws:iam/policy:Policy")):
        for statement in json.loads(resource.inputs["policy"])["Statement"]:
            if statement["Resource"] == ["*"]:
                assert statement["Sid"] in allowed


_SERVICES = {
    "platform-build-role": {"codebuild"},
    "platform-flow-logs-role": {"vpc-flow-logs"},
    "score-starter-role": {"events"},
    "refresh-starter-role": {"events", "scheduler"},
    **{f"{name}-starter-role": {"scheduler"} for name in ("daily", "forecast", "plain", "retrain")},
}


def test_roles_are_trusted_for_one_account_and_their_services(recorded: Recorded) -> None:
    for role in recorded.of_type("aws:iam/role:Role"):
        statements = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        trusted = {statement["Principal"]["Service"] for statement in statements}

        named = _SERVICES.get(role.name, {"sagemaker"})
        assert trusted == {f"{service}.amazonaws.com" for service in named}
        for statement in statements:
            assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
            assert set(statement["Principal"]) == {"Service"}
