"""Driving one policy: tells it what is seen, does what it wants. At least once, everything.

What is light is done here. What imports MLflow, or takes long, is done by a process of its own
(`work.py`), which asks again whether the action is still open.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from mlops_iac.operations import Run
from mlops_iac.runtime.policy import (
    Action,
    Event,
    Notified,
    Notify,
    Promote,
    RequestApproval,
    RollBack,
    RunStarted,
    StartRun,
    Tick,
    Watch,
)
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop import policies, sightings
from mlops_iac_local.loop.policies import Policy
from mlops_iac_local.loop.run_index import RunIndex

RETRY_SECONDS = 5.0
"""Time between two attempts at an action."""


def mark_of(policy: str, action_id: str) -> str:
    """Return what stands in the record of a run that a policy started."""
    return f"{policy}/{action_id}"


def is_too_long(action: StartRun, run: Run) -> bool:
    """Whether a run has used up what its policy allows it."""
    return action.limit_s is not None and sightings.elapsed(run) > action.limit_s


class Worker:
    """The process that does a heavy action; one at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0

    def do(self, *arguments: str) -> None:
        """Start `work.py` unless it is at work, or has just been."""
        if self._process is not None and self._process.poll() is None:
            return
        if time.monotonic() < self._not_before:
            return
        self._not_before = time.monotonic() + RETRY_SECONDS
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mlops_iac_local.loop.work", *arguments],
            stdin=subprocess.DEVNULL,
        )


class Driver:
    """One policy of one stack."""

    def __init__(self, layout: Layout, name: str, worker: Worker | None = None) -> None:
        self._layout, self._name = layout, name
        self._runs = RunIndex(layout)
        self._worker = worker or Worker()
        self._pulses: dict[str, sightings.Pulse] = {}
        self._doing: Mapping[type[Action], Callable[[Policy, Any], None]] = {
            Notify: self._notify,
            Promote: self._work,
            RequestApproval: self._request_approval,
            RollBack: self._work,
            StartRun: self._start_run,
            Watch: self._watch,
        }

    def step(self) -> None:
        """Tell the policy what is new, and see to all that it wants."""
        policy = policies.policy_of(self._layout, self._name)
        self._tell_checks(policy)
        now = time.time()
        for action in self._tell(Tick(id=f"tick-{time.time_ns()}", at=now)):
            self._doing[type(action)](policy, action)

    def _tell(self, event: Event, told: frozenset[str] | None = None) -> tuple[Action, ...]:
        return policies.tell(self._layout, self._name, event, told=told).actions

    def _tell_checks(self, policy: Policy) -> None:
        told = policies.checks_told(self._layout, self._name)
        for check in sightings.new_checks(self._runs, policy.monitor, told):
            told = sightings.still_known(self._runs, policy.monitor, told) | {check.id}
            self._tell(check, told)

    def _work(self, policy: Policy, action: Action) -> None:
        self._worker.do("act", str(self._layout.root), policy.name, action.id)

    def _start_run(self, policy: Policy, action: StartRun) -> None:
        mark = mark_of(self._name, action.id)
        run = next((run for run in self._runs.of(policy.pipeline) if run.parent == mark), None)
        if run is None:
            self._work(policy, action)
            return
        if action.run_id is None:
            started = RunStarted(
                id=f"{action.id}-started", at=time.time(), action_id=action.id, run_id=run.id
            )
            self._tell(started)
        if self._runs.is_kept(run):
            self._tell(sightings.run_ended(self._layout, policy.endpoint, action, run))
        elif is_too_long(action, run) or self._runs.lacks_end(run):
            self._work(policy, action)

    def _request_approval(self, policy: Policy, action: RequestApproval) -> None:
        if (event := sightings.verdict(self._layout, policy.model, action)) is not None:
            self._tell(event)

    def _watch(self, policy: Policy, action: Watch) -> None:
        pulse = self._pulses.get(action.id) or sightings.Pulse(self._layout, policy.endpoint)
        self._pulses = {action.id: pulse}
        if (event := pulse.sign()) is not None:
            self._tell(event)

    def _notify(self, policy: Policy, action: Notify) -> None:
        # The loop's log is what this machine has to tell people with, beside `events.jsonl`.
        sys.stdout.write(f"{action.level} {policy.name}: {action.text}\n")
        sys.stdout.flush()
        self._tell(Notified(id=f"{action.id}-told", at=time.time(), action_id=action.id))
