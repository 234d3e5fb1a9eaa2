"""When pipelines start by themselves, as Azure ML takes it; the schedule's life on a test cloud."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from azure.ai.ml.constants import TimeZone
from mlops_iac_azure import lro, rest
from mlops_iac_azure.errors import NotOursError
from mlops_iac_azure.resources.schedule import ScheduleHandler
from mlops_iac_azure.schedules import schedule_problems, trigger
from mlops_iac_azure.session import Place
from mlops_iac_azure.windows_zones import NOT_TAKEN, windows_zone
from tzlocal.windows_tz import tz_win

from mlops_iac.specs import Cron, Every
from tests.clouds.azure.running import Cloud
from tests.providers.azure.world import TAGS, azure, call_on, ground, point, workspace


@pytest.mark.parametrize(
    ("period", "frequency", "interval"),
    [
        (timedelta(minutes=90), "Minute", 90),
        (timedelta(hours=6), "Hour", 6),
        (timedelta(days=2), "Day", 2),
        (timedelta(days=14), "Week", 2),
    ],
)
def test_a_period_is_a_recurrence(period: timedelta, frequency: str, interval: int) -> None:
    told = trigger(Every(every=period))

    assert (told["triggerType"], told["timeZone"]) == ("Recurrence", "UTC")
    assert (told["frequency"], told["interval"]) == (frequency, interval)


def test_days_of_the_week_are_azures_own_cron_in_windows_time() -> None:
    told = trigger(Cron(cron="*/20 3 * * mon-fri", timezone="Europe/Berlin"))

    assert told == {
        "triggerType": "Cron",
        "timeZone": "W. Europe Standard Time",
        "expression": "0,20,40 3 * * 1-5",
    }


def test_days_of_the_month_are_a_recurrence() -> None:
    told = trigger(Cron(cron="30 2 1,15 * *"))

    assert told["frequency"] == "Month"
    assert told["schedule"] == {"monthDays": [1, 15], "hours": [2], "minutes": [30]}


@pytest.mark.parametrize(
    ("schedule", "code"),
    [
        (Every(every=timedelta(seconds=90)), "schedule.period"),
        (Cron(cron="0 0 1 1 *"), "schedule.months"),
        (Cron(cron="0 0 * * *", timezone="GMT"), "schedule.time-zone"),
    ],
)
def test_what_azure_cannot_express_is_refused(schedule: Cron | Every, code: str) -> None:
    assert [problem.code for problem in schedule_problems("weekly", schedule)] == [code]


def test_zones_have_the_names_of_windows() -> None:
    assert windows_zone("America/New_York") == "Eastern Standard Time"
    assert windows_zone("UTC") == "UTC"


def test_azure_takes_all_zones_of_windows_but_those_that_are_listed() -> None:
    taken = {zone.value for zone in TimeZone}
    assert {zone for zone in tz_win.values() if zone not in taken} == NOT_TAKEN


@pytest.fixture(scope="module")
def running() -> Iterator[Cloud]:
    with azure() as cloud:
        yield cloud


@pytest.fixture
def place(running: Cloud, monkeypatch: pytest.MonkeyPatch) -> Place:
    running.reset()
    point(running, monkeypatch)
    where = ground(call_on(running))
    workspace(where)
    return where


def _inputs(name: str = "weekly", *, every: int = 1, job: str = "one") -> dict[str, Any]:
    definition = {"jobType": "Pipeline", "displayName": job, "jobs": {}}
    properties = {
        "displayName": name,
        "isEnabled": True,
        "tags": dict(TAGS),
        "trigger": trigger(Every(every=timedelta(hours=every))),
        "action": {"actionType": "CreateJob", "jobDefinition": definition},
    }
    return {"name": name, "requests": [{"body": {"properties": properties}}]}


def _there(where: Place) -> Mapping[str, Any]:
    return rest.call(where, "GET", where.in_workspace("schedules", "weekly"))["properties"]


def test_a_schedule_is_made_changed_and_removed(place: Place, running: Cloud) -> None:
    handler, call = ScheduleHandler(), call_on(running)

    made, state = handler.create(_inputs(), call)
    handler.update(made, state, _inputs(every=2), call)

    assert _there(place)["trigger"]["interval"] == 2
    handler.delete(made, state, call)
    handler.delete(made, state, call)
    assert handler.read(made, state, call) is None


def test_another_trigger_changes_it_and_another_action_replaces_it() -> None:
    handler, old = ScheduleHandler(), _inputs()

    assert handler.diff({}, old, _inputs(every=2)).replaces == ()
    change = handler.diff({}, old, _inputs(job="two"))
    assert (change.replaces, change.delete_before_replace) == (("requests",), True)
    assert handler.diff({}, old, _inputs()).changed == ()


def test_what_a_killed_call_has_left_is_made_anew(place: Place, running: Cloud) -> None:
    handler, call = ScheduleHandler(), call_on(running)
    handler.create(_inputs(), call)

    handler.create(_inputs(job="two"), call)

    assert _there(place)["action"]["jobDefinition"]["displayName"] == "two"


def test_somebody_elses_schedule_is_left_alone(place: Place, running: Cloud) -> None:
    handler, call = ScheduleHandler(), call_on(running)
    handler.create(_inputs(), call)
    foreign = _inputs()
    foreign["requests"][0]["body"]["properties"]["tags"] = {"mlops-iac-project": "other"}

    with pytest.raises(NotOursError, match="shop/dev"):
        handler.create(foreign, call)
    assert _there(place)["isEnabled"]


def test_a_schedule_that_somebody_disabled_is_seen(place: Place, running: Cloud) -> None:
    handler, call = ScheduleHandler(), call_on(running)
    made, state = handler.create(_inputs(), call)
    there = rest.call(place, "GET", made)["properties"]
    lro.run(place, "PUT", made, {"properties": {**there, "isEnabled": False}})

    found = handler.read(made, state, call)

    assert found is not None
    assert handler.diff(found.state, found.inputs, _inputs()).changed == ("requests",)
