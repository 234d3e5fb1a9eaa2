"""A platform of another stack: what is exported, read, planned, refused. No engine.

`tests/engine/test_shared_platform.py` proves the same with two stacks.
"""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pydantic import ValidationError

from mlops_iac import testing
from mlops_iac.components.building import build_plan
from mlops_iac.document import target_document
from mlops_iac.errors import PlanError
from mlops_iac.manifest import load_manifest
from mlops_iac.planning import Plan, plan
from mlops_iac.sharing import SharedPlatform, read_document, shared_platform
from mlops_iac.specs import Dataset, Platform
from mlops_iac.stack import Declaration, Stack
from mlops_iac.testing import Recording

REFERENCE = "organization/ground/prod"
PLACE: dict[str, Any] = {"target": "aws", "region": "eu-west-1", "account": "123456789012"}
IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/runtime@sha256:{'1' * 64}"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0b1c"


def exported(**platform: Any) -> dict[str, Any]:
    """Return what a stack `ground/prod` exports of its platform, unknowns as the engine tells."""
    stack = Stack("ground", platform=Platform("base", **{**PLACE, **platform}))
    drawn = plan(Declaration(stack, Path()), stack="prod").require()
    found = testing.record(lambda: build_plan(drawn), project="ground", stack_name="prod")
    outputs = json.loads(json.dumps(found.outputs))
    outputs["base"]["shared"]["native"]["runtime_image"] = IMAGE
    outputs["base"]["shared"]["outputs"]["encryptionKey"] = KEY
    return outputs


@pytest.fixture(scope="module")
def outputs() -> dict[str, Any]:
    return exported(profile="prod", tags={"team": "ground"}, encryption={"rotation_days": 120})


@pytest.fixture
def shared(outputs: dict[str, Any]) -> SharedPlatform:
    return read_document(REFERENCE, outputs, secret=False)


def drawn(tmp_path: Path, shared: SharedPlatform | None, **platform: Any) -> Plan:
    (tmp_path / "rows.csv").write_text("a\n1\n")
    stack = Stack(
        "models",
        platform=Platform(stack=REFERENCE, **platform),
        components=[Dataset("rows", source="rows.csv", format="csv")],
    )
    return plan(Declaration(stack, tmp_path), shared=shared)


def recorded(drawn: Plan) -> Recording:
    return testing.record(lambda: build_plan(drawn), project="models", stack_name="dev")


def test_a_document_says_version_owner_declaration_and_outputs(outputs: dict[str, Any]) -> None:
    document = outputs["base"]["shared"]

    assert (document["version"], document["project"], document["stack"]) == (1, "ground", "prod")
    assert document["platform"]["encryption"] == {"mode": "customer", "rotation_days": 120}
    assert document["outputs"]["artifactRoot"].startswith("s3://ground-prod-base-")


def test_a_consumer_makes_providers_mark_and_roles_and_no_foundation(
    tmp_path: Path, shared: SharedPlatform
) -> None:
    found = recorded(drawn(tmp_path, shared).require())

    assert sorted({r.type for r in found.resources if r.component == "platform" and r.custom}) == [
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "mlops-iac:aws:PlatformUse",
        "pulumi:providers:aws",
        "pulumi:providers:aws-native",
        "pulumi:providers:mlops-iac",
    ]
    use = found.one("mlops-iac:aws:PlatformUse").inputs
    assert (use["project"], use["stack"], use["components"]) == ("models", "dev", ["rows"])
    uploaded = found.of_type("aws:s3/bucketObjectv2:BucketObjectv2")
    assert {r.inputs["bucket"] for r in uploaded} == {use["bucket"]}
    assert use["bucket"].startswith("ground-prod-base-")
    assert all(r.provider.rsplit("::", 1)[-1] == "platform-aws" for r in uploaded)


def test_what_the_platforms_stack_declares_holds_for_its_consumers(
    tmp_path: Path, shared: SharedPlatform
) -> None:
    found = recorded(drawn(tmp_path, shared, tags={"app": "late"}).require())

    uploaded = found.of_type("aws:s3/bucketObjectv2:BucketObjectv2")
    assert all(r.retain_on_delete for r in uploaded)
    role = found.of_type("aws:iam/role:Role")[0]
    tags = {"team": "ground", "app": "late", "mlops-iac-project": "models"}
    assert tags.items() <= role.inputs["tags"].items()


def test_a_consumer_exports_no_platform_of_its_own(tmp_path: Path, shared: SharedPlatform) -> None:
    found = recorded(drawn(tmp_path, shared).require())

    assert "shared" not in found.outputs["platform"]


def test_a_secret_document_makes_secret_outputs(outputs: dict[str, Any], tmp_path: Path) -> None:
    secret = read_document(REFERENCE, outputs, secret=True)

    found = recorded(drawn(tmp_path, secret).require())

    assert found.outputs["platform"]["encryptionKey"] == {"$secret": True}


def test_a_platform_that_was_not_read_is_a_problem_with_the_way_to_read_it(tmp_path: Path) -> None:
    (problem,) = drawn(tmp_path, None).errors

    assert (problem.code, problem.field) == ("platform.unread", "stack")
    assert "plan --platform" in problem.remedy


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "`version`"),
        ({"platform": {"target": "aws", "regoin": "x"}}, "`platform.regoin`"),
        ({"project": None}, "`project`"),
    ],
)
def test_a_document_that_cannot_be_read_says_what_is_wrong(
    outputs: dict[str, Any], change: dict[str, Any], said: str
) -> None:
    document = {**outputs["base"]["shared"], **change}

    with pytest.raises(PlanError, match=said):
        shared_platform(REFERENCE, document)


def test_a_stack_without_a_platform_is_no_platforms_stack() -> None:
    with pytest.raises(PlanError, match="exports no platform"):
        read_document(REFERENCE, {"score": {"kind": "ModelEndpoint"}}, secret=False)


def test_a_target_that_does_not_share_platforms_is_refused(tmp_path: Path) -> None:
    document = {"version": 1, "project": "a", "stack": "b", "platform": {"target": "local"}}

    problems = drawn(tmp_path, shared_platform(REFERENCE, document)).errors

    assert [p.code for p in problems] == ["platform.not-shared"]


def test_nothing_is_declared_beside_another_stacks_platform() -> None:
    with pytest.raises(ValidationError, match="`region`, `target` is declared there, not here"):
        Platform(stack=REFERENCE, target="aws", region="eu-west-1")


def test_a_manifest_names_the_stack_of_its_platform(tmp_path: Path) -> None:
    (tmp_path / "mlops.yaml").write_text(
        f"name: models\nplatform: {{stack: {REFERENCE}}}\n"
        "components:\n  rows: {kind: Dataset, source: rows.csv, format: csv}\n"
    )

    assert load_manifest(tmp_path).stack.platform == Platform.from_stack(REFERENCE)


@pytest.fixture
def loop() -> Iterator[None]:
    """Give this thread the event loop that an Output of Pulumi is made on."""
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield
    asyncio.set_event_loop(None)
    made.close()


@pytest.mark.usefixtures("loop")
def test_what_only_deploying_tells_stands_in_the_document_as_it_is() -> None:
    network = {"network": pulumi.Output.from_input("vpc-0a1b2c3d"), "subnets": ["subnet-0a1b2c3d"]}

    document = exported(network=network)["base"]["shared"]

    assert document["platform"]["network"] == {
        "mode": "existing",
        "network": "vpc-0a1b2c3d",
        "subnets": ["subnet-0a1b2c3d"],
    }


def test_a_plan_is_offline_with_the_platforms_document(
    tmp_path: Path, shared: SharedPlatform
) -> None:
    document = target_document(drawn(tmp_path, shared))

    assert document["problems"] == []
    assert "aws:iam/role:Role" in {r["type"] for r in document["resources"]}
