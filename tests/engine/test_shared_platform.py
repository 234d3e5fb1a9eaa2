"""Two stacks on one platform, through the real engine, in the AWS test cloud.

The platform's stack exports it; the models' stack reads it and makes nothing of the foundation
itself. Limits: the plugins for `aws` and `aws-native` are stand-ins (`tests/clouds/aws/plugins`).
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import automation

from mlops_iac.components.building import build_plan
from mlops_iac.components.configuration import shared_platform
from mlops_iac.planning import plan
from mlops_iac.specs import Platform, Spec
from mlops_iac.stack import Declaration, Stack
from tests.clouds.aws.running import Cloud, cloud
from tests.providers.aws.scenarios import RUNTIME, delay, flights, late, write_files
from tests.support.aws_stack import PLUGINS
from tests.support.engine import Engine

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(300)]

GROUND = "organization/ground/prod"
PLACE = {"target": "aws", "region": "eu-west-1", "account": "123456789012"}


@pytest.fixture
def aws(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud() as running:
        path = f"{PLUGINS}{os.pathsep}{engine.env['PATH']}"
        engine.extra.update({**running.environment, "PATH": path})
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def declared(name: str, platform: Platform, folder: Path, *components: Spec) -> Callable[[], None]:
    """Return the program of a stack; as `Stack.build` does for a target that can be applied."""
    declaration = Declaration(Stack(name, platform=platform, components=components), folder)

    def program() -> None:
        shared = shared_platform(declaration.stack.platform)
        drawn = plan(declaration, stack=pulumi.get_stack(), shared=shared)
        build_plan(drawn.require())

    return program


def ground(engine: Engine, folder: Path, **fields: Any) -> automation.Stack:
    """Return the platform's stack."""
    platform = Platform("base", runtime_image=RUNTIME, **PLACE, **fields)
    return engine.stack(declared("ground", platform, folder), project="ground", name="prod")


def models(engine: Engine, folder: Path, name: str = "models") -> automation.Stack:
    """Return a stack of models that stands on it."""
    components = (flights(), late(), delay(run="manual"))
    program = declared(name, Platform.from_stack(GROUND), folder, *components)
    return engine.stack(program, project=name)


def test_two_stacks_on_one_platform(engine: Engine, aws: Cloud, tmp_path: Path) -> None:
    """One story, told in order: each step stands on the one before."""
    folder = write_files(tmp_path / "declared")
    base = ground(engine, folder, encryption={"rotation_days": 90})
    base.up()
    (bucket,) = [item["Name"] for item in aws.client("s3").list_buckets()["Buckets"]]

    consumer = models(engine, folder)
    consumer.up()
    mark = "consumers/models/dev.json"
    keys = [item["Key"] for item in aws.client("s3").list_objects_v2(Bucket=bucket)["Contents"]]
    assert mark in keys
    assert any(key.startswith("datasets/flights/") for key in keys)
    key = base.outputs()["base"].value["encryptionKey"]
    assert consumer.outputs()["platform"].value["encryptionKey"] == key
    assert {str(op) for op in consumer.preview().change_summary} == {"same"}

    # What the platform's team changes replaces nothing of the models.
    ground(engine, folder, encryption={"rotation_days": 180}, tags={"team": "ground"}).up()
    foreseen = {str(op) for op in models(engine, folder).preview().change_summary}
    assert foreseen <= {"read", "same", "update"}

    before = aws.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"]
    with pytest.raises(automation.CommandError, match=r"is used by `models/dev`"):
        base.destroy()
    assert aws.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == before
    assert aws.client("s3").get_public_access_block(Bucket=bucket)

    consumer.destroy()
    base.destroy()
    assert aws.client("s3").list_buckets()["Buckets"] == []
