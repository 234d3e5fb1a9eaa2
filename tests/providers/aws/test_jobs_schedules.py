"""Declared schedules in EventBridge Scheduler's words.

Proves the translation by reading it back with another parser (APScheduler, whose weekday numbers
are declared), and by the contract's rules. Limit: daylight saving is EventBridge's.
"""

from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st
from mlops_iac_aws.schedules import expression, schedule_problems
from mlops_iac_local.loop.triggers import cron_fields

from mlops_iac.cron import CRON_FIELDS, cron_fault
from mlops_iac.specs import Cron, Every
from tests.contract.walkers.cron import eventbridge

_FIELDS = [
    st.one_of(
        st.just("*"),
        st.integers(*bounds[:2]).map(str),
        st.integers(1, 9).map(lambda step: f"*/{step}"),
        st.tuples(st.integers(*bounds[:2]), st.integers(*bounds[:2])).map(
            lambda ends: f"{min(ends)}-{max(ends)}"
        ),
    )
    for bounds in CRON_FIELDS.values()
]
_EXPRESSIONS = st.tuples(*_FIELDS).map(" ".join).filter(lambda text: cron_fault(text) is None)
_START = datetime(2024, 2, 28, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("declared", "wanted"),
    [
        (Cron(cron="0 3 * * 1"), "cron(0 3 ? * MON *)"),
        (Cron(cron="*/15 9-17 * * mon-fri"), "cron(0,15,30,45 9-17 ? * MON,TUE,WED,THU,FRI *)"),
        (Cron(cron="30 6 1 jan,7 *"), "cron(30 6 1 1,7 ? *)"),
        (Cron(cron="0 0 * * 0,7"), "cron(0 0 ? * SUN *)"),
        (Cron(cron="0 * * * *"), "cron(0 * * * ? *)"),
        (Every(every=timedelta(hours=1)), "rate(1 hour)"),
        (Every(every=timedelta(minutes=90)), "rate(90 minutes)"),
        (Every(every=timedelta(days=2)), "rate(2 days)"),
    ],
)
def test_a_schedule_is_written_in_eventbridges_words(declared: Cron | Every, wanted: str) -> None:
    assert expression(declared) == wanted


@given(text=_EXPRESSIONS)
def test_the_translated_cron_is_legal_and_fires_at_the_same_moments(text: str) -> None:
    written = expression(Cron(cron=text))
    minute, hour, day, month, weekday = written[5:-1].replace("?", "*").lower().split()[:5]
    read = CronTrigger(
        minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=UTC
    )
    declared = CronTrigger(**cron_fields(text), timezone=UTC)

    assert list(eventbridge(written, "schedule")) == []
    assert list(schedule_problems("daily", Cron(cron=text))) == []
    assert _moments(read) == _moments(declared)


@pytest.mark.parametrize("seconds", [1, 90])
def test_a_period_with_seconds_is_refused_while_planning(seconds: int) -> None:
    (problem,) = schedule_problems("daily", Every(every=timedelta(seconds=seconds)))

    assert problem.code == "schedule.period"
    assert problem.field == "schedule.every"


def _moments(trigger: CronTrigger) -> list[datetime | None]:
    found: list[datetime | None] = []
    last, now = None, _START
    for _ in range(3):
        last = trigger.get_next_fire_time(last, now)
        found.append(last)
        if last is None:
            break
        now = last + timedelta(seconds=1)
    return found
