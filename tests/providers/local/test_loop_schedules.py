"""Schedules: cron's dialect, what is due, and the process that starts what is due.

The last tests run the real loop under the real supervisor, with a job that does nothing.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlops_iac_local import store, supervisor
from mlops_iac_local.files import make_folder
from mlops_iac_local.jobs.definition import Definition, definition, write_definition
from mlops_iac_local.jobs.runs import runs_of
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop import control, process, schedules
from mlops_iac_local.loop.triggers import cron_fields, due, trigger_of

from mlops_iac.content import folder_digest, folder_files
from mlops_iac.specs import Cron, Every
from tests.providers.local.world import until

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)


def every(seconds: float, since: datetime = MONDAY) -> dict[str, object]:
    return {"trigger": {"every_s": seconds}, "since": since.isoformat()}


def cron(text: str, timezone: str = "UTC") -> dict[str, object]:
    return {"trigger": {"cron": text, "timezone": timezone}, "since": MONDAY.isoformat()}


# --- cron


@pytest.mark.parametrize(
    ("expression", "field", "values"),
    [
        ("0 3 * * 1", "day_of_week", "0"),
        ("0 3 * * 0", "day_of_week", "6"),
        ("0 3 * * 7", "day_of_week", "6"),
        ("0 3 * * fri-sat", "day_of_week", "4,5"),
        ("0 3 * * 5-7", "day_of_week", "4,5,6"),
        ("0 3 * * */3", "day_of_week", "2,5,6"),
        ("*/100 3 * * *", "minute", "0"),
        ("50/5 3 * * *", "minute", "50,55"),
        ("0 3 1 jan,DEC *", "month", "1,12"),
        ("0 3 * * *", "day_of_week", "*"),
    ],
)
def test_cron_is_written_out_for_the_scheduler(expression: str, field: str, values: str) -> None:
    assert cron_fields(expression)[field] == values


DAYS = st.sampled_from(["*", "0", "1-5", "6,7", "mon", "*/2", "tue-thu/2"])
MINUTES = st.sampled_from(["*/20", "5", "0,30", "10-50/15"])
HOURS = st.sampled_from(["*", "3", "*/7", "22-23"])


@settings(max_examples=60, deadline=None)
@given(MINUTES, HOURS, DAYS, st.integers(0, 7 * 24 * 60))
def test_what_is_due_is_the_latest_minute_that_cron_names(
    minute: str, hour: str, day: str, offset: int
) -> None:
    """Cron's rules are told here a second time, by looking at each minute of a week."""
    now = MONDAY + timedelta(days=7, minutes=offset, seconds=7)
    after = now - timedelta(days=2)
    matching = [
        moment
        for minutes in range(2 * 24 * 60 + 1)
        if (moment := (now - timedelta(minutes=minutes)).replace(second=0)) > after
        and moment.minute in values(minute, 0, 59)
        and moment.hour in values(hour, 0, 23)
        and moment.isoweekday() % 7 in {value % 7 for value in values(day, 0, 7)}
    ]

    assert due(cron(f"{minute} {hour} * * {day}"), after, now) == max(matching, default=None)


def values(field: str, least: int, greatest: int) -> set[int]:
    names = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
    found: set[int] = set()
    for item in field.split(","):
        body, _, step = item.partition("/")
        ends = [
            names.get(end) if end in names else int(end) for end in body.split("-") if end != "*"
        ]
        first, last = (ends[0], ends[-1]) if ends else (least, greatest)
        found |= set(range(first, last + 1, int(step or 1)))
    return found


def test_a_time_of_day_follows_its_time_zone_through_the_year() -> None:
    trigger = trigger_of(cron("0 9 * * *", "Europe/Berlin"))
    winter = trigger.get_next_fire_time(None, datetime(2026, 1, 10, 12, tzinfo=UTC))
    summer = trigger.get_next_fire_time(None, datetime(2026, 7, 10, 12, tzinfo=UTC))

    assert [moment.astimezone(UTC).hour for moment in (winter, summer)] == [8, 7]
    assert winter.astimezone(ZoneInfo("Europe/Berlin")).hour == 9


# --- what is due


def test_moments_that_were_missed_are_one_and_keep_their_rhythm() -> None:
    noon = MONDAY + timedelta(hours=12)

    assert due(every(3600), noon, noon + timedelta(minutes=59)) is None
    assert due(every(3600), noon, noon + timedelta(hours=5, minutes=7)) == noon + timedelta(hours=5)


def test_nothing_is_due_at_the_moment_of_the_registration() -> None:
    assert due(every(3600), MONDAY, MONDAY) is None


def test_a_moment_that_is_too_long_ago_is_not_made_good() -> None:
    assert due(cron("0 3 1 1 *"), datetime(2025, 1, 2, tzinfo=UTC), MONDAY) is None


def test_a_declared_schedule_becomes_a_trigger() -> None:
    assert schedules.trigger_document(Every(every="90s")) == {"every_s": 90.0}
    assert schedules.trigger_document(Cron(cron="0 3 * * MON", timezone="Europe/Berlin")) == {
        "cron": "0 3 * * mon",
        "timezone": "Europe/Berlin",
    }


def test_a_schedule_that_stays_keeps_its_rhythm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "ensure", lambda _: None)
    layout = Layout(tmp_path / "root")
    hourly = {"kind": "ModelMonitor", "action": "check", "trigger": {"every_s": 3600}}
    schedules.put(layout, "watch", hourly)
    first = schedules.schedule(layout, "watch")
    schedules.put(layout, "watch", hourly)
    same = schedules.schedule(layout, "watch")
    schedules.put(layout, "watch", {**hourly, "trigger": {"every_s": 60}})

    assert first == same
    assert schedules.schedule(layout, "watch")["trigger"] == {"every_s": 60}  # type: ignore[index]


# --- the process


def test_the_loop_imports_nothing_heavy() -> None:
    heavy = ("mlflow", "pandas", "numpy", "pyarrow", "sklearn", "evidently", "feast", "pulumi")
    program = (
        "import sys; import mlops_iac_local.loop.process; "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    """A stack's folder with a job `tick` that does nothing, and nothing running afterwards."""
    made = Layout(tmp_path / "root")
    made.make()
    code = tmp_path / "code"
    code.mkdir()
    (code / "quick.py").write_text("print('done')\n")
    digest = folder_digest(code)
    store.add(made, "code", digest, folder_files(code), folder_digest)
    make_folder(made.job("tick"))
    write_definition(
        made,
        Definition(
            component="tick",
            kind="ProcessingJob",
            key="0123456789abcdef",
            module="quick",
            code=digest,
            limits={"cpu": 1, "memory_gb": 1, "disk_gb": 1},
            timeout=60,
            python=sys.executable,
        ),
    )
    yield made
    supervisor.shut_down(made)


def process_of(layout: Layout) -> int | None:
    found = [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if (process.info["cmdline"] or [])[1:] == ["-m", "mlops_iac_local.loop", str(layout.root)]
    ]
    return found[0] if found else None


def test_a_moment_whose_run_was_started_before_a_crash_is_not_started_again(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "ensure", lambda _: None)
    document = {"kind": "ProcessingJob", "action": "run", "trigger": {"every_s": 1}}
    schedules.put(layout, "tick", document)
    first = datetime.fromisoformat(str((schedules.schedule(layout, "tick") or {})["since"]))
    moment = first + timedelta(seconds=1)
    monkeypatch.setattr(process, "_now", lambda: moment)
    loop = process.Loop(layout)
    loop.fire("tick")
    (run,) = runs_of(layout, "tick")

    # The crash came between the start and the note of it.
    schedules.fired_file(layout, "tick").unlink()
    until(lambda: runs_of(layout, "tick")[0].status != "running")
    process.Loop(layout).fire("tick")
    process.Loop(layout).fire("tick")

    assert [one.id for one in runs_of(layout, "tick")] == [run.id]
    assert run.parent == f"schedule/{moment.isoformat()}"


def test_a_schedule_that_goes_while_it_is_started_leaves_nothing(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [datetime.now(tz=UTC)]

    def start(*_: object, **__: object) -> SimpleNamespace:
        schedules.remove(layout, "tick")
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(control, "ensure", lambda _: None)
    monkeypatch.setattr(control, "end_when_idle", lambda _: None)
    monkeypatch.setattr(process, "_now", lambda: clock[0])
    monkeypatch.setattr(process, "subprocess", SimpleNamespace(run=start, DEVNULL=None))
    document = {"kind": "ProcessingJob", "action": "run", "trigger": {"every_s": 10}}
    schedules.put(layout, "tick", document)
    clock[0] += timedelta(seconds=10)

    process.Loop(layout).fire("tick")

    assert schedules.schedule(layout, "tick") is None
    assert list(control.schedules_folder(layout).rglob("*.json")) == []


def test_a_monitor_without_anything_new_costs_no_process(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[str] = []
    clock = [datetime.now(tz=UTC)]

    def start(command: list[str], **_: object) -> SimpleNamespace:
        starts.append(command[-1])
        return SimpleNamespace(returncode=control.NOTHING)

    monkeypatch.setattr(control, "ensure", lambda _: None)
    monkeypatch.setattr(process, "_now", lambda: clock[0])
    monkeypatch.setattr(process, "subprocess", SimpleNamespace(run=start, DEVNULL=None))
    made = definition(layout, "tick")
    write_definition(layout, replace(made, kind="ModelMonitor", task={"endpoint": "score"}))
    document = {"kind": "ModelMonitor", "action": "check", "trigger": {"every_s": 10}}
    schedules.put(layout, "tick", document)
    loop = process.Loop(layout)

    def passes(moments: int) -> int:
        before = len(starts)
        for _ in range(moments):
            clock[0] += timedelta(seconds=10)
            loop.fire("tick")
        return len(starts) - before

    assert passes(5) == 1
    make_folder(layout.endpoint("score") / "capture")
    assert passes(5) == 1
    assert passes(5) == 0


@pytest.mark.slow
def test_the_loop_starts_each_moment_once_also_when_it_is_killed(layout: Layout) -> None:
    document = {"kind": "ProcessingJob", "action": "run", "trigger": {"every_s": 1}}
    schedules.put(layout, "tick", document)
    until(lambda: len(runs_of(layout, "tick")) >= 2)
    before = process_of(layout)
    assert before is not None
    os.kill(before, signal.SIGKILL)
    known = len(runs_of(layout, "tick"))

    until(lambda: process_of(layout) not in {None, before})
    until(lambda: len(runs_of(layout, "tick")) > known)
    moments = [run.parent for run in runs_of(layout, "tick")]
    assert len(moments) == len(set(moments))
    assert all(str(moment).startswith("schedule/") for moment in moments)

    # A changed file is noticed without a restart.
    schedules.put(layout, "tick", {**document, "trigger": {"cron": "0 0 1 1 *", "timezone": "UTC"}})
    fired = schedules.fired_file(layout, "tick")
    assert json.loads(fired.read_text())["moment"]
    assert (fired.stat().st_mode & 0o777, layout.root.stat().st_mode & 0o777) == (0o600, 0o700)

    schedules.remove(layout, "tick")
    assert not control.is_kept(layout)
    until(lambda: process_of(layout) is None)
    assert list(control.schedules_folder(layout).rglob("*.json")) == []
