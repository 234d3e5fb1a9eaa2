"""Faults on demand, operations that take their time, quotas, and the cloud as a process."""

import http.client
import signal
import subprocess
import sys
import threading
import urllib.error
from pathlib import Path

import pytest

from tests.clouds.azure.running import Cloud, Refused
from tests.clouds_azure.asking import Site

_DIED = (http.client.RemoteDisconnected, ConnectionError, urllib.error.URLError, OSError)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("throttle", "429 TooManyRequests"),
        ("error", "500 InternalServerError"),
        ("unavailable", "503 ServiceUnavailable"),
        ("timeout", "504 GatewayTimeout"),
        ("denied", "403 AuthorizationFailed"),
    ],
)
def test_a_fault_hits_the_calls_that_were_asked_for_and_nothing_happens(
    kind: str, said: str, site: Site
) -> None:
    site.cloud.faults.ask(kind, "jobs.put", service="resourcemanager", skip=1)
    site.put(site.ml("jobs", "one"), site.command())
    with pytest.raises(Refused, match=said):
        site.put(site.ml("jobs", "two"), site.command())
    site.put(site.ml("jobs", "three"), site.command())
    assert _jobs(site) == ["three", "one"]


def _jobs(site: Site) -> list[str]:
    found = site.cloud.ask("GET", site.ml("jobs", "x").removesuffix("/x"))
    return [one["name"] for one in found["value"]]


@pytest.mark.parametrize(("kind", "jobs"), [("lost", ["one"]), ("drop", [])])
def test_a_connection_dies_after_or_before_the_effect(
    kind: str, jobs: list[str], site: Site
) -> None:
    asked = site.command()
    site.cloud.faults.ask(kind, "jobs.put")
    with pytest.raises(_DIED):
        site.put(site.ml("jobs", "one"), asked)
    assert _jobs(site) == jobs


@pytest.mark.parametrize(("kind", "jobs"), [("hold", []), ("hold-answer", ["one"])])
def test_a_held_call_waits_before_or_after_its_effect(
    kind: str, jobs: list[str], site: Site
) -> None:
    asked = site.command()
    site.cloud.faults.ask(kind, "jobs.put")
    caller = threading.Thread(target=site.put, args=(site.ml("jobs", "one"), asked))
    caller.start()
    assert site.cloud.faults.held()
    assert _jobs(site) == jobs
    site.cloud.faults.release()
    caller.join()
    assert _jobs(site) == ["one"]


def _begun(site: Site) -> tuple[str, str]:
    """Begin an endpoint; return its path and its operation's."""
    own = f"resourcemanager{site.ml('onlineEndpoints', 'churn-dev')}?api-version=2025-12-01"
    body = {**site.place, "properties": {"authMode": "Key"}}
    headers, told = site.cloud.answer("PUT", own, body)
    assert (headers["status"], headers["Retry-After"]) == ("201", "0")
    assert told["properties"]["provisioningState"] == "Creating"
    return own, headers["Azure-AsyncOperation"].removeprefix(f"{site.cloud.address}/")


def test_an_operation_takes_several_looks_and_its_effect_comes_last(site: Site) -> None:
    site.cloud.control("pace", operations=3)
    own, operation = _begun(site)
    seen = [site.cloud.call("GET", operation)["status"] for _ in range(3)]
    assert seen == ["InProgress", "InProgress", "Succeeded"]
    assert site.cloud.call("GET", own)["properties"]["provisioningState"] == "Succeeded"


def test_an_operation_goes_on_although_nobody_has_its_address(site: Site) -> None:
    own, _ = _begun(site)
    seen = [site.cloud.call("GET", own)["properties"]["provisioningState"] for _ in range(2)]
    assert seen == ["Creating", "Succeeded"]


def test_what_is_being_made_is_not_changed_meanwhile(site: Site) -> None:
    site.cloud.control("pace", operations=5)
    _begun(site)
    with pytest.raises(Refused, match="409 AnotherOperationInProgress"):
        site.put(site.ml("onlineEndpoints", "churn-dev"), {"authMode": "Key"}, **site.place)


def test_an_operation_may_fail_and_leaves_what_has_failed(site: Site) -> None:
    site.cloud.faults.ask("operation", "onlineEndpoints.put")
    with pytest.raises(Refused, match="InternalServerError"):
        site.endpoint()
    shown = site.get(site.ml("onlineEndpoints", "churn-dev"))
    assert shown["properties"]["provisioningState"] == "Failed"
    site.endpoint()


def test_a_quota_is_full_until_something_goes(site: Site) -> None:
    site.cloud.faults.quota("Microsoft.MachineLearningServices/workspaces/onlineEndpoints", 1)
    own = site.endpoint("churn-one")
    with pytest.raises(Refused, match="QuotaExceeded"):
        site.endpoint("churn-two")
    site.delete(own)
    site.endpoint("churn-two")


def test_a_stale_read_does_not_see_the_newest_write(site: Site) -> None:
    own = site.model()
    place = site.get(own)["properties"]["modelUri"]
    site.put(own, {"modelUri": place, "description": "new"})
    site.cloud.faults.ask("stale", "models/versions.get")
    assert "description" not in site.get(own)["properties"]
    assert site.get(own)["properties"]["description"] == "new"


def test_an_unknown_route_names_those_there_are(cloud: Cloud) -> None:
    with pytest.raises(ValueError, match="reset"):
        cloud.control("restart")


def test_a_fault_of_the_cloud_itself_is_told(site: Site) -> None:
    with pytest.raises(Refused, match="501 NotImplemented: The test cloud does not do"):
        site.cloud.ask("POST", f"{site.ml('')}/dance", {})


def test_a_cloud_of_its_own_process_shares_nothing_and_ends_at_sigterm(site: Site) -> None:
    own = "44444444-4444-4444-8444-444444444444"
    command = [sys.executable, "-m", "tests.clouds.azure", "--subscription", own]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address, authority = process.stdout.readline().split()
        other = Cloud(address, authority, own)
        found = other.ask("GET", f"{other.scope}/resourceGroups")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert found == {"value": []}
    assert len(site.cloud.ask("GET", f"{site.cloud.scope}/resourceGroups")["value"]) == 1
