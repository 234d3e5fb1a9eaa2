"""What a monitor and a policy register on `azure`: who may do what, what wakes whom.

Limit: recorded under the mock monitor; that an event reaches the workflow, and that it starts the
job, is proved by `test_events.py` and by the engine's test of the loop.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from mlops_iac_azure.jobs import defining
from mlops_iac_azure.jobs.runs import PIPELINE
from mlops_iac_azure.jobs.steps import Step

from mlops_iac.provider import Purpose
from tests.contract.scenario import check_document
from tests.providers.azure.harness import planned
from tests.providers.azure.loop.components import renewed
from tests.providers.azure.loop.declared import IMAGE, inputs, recorded, whole
from tests.providers.azure.scenarios import write_project


@pytest.mark.parametrize("profile", ["prod", "regulated"])
def test_what_the_loop_registers_is_what_the_rest_models_take(tmp_path: Path, profile: str) -> None:
    found = recorded(
        tmp_path, *renewed(), profile=profile, encryption={"rotation_days": 90}, network={}
    )

    assert [str(each) for each in check_document("azure", found.documents())] == []


def test_the_monitors_alarm_and_the_pipelines_end_wake_the_policy() -> None:
    alarm, ended = (inputs(whole(), f"renew-{use}") for use in ("alarm", "ended"))

    told = json.loads(inputs(whole(), "watch-watch-step")["content"])
    (wanted,) = alarm["filter"]["advancedFilters"]
    assert wanted["values"] == [told["watched"]["tag"]]
    tag, _ = ended["filter"]["advancedFilters"]
    name = tag["key"].removeprefix(f"data.RunTags.{PIPELINE}")
    assert name.startswith("flights-dev-again-")
    assert ended["filter"]["includedEventTypes"][1].endswith(".RunStatusChanged")
    topic = inputs(whole(), "platform-events")["systemTopicName"]
    assert {alarm["systemTopicName"], ended["systemTopicName"]} == {topic}


def test_the_address_that_starts_a_policy_is_a_secret() -> None:
    for name in ("renew-alarm", "renew-ended"):
        (record,) = [each for each in whole().records if each.name == name]
        told = record.document()["inputs"]["destination"]["endpointUrl"]
        assert told in ({"$secret": True}, {"$secret": True, "$unknown": True})


def steps(folder: Path, **changes: Any) -> dict[str, Step]:
    """Return the steps of every job of the declaration."""
    made: dict[str, Step] = {}
    whole_job = defining.pipeline_job

    def pipeline_job(name: str, text: str, found: Sequence[Step], *told: Any, **more: Any) -> Any:
        made.update({step.name: step for step in found})
        return whole_job(name, text, found, *told, **more)

    with patch.object(defining, "pipeline_job", pipeline_job):
        recorded(folder, *renewed(**changes))
    return made


def test_the_model_is_loaded_under_another_identity_than_the_verdict_is_told(
    tmp_path: Path,
) -> None:
    made = {name: step.node.purpose for name, step in steps(tmp_path).items()}

    assert made["watch-judge"] is Purpose.TRAINING
    assert made["watch"] is made["decide"] is made["weather"] is Purpose.PIPELINE


def test_each_may_write_its_own_folder_and_nothing_else() -> None:
    for name, folder in (
        ("weather-writer", "features/weather/"),
        ("watch-writer", "monitors/watch/"),
        ("renew-writer", "policies/renew/"),
    ):
        assert inputs(whole(), name)["condition"].endswith(f"StringStartsWith '{folder}'))")
    assert "StringStartsWith 'score/'" in inputs(whole(), "watch-reader")["condition"]


def test_no_role_of_the_loop_is_wider_than_its_work() -> None:
    def rights(name: str) -> list[str]:
        (one,) = inputs(whole(), name)["permissions"]
        return [action.rpartition("workspaces/")[2] for action in one["actions"]]

    assert rights("watch-telling-role") == ["experiments/runs/read", "experiments/runs/write"]
    assert "jobs/write" in rights("renew-starting-role")
    assert not [action for action in rights("renew-starting-role") if "delete" in action]
    assert not [action for action in rights("watch-watching-role") if not action.endswith("read")]
    scope = inputs(whole(), "weather-table-writer")["scope"]
    assert scope.endswith(f"/tables/{inputs(whole(), 'weather-online')['tableName']}")


def test_two_components_never_share_an_assignment() -> None:
    """Azure takes one of a role to an identity at a place, whatever its condition."""
    found = [
        (
            each.inputs["roleDefinitionId"],
            str(each.inputs["principalId"]),
            str(each.inputs["scope"]),
        )
        for each in whole().of("RoleAssignment")
        if each.name.split("-")[0] in {"weather", "watch", "renew"}
    ]

    assert len(found) == len(set(found))


def test_a_budget_is_looked_at_more_often(tmp_path: Path) -> None:
    unlimited = recorded(tmp_path, *renewed())

    assert _trigger(inputs(whole(), "renew-schedule")) == {"frequency": "Minute", "interval": 15}
    assert _trigger(inputs(unlimited, "renew-schedule")) == {"frequency": "Hour", "interval": 1}


def _trigger(schedule: dict[str, Any]) -> dict[str, Any]:
    (request,) = schedule["requests"]
    trigger = request["body"]["properties"]["trigger"]
    return {name: trigger[name] for name in ("frequency", "interval")}


def test_the_alert_watches_the_points_that_the_check_writes() -> None:
    (criterion,) = inputs(whole(), "watch-alert")["criteria"]["allOf"]
    told = json.loads(inputs(whole(), "watch-watch-step")["content"])

    wanted = {each["name"]: each["values"] for each in criterion["dimensions"]}
    assert wanted == {"component": [told["watched"]["tag"]], "finding": ["alarm"]}


def test_a_baseline_is_mounted_where_the_model_is_judged(tmp_path: Path) -> None:
    made = steps(tmp_path, monitor={"baseline": "departures"})

    assert set(made["watch-judge"].node.inputs) == {"baseline"}
    assert made["watch-judge"].document["within"] == {"baseline": ""}
    assert made["watch"].node.inputs == {}


def test_what_cannot_be_is_refused_with_a_remedy(tmp_path: Path) -> None:
    write_project(tmp_path)
    specs = renewed(
        monitor={"schedule": {"every": "90s"}, "timeout": "30d"},
        policy={"period": "0s"},
        group={"features": {"Timestamp": "number"}},
    )

    found = planned(specs, tmp_path, runtime_image=IMAGE).errors

    assert {f"{each.component}.{each.field}": each.code for each in found} == {
        "watch.schedule.every": "schedule.period",
        "watch.timeout": "job.timeout",
        "renew.period": "retraining.no-time",
        "weather.features.Timestamp": "features.reserved-name",
    }
    assert all(each.remedy for each in found)
