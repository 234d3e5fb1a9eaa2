"""Proves that the Azure test cloud executes Logic Apps, whose calls bear their identity's token."""

import time
from typing import Any

import pytest
import requests

from tests.clouds_azure.worked import SECONDS, Bench, named

pytestmark = pytest.mark.slow


def _definition(actions: Any, **more: Any) -> dict[str, Any]:
    schema = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01"
    trigger = {"type": "Request", "kind": "Http", "inputs": {"schema": {}}}
    return {
        "$schema": f"{schema}/workflowdefinition.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"arm": {"type": "String", "defaultValue": ""}},
        "triggers": {"manual": trigger},
        "actions": actions,
        **more,
    }


def _workflow(bench: Bench, actions: Any, **more: Any) -> str:
    own = bench.id("Logic/workflows", named("loop"))
    properties = {
        "state": "Enabled",
        "definition": _definition(actions, **more),
        "parameters": {"arm": {"value": bench.cloud.arm}},
    }
    identity = {"type": "UserAssigned", "userAssignedIdentities": {bench.identity: {}}}
    bench.put(own, properties, location=bench.cloud.region, identity=identity)
    return own


def _called(bench: Bench, workflow: str, body: Any) -> requests.Response:
    asked = bench.cloud.ask("POST", f"{workflow}/triggers/manual/listCallbackUrl", {})
    return requests.post(asked["value"], json=body, verify=bench.cloud.authority, timeout=60)


def _ended(bench: Bench, workflow: str) -> dict[str, Any]:
    deadline = time.monotonic() + SECONDS
    while True:
        told = bench.cloud.ask("GET", f"{workflow}/runs")["value"][0]
        if told["properties"]["status"] != "Running":
            return told
        assert time.monotonic() < deadline, told
        time.sleep(0.05)


def _actions(bench: Bench, run: dict[str, Any]) -> dict[str, str]:
    found = bench.cloud.ask("GET", f"{run['id']}/actions")["value"]
    return {one["name"]: one["properties"]["status"] for one in found}


def _http(bench: Bench, verb: str, uri: str, **inputs: Any) -> dict[str, Any]:
    own = {
        "type": "ManagedServiceIdentity",
        "identity": bench.identity,
        "audience": "https://management.azure.com/",
    }
    return {
        "type": "Http",
        "inputs": {"method": verb, "uri": uri, "authentication": own, **inputs},
        "runAfter": {},
    }


def test_an_event_starts_a_job_as_the_workflows_identity(bench: Bench) -> None:
    job = bench.command("print('started by', __import__('os').environ['WORD'])")
    body = {
        "properties": {**job, "environmentVariables": {"WORD": "@{triggerBody()[0].data.word}"}}
    }
    name = "@{concat('looped-', toLower(triggerBody()[0].id))}"
    uri = f"@{{parameters('arm')}}{bench.workspace}/jobs/{name}"
    start = _http(bench, "PUT", uri, body=body, queries={"api-version": "2025-12-01"})
    wanted = {"equals": ["@triggerBody()?[0]?['data']?['kind']", "wanted"]}
    actions = {
        "when": {
            "type": "If",
            "expression": {"and": [wanted]},
            "actions": {"start": start},
            "runAfter": {},
        }
    }
    workflow = _workflow(bench, actions)
    own = named("E")

    other = _called(bench, workflow, [{"id": own, "data": {"kind": "other", "word": "x"}}])
    skipped = _actions(bench, _ended(bench, workflow))
    answer = _called(bench, workflow, [{"id": own, "data": {"kind": "wanted", "word": "us"}}])
    run = _ended(bench, workflow)

    assert (other.status_code, skipped) == (202, {"when": "Succeeded"})
    assert answer.status_code == 202
    assert _actions(bench, run) == {"start": "Succeeded", "when": "Succeeded"}, run
    looped = f"looped-{own.lower()}"
    assert bench.ended(looped)["status"] == "Completed"
    assert bench.log(looped) == ["started by us"]
    told = bench.cloud.ask("GET", f"{bench.workspace}/jobs/{looped}")
    principal = bench.cloud.ask("GET", bench.identity)["properties"]["principalId"]
    assert told["systemData"]["createdBy"] == principal


def test_a_handshake_is_answered(bench: Bench) -> None:
    code = "@triggerBody()[0].data.validationCode"
    respond = {
        "type": "Response",
        "inputs": {"statusCode": 200, "body": {"validationResponse": code}},
        "runAfter": {},
    }

    answer = _called(
        bench, _workflow(bench, {"respond": respond}), [{"data": {"validationCode": "c"}}]
    )

    assert (answer.status_code, answer.json()) == (200, {"validationResponse": "c"})


def test_a_refused_call_fails_the_run_unless_it_is_followed(bench: Bench) -> None:
    gone = _http(
        bench, "GET", f"{bench.cloud.arm}{bench.workspace}/jobs/gone?api-version=2025-12-01"
    )
    note = {
        "type": "Compose",
        "inputs": "@actions('call').outputs.statusCode",
        "runAfter": {"call": ["Failed"]},
    }
    failing, caught = (
        _workflow(bench, one) for one in ({"call": gone}, {"call": gone, "note": note})
    )

    _called(bench, failing, {})
    failed = _ended(bench, failing)
    _called(bench, caught, {})
    run = _ended(bench, caught)

    assert failed["properties"]["status"] == "Failed"
    assert "ResourceNotFound" in failed["properties"]["error"]["message"]
    assert run["properties"]["status"] == "Succeeded"
    assert _actions(bench, run) == {"call": "Failed", "note": "Succeeded"}


def test_loops_variables_and_choices(bench: Bench) -> None:
    begin = {
        "type": "InitializeVariable",
        "inputs": {"variables": [{"name": "found", "type": "array", "value": []}]},
        "runAfter": {},
    }
    add = {"type": "AppendToArrayVariable", "inputs": {"name": "found", "value": "@item().n"}}
    wanted = {
        "type": "Query",
        "inputs": {"from": "@triggerBody()", "where": "@greater(item().n, 1)"},
        "runAfter": {"begin": ["Succeeded"]},
    }
    each = {
        "type": "Foreach",
        "foreach": "@body('wanted')",
        "actions": {"add": add},
        "runAfter": {"wanted": ["Succeeded"]},
    }
    end = {"type": "Terminate", "inputs": {"runStatus": "Cancelled"}, "runAfter": {}}
    choose = {
        "type": "Switch",
        "expression": "@length(variables('found'))",
        "cases": {"two": {"case": 2, "actions": {"end": end}}},
        "runAfter": {"each": ["Succeeded"]},
    }
    actions = {"begin": begin, "wanted": wanted, "each": each, "choose": choose}
    workflow = _workflow(bench, actions)

    _called(bench, workflow, [{"n": 1}, {"n": 2}, {"n": 3}])

    assert _ended(bench, workflow)["properties"]["status"] == "Cancelled"


def test_what_it_does_not_know_fails_the_run(bench: Bench) -> None:
    workflow = _workflow(bench, {"strange": {"type": "Liquid", "inputs": {}, "runAfter": {}}})

    _called(bench, workflow, {})

    told = _ended(bench, workflow)["properties"]
    assert told["status"] == "Failed"
    assert "does not do" in told["error"]["message"]
