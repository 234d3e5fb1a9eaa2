"""Faults on demand, operations that take their time, quotas, and the cloud as a process."""

import http.client
import signal
import subprocess
import sys
import threading
import urllib.error
from pathlib import Path

import pytest

from tests.clouds.gcp.running import Cloud, Refused
from tests.clouds_gcp import asking


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("throttle", "429 RESOURCE_EXHAUSTED"),
        ("error", "500 INTERNAL"),
        ("unavailable", "503 UNAVAILABLE"),
        ("timeout", "504 DEADLINE_EXCEEDED"),
        ("denied", "403 PERMISSION_DENIED"),
    ],
)
def test_a_fault_hits_the_calls_that_were_asked_for_and_nothing_happens(
    kind: str, said: str, cloud: Cloud
) -> None:
    cloud.faults.ask(kind, "endpoints.create", service="aiplatform", skip=1)
    asking.endpoint(cloud, "1")
    with pytest.raises(Refused, match=said):
        asking.endpoint(cloud, "2")
    asking.endpoint(cloud, "3")
    listed = asking.vertex(cloud, "GET", "endpoints")["endpoints"]
    assert [one["name"].rpartition("/")[2] for one in listed] == ["1", "3"]


@pytest.mark.parametrize(("kind", "jobs"), [("lost", 1), ("drop", 0)])
def test_a_connection_dies_after_or_before_the_effect(kind: str, jobs: int, cloud: Cloud) -> None:
    cloud.faults.ask(kind, "customJobs.create")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError, urllib.error.URLError)):
        asking.vertex(cloud, "POST", "customJobs", asking.custom_job())
    assert len(asking.vertex(cloud, "GET", "customJobs").get("customJobs", [])) == jobs


@pytest.mark.parametrize(("kind", "jobs"), [("hold", 0), ("hold-answer", 1)])
def test_a_held_call_waits_before_or_after_its_effect(kind: str, jobs: int, cloud: Cloud) -> None:
    cloud.faults.ask(kind, "customJobs.create")
    asked = (cloud, "POST", "customJobs", asking.custom_job())
    caller = threading.Thread(target=asking.vertex, args=asked)
    caller.start()
    assert cloud.faults.held()
    assert len(asking.vertex(cloud, "GET", "customJobs").get("customJobs", [])) == jobs
    cloud.faults.release()
    caller.join()
    assert len(asking.vertex(cloud, "GET", "customJobs")["customJobs"]) == 1


def test_an_operation_takes_several_looks_and_its_effect_comes_last(cloud: Cloud) -> None:
    cloud.control("pace", operations=3)
    path = f"aiplatform/v1/{cloud.location}/endpoints?endpointId=7"
    operation = cloud.call("POST", path, {"displayName": "x"})
    seen = [cloud.call("GET", f"aiplatform/v1/{operation['name']}") for _ in range(3)]
    assert [one.get("done", False) for one in seen] == [False, False, True]
    assert seen[-1]["response"]["name"].endswith("/endpoints/7")


def test_an_operation_goes_on_although_nobody_has_its_name(cloud: Cloud) -> None:
    cloud.faults.ask("lost", "endpoints.create")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError, urllib.error.URLError)):
        asking.endpoint(cloud)
    with pytest.raises(Refused, match="409 ALREADY_EXISTS"):
        asking.endpoint(cloud)
    found = [asking.vertex(cloud, "GET", "endpoints").get("endpoints") for _ in range(2)]
    assert (found[0], len(found[1])) == (None, 1)


def test_an_operation_may_fail_without_effect(cloud: Cloud) -> None:
    cloud.faults.ask("operation", "models.upload")
    assert asking.upload(cloud)["code"] == 13
    assert asking.vertex(cloud, "GET", "models") == {}


def test_a_cancelled_operation_has_no_effect(cloud: Cloud) -> None:
    path = f"aiplatform/v1/{cloud.location}/endpoints?endpointId=7"
    operation = cloud.call("POST", path, {"displayName": "x"})
    cloud.call("POST", f"aiplatform/v1/{operation['name']}:cancel", None)
    assert asking.finished(cloud, "aiplatform", operation)["error"]["code"] == 1
    assert asking.vertex(cloud, "GET", "endpoints") == {}


def test_a_quota_is_full_until_something_goes(cloud: Cloud) -> None:
    cloud.faults.quota("aiplatform", "endpoints", 1)
    asking.endpoint(cloud, "1")
    with pytest.raises(Refused, match="429 RESOURCE_EXHAUSTED: Quota limit"):
        asking.endpoint(cloud, "2")
    asking.vertex(cloud, "DELETE", "endpoints/1")
    asking.endpoint(cloud, "2")


def test_a_stale_read_does_not_see_the_newest_write(cloud: Cloud) -> None:
    asking.endpoint(cloud)
    asking.vertex(cloud, "PATCH", "endpoints/7?updateMask=description", {"description": "new"})
    cloud.faults.ask("stale", "endpoints.get")
    assert "description" not in asking.vertex(cloud, "GET", "endpoints/7")
    assert asking.vertex(cloud, "GET", "endpoints/7")["description"] == "new"


def test_an_unknown_route_names_those_there_are(cloud: Cloud) -> None:
    with pytest.raises(ValueError, match="reset"):
        cloud.control("restart")


def test_a_cloud_of_its_own_process_shares_nothing_and_ends_at_sigterm(cloud: Cloud) -> None:
    asking.endpoint(cloud)
    command = [sys.executable, "-m", "tests.clouds.gcp", "--project", "another"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        other = Cloud(process.stdout.readline().strip(), "another")
        found = asking.vertex(other, "GET", "endpoints")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert found == {}
