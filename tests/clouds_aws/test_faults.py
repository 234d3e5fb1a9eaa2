"""Faults on demand, and the cloud as a process of its own."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, HTTPClientError

from tests.clouds.aws.running import Cloud
from tests.clouds_aws import requests as ask


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("throttle", "ThrottlingException"),
        ("error", "InternalFailure"),
        ("denied", "AccessDeniedException"),
    ],
)
def test_a_fault_hits_the_calls_that_were_asked_for_and_nothing_happens(
    kind: str, code: str, cloud: Cloud
) -> None:
    cloud.control("fault", kind=kind, service="sagemaker", operation="CreateModel", skip=1)
    ask.model(cloud, "first")
    with pytest.raises(ClientError, match=code):
        ask.model(cloud, "second")
    ask.model(cloud, "third")
    listed = cloud.client("sagemaker").list_models()["Models"]
    assert [one["ModelName"] for one in listed] == ["third", "first"]


def test_a_lost_answer_has_had_its_effect(cloud: Cloud) -> None:
    cloud.control("fault", kind="lost", operation="CreateModel")
    with pytest.raises(HTTPClientError):
        ask.model(cloud)
    assert len(cloud.client("sagemaker").list_models()["Models"]) == 1


@pytest.mark.parametrize(("kind", "models"), [("hold", 0), ("hold-answer", 1)])
def test_a_held_call_waits_before_or_after_its_effect(kind: str, models: int, cloud: Cloud) -> None:
    cloud.control("fault", kind=kind, operation="CreateModel")
    caller = threading.Thread(target=ask.model, args=(cloud,))
    caller.start()
    assert cloud.control("held") == {"held": True}
    assert len(cloud.client("sagemaker").list_models()["Models"]) == models
    cloud.control("release")
    caller.join()
    assert len(cloud.client("sagemaker").list_models()["Models"]) == 1


def test_the_cloud_tells_what_was_called_in_its_order(cloud: Cloud) -> None:
    ask.model(cloud)
    cloud.client("sagemaker").delete_model(ModelName="model")
    told = cloud.control("calls", service="sagemaker")
    assert [one["operation"] for one in told] == ["CreateModel", "DeleteModel"]


def test_an_unknown_route_names_those_there_are(cloud: Cloud) -> None:
    with pytest.raises(ValueError, match="reset"):
        cloud.control("restart")


def test_a_cloud_of_its_own_process_shares_nothing_and_ends_at_sigterm(cloud: Cloud) -> None:
    command = [sys.executable, "-m", "tests.clouds.aws", "--account", "111122223333"]
    root = Path(__file__).parents[2]
    ask.model(cloud)
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        other = Cloud(process.stdout.readline().strip())
        account = other.client("sts").get_caller_identity()["Account"]
        models = other.client("sagemaker").list_models()["Models"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert (account, models) == ("111122223333", [])
