"""The workflow that Event Grid calls: executed by the test cloud's Logic Apps, event by event.

Limit: the test cloud evaluates expressions as Microsoft documents them; that Event Grid delivers,
and with these tags, is proved by `tests/engine/test_azure_loop.py`.
"""

import threading
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import pytest
from mlops_iac_azure.events import TRIGGER, alarm_filter, ended_filters, escaped, workflow

from tests.clouds.azure.services import event_filters
from tests.clouds.azure.work.workflows import calling
from tests.clouds.azure.work.workflows.execution import FAILED, SUCCEEDED, Execution

JOBS = "https://management.azure.com/subscriptions/s/jobs"
JOB = {"jobType": "Pipeline", "inputs": {"key": "${{parent.inputs.key}}"}, "note": "@{now} @me"}
IDENTITY = "/subscriptions/s/identities/starter"


class Calls:
    """What a workflow asks of Resource Manager, which answers as a test says."""

    def __init__(self) -> None:
        self.made: list[dict[str, Any]] = []
        self.status = 201

    def http(self, action: Any, *_: Any) -> dict[str, Any]:
        self.made.append(action["inputs"])
        return {"statusCode": self.status, "headers": {}, "body": {}}


def event(kind: str = "Microsoft.MachineLearningServices.RunCompleted", **data: Any) -> Any:
    return {"id": "6a9c2c1e-1", "eventType": kind, "data": data}


def execute(body: Any, calls: Calls) -> tuple[str, Any]:
    """Let a workflow take what Event Grid posts; return how it ended, and what it answered."""
    answered = list[Any]()

    def heard(**members: Any) -> None:
        answered.extend([members["response"]] if "response" in members else [])

    app = {"properties": {"definition": workflow(JOBS, "renew", JOB, IDENTITY)}}
    request = {"workflow": app, "trigger": {"name": TRIGGER, "headers": {}, "body": body}}
    run = SimpleNamespace(
        name="/runs/r", id="r", request=request, update=heard, stopping=threading.Event()
    )
    execution = Execution(cast("Any", run), cast("Any", None))
    with patch.object(calling, "http", calls.http):
        state = execution.all(execution.definition["actions"])
    return state, answered


def test_an_event_starts_one_run_whose_name_is_made_of_it() -> None:
    calls = Calls()

    state, answered = execute([event()], calls)

    (asked,) = calls.made
    assert asked["method"] == "PUT"
    assert asked["uri"] == f"{JOBS}/renew-6a9c2c1e-1?api-version=2025-12-01"
    assert asked["body"] == {"properties": JOB}
    assert asked["authentication"]["identity"] == IDENTITY
    assert (state, answered[0]["statusCode"]) == (SUCCEEDED, 200)


def test_event_grids_question_is_answered_and_starts_nothing() -> None:
    calls = Calls()
    kind = "Microsoft.EventGrid.SubscriptionValidationEvent"

    state, answered = execute([event(kind, validationCode="512d-38")], calls)

    assert calls.made == []
    assert (state, answered[0]["body"]) == (SUCCEEDED, {"validationResponse": "512d-38"})


@pytest.mark.parametrize("status", [403, 409, 500])
def test_a_job_that_does_not_start_is_not_answered_so_that_the_event_comes_again(
    status: int,
) -> None:
    calls = Calls()
    calls.status = status

    state, answered = execute([event()], calls)

    assert (state, answered) == (FAILED, [])


def test_no_text_of_a_job_is_an_expression() -> None:
    told = {"a": ["@now()", "x@{y}", "@@z", "a@b.c"], "b": 3}

    assert escaped(told) == {"a": ["@@now()", "x@@{y}", "@@@z", "a@b.c"], "b": 3}


def passes(*wanted: dict[str, Any], **data: Any) -> bool:
    told = [{"operatorType": each["operator_type"], **each} for each in wanted]
    filters = {"advancedFilters": told}
    event_filters.judge(filters)
    return event_filters.passes(filters, {**event(**data), "subject": "experiments/x"})


def test_only_a_check_with_an_alarm_wakes_and_only_that_monitors() -> None:
    wanted = alarm_filter("flights-dev-watch")

    assert passes(wanted, RunTags={"mlops_iac_alarm": "flights-dev-watch"})
    assert not passes(wanted, RunTags={"mlops_iac_alarm": "flights-prod-watch"})
    assert not passes(wanted, RunTags={"mlops-iac-component": "watch"})


@pytest.mark.parametrize(
    ("status", "wakes"),
    [({}, True), ("Failed", True), ("Canceled", True), ("Running", False), ("Completed", False)],
)
def test_only_the_end_of_the_policys_own_pipeline_wakes(status: Any, wakes: bool) -> None:
    """A good end has an event without a status."""
    wanted = ended_filters("flights-dev-again")
    told = {"RunStatus": status} if status else {}

    assert passes(*wanted, RunTags={"mlops-iac-runs-of-flights-dev-again": "yes"}, **told) is wakes
    assert not passes(*wanted, RunTags={"mlops-iac-runs-of-flights-dev-other": "yes"}, **told)
