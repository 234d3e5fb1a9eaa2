"""SIGKILL of everything in the middle of `up` and `destroy` on AWS, at chosen calls of the cloud.

Proves that after `recover` and the same command nothing is doubled, lost, locked or left, whether
the killed call had its effect or not. Limits: the plugins are stand-ins; they adopt nothing, as the
official ones do not; one call at a time is tried, and none of S3, which the cloud cannot hold.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.clouds.aws.running import Cloud, cloud
from tests.support.aws_laptop import AwsLaptop
from tests.support.aws_stack import everything

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
MOMENTS = ("hold", "hold-answer")
"""Before the call has its effect; after it, before the answer."""
QUICK_SEED = 1
DEEP_SEEDS = tuple(range(10, 20))


@pytest.fixture
def aws() -> Iterator[Cloud]:
    with cloud() as running:
        yield running


def seeds() -> list[object]:
    return [QUICK_SEED, *(pytest.param(seed, marks=pytest.mark.deep) for seed in DEEP_SEEDS)]


@pytest.mark.parametrize("seed", seeds())
def test_a_kill_is_mended_by_recover_and_the_same_again(
    tmp_path: Path, aws: Cloud, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    chance, empty = random.Random(seed), everything(aws)
    laptop = AwsLaptop.make(tmp_path / "shop", aws)

    kill_at(laptop, chance.choice(CREATIONS), chance.choice(MOMENTS), "up")
    laptop.run("recover")
    laptop.run("up")
    assert_made_once(laptop)
    assert laptop.json("up")["changes"].keys() == {"same"}

    kill_at(laptop, chance.choice(DELETIONS), chance.choice(MOMENTS), "destroy", "--yes")
    laptop.run("recover")
    laptop.run("destroy", "--yes")
    assert everything(aws) == empty
    assert not (laptop.folder / ".mlops-iac").exists()


def kill_at(laptop: AwsLaptop, call: tuple[str, str], moment: str, *words: str) -> None:
    """Run a command, and kill all of it while the cloud holds a call."""
    service, operation = call
    laptop.cloud.control("fault", kind=moment, service=service, operation=operation)
    command = laptop.start(*words)
    try:
        assert laptop.cloud.control("held", seconds=100)["held"], (service, operation)
        family = [psutil.Process(command.pid), *psutil.Process(command.pid).children(True)]
        for process in family:
            process.kill()
        psutil.wait_procs(family, timeout=10)
    finally:
        laptop.cloud.control("release")
        command.communicate(timeout=30)


def assert_made_once(laptop: AwsLaptop) -> None:
    """What AWS names is there once; our own names cannot be there twice."""
    found = everything(laptop.cloud)
    assert {kind: len(found[kind]) for kind in ("artifacts", "keys", "tracking")} == {
        "artifacts": 1,
        "keys": 1,
        "tracking": 1,
    }
    pipeline = next(name for name in found["pipelines"] if "delay" in name)
    listed = laptop.cloud.client("sagemaker").list_pipeline_executions(PipelineName=pipeline)
    assert len(listed["PipelineExecutionSummaries"]) == 1
