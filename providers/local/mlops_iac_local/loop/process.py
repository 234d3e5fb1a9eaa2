"""The loop's process: APScheduler, a job per schedule and per policy.

A moment for which a run was started is kept. After a crash, or a night in which the machine was
off, the latest moment that was missed is made good once.
"""

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger

from mlops_iac_local.files import read_json
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop import control, quiet, schedules
from mlops_iac_local.loop.driver import Driver
from mlops_iac_local.loop.run_index import RunIndex
from mlops_iac_local.loop.triggers import due, trigger_of


class Loop:
    """All that happens by itself in one stack."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._scheduler = BlockingScheduler(timezone="UTC")
        self._known: dict[str, int] = {}
        self._policies: set[str] = set()
        self._runs = RunIndex(layout)
        self._quiet: dict[str, quiet.Mark | None] = {}
        self._looked: dict[str, datetime] = {}

    def run(self) -> None:
        """Go on until the process is told to end."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: self._scheduler.shutdown(wait=False))
        self._every_second(self.look, "look")
        self._scheduler.start()

    def look(self) -> None:
        """Take over schedules and policies that are new, changed or gone."""
        found = schedules.scheduled(self._layout)
        for component in self._known.keys() - found.keys():
            self._scheduler.remove_job(f"schedule {component}")
        for component, mark in found.items():
            if self._known.get(component) != mark:
                self._schedule(component)
        self._known = found
        self._take_policies(set(control.policy_names(self._layout)))

    def _take_policies(self, names: set[str]) -> None:
        for name in self._policies - names:
            self._scheduler.remove_job(f"policy {name}")
        for name in names - self._policies:
            self._every_second(Driver(self._layout, name).step, f"policy {name}")
        self._policies = names

    def _every_second(self, job: Callable[[], None], name: str) -> None:
        self._scheduler.add_job(
            job,
            IntervalTrigger(seconds=1, timezone="UTC"),
            id=name,
            next_run_time=_now(),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def fire(self, component: str) -> None:
        """Start the run of a schedule for the latest moment that is due."""
        schedule = schedules.schedule(self._layout, component)
        moment = None if schedule is None else self._due(component, schedule)
        if moment is None:
            return
        self._looked[component] = moment
        mark = quiet.mark_of(self._layout, component, self._runs)
        is_quiet = mark is not None and mark == self._quiet.get(component)
        # A process costs a third of a second of this machine: not for what is known beforehand.
        if not is_quiet and not self._runs.is_under_way(component):
            self._quiet[component] = mark if self._start(component, moment) else None

    def _start(self, component: str, moment: datetime) -> bool:
        """Start a run in a process of its own; return whether there was nothing to do."""
        text = moment.isoformat()
        done = subprocess.run(
            [sys.executable, "-m", "mlops_iac_local.loop.work", "start",
             str(self._layout.root), component, text],
            stdin=subprocess.DEVNULL,
            check=False,
        )  # fmt: skip
        if done.returncode in {0, control.NOTHING}:
            schedules.keep_moment(self._layout, component, text)
        return done.returncode == control.NOTHING

    def _schedule(self, component: str) -> None:
        schedule = schedules.schedule(self._layout, component)
        if schedule is None:
            return
        trigger = trigger_of(schedule)
        is_missed = self._due(component, schedule) is not None
        self._scheduler.add_job(
            self.fire,
            trigger,
            args=[component],
            id=f"schedule {component}",
            replace_existing=True,
            next_run_time=_now() if is_missed else trigger.get_next_fire_time(None, _now()),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def _due(self, component: str, schedule: dict[str, Any]) -> datetime | None:
        fired = read_json(schedules.fired_file(self._layout, component)) or {}
        since = datetime.fromisoformat(schedule["since"])
        last = datetime.fromisoformat(fired["moment"]) if fired else since
        after = max(last, since, self._looked.get(component, since))
        # The timer may wake a moment too early.
        return due(schedule, after, _now() + timedelta(milliseconds=50))


def _now() -> datetime:
    return datetime.now(tz=UTC)
