"""SIGKILL of everything in the middle of `up` and `destroy` on AWS, at chosen calls of the cloud.

Proves that after `recover` and the same command nothing is doubled, lost, locked or left, whether
the killed call had its effect or not. Limits: the plugins are stand-ins; they adopt nothing, as the
official ones do not; one call at a time is tried, and none of S3, which the cloud cannot hold.
"""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.clouds.aws.running import Cloud, cloud
from tests.support.aws_laptop import aws_laptop
from tests.support.aws_stack import everything
from tests.support.cloud_laptop import MOMENTS, seeds

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

CREATIONS = (
    ("iam", "CreateRole"),
    ("kms", "CreateKey"),
    ("ecr", "CreateRepository"),
    ("logs", "CreateLogGroup"),
    ("sagemaker", "CreateArtifact"),
    ("sagemaker", "CreateMlflowApp"),
    ("sagemaker", "CreateModelPackageGroup"),
    ("sagemaker", "CreatePipeline"),
    ("sagemaker", "StartPipelineExecution"),
)
DELETIONS = (
    ("iam", "DeleteRole"),
    ("kms", "ScheduleKeyDeletion"),
    ("ecr", "DeleteRepository"),
    ("sagemaker", "DeleteArtifact"),
    ("sagemaker", "DeletePipeline"),
)
QUICK_SEED = 1
DEEP_SEEDS = tuple(range(10, 20))


@pytest.fixture
def aws() -> Iterator[Cloud]:
    with cloud() as running:
        yield running


def call(names: tuple[str, str]) -> Mapping[str, str]:
    """Return what of the cloud's is to be held."""
    return dict(zip(("service", "operation"), names, strict=True))


@pytest.mark.parametrize("seed", seeds(QUICK_SEED, *DEEP_SEEDS))
def test_a_kill_is_mended_by_recover_and_the_same_again(
    tmp_path: Path, aws: Cloud, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    chance, empty = random.Random(seed), everything(aws)
    laptop = aws_laptop(tmp_path / "shop", aws)

    laptop.kill_at(call(chance.choice(CREATIONS)), chance.choice(MOMENTS), "up")
    laptop.run("recover")
    laptop.run("up")
    assert_made_once(aws)
    assert laptop.json("up")["changes"].keys() == {"same"}

    laptop.kill_at(call(chance.choice(DELETIONS)), chance.choice(MOMENTS), "destroy", "--yes")
    laptop.run("recover")
    laptop.run("destroy", "--yes")
    assert everything(aws) == empty
    assert not (laptop.folder / ".mlops-iac").exists()


def assert_made_once(cloud: Cloud) -> None:
    """What AWS names is there once; our own names cannot be there twice."""
    found = everything(cloud)
    assert {kind: len(found[kind]) for kind in ("artifacts", "keys", "tracking")} == {
        "artifacts": 1,
        "keys": 1,
        "tracking": 1,
    }
    pipeline = next(name for name in found["pipelines"] if "delay" in name)
    listed = cloud.client("sagemaker").list_pipeline_executions(PipelineName=pipeline)
    assert len(listed["PipelineExecutionSummaries"]) == 1
