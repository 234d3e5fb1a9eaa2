"""What the loop sees of the world, without importing what is heavy: runs, verdicts, endpoints."""

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from mlops_iac.operations import Run
from mlops_iac.runtime.policy import (
    Approved,
    Checked,
    EndpointDead,
    EndpointHealthy,
    Event,
    Gate,
    Rejected,
    RequestApproval,
    RunEnded,
    StartRun,
)
from mlops_iac_local import endpoints, registry, serving, supervisor
from mlops_iac_local.jobs.runs import FINISHED
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop.run_index import RunIndex
from mlops_iac_local.registry_reads import APPROVED, REJECTED

CHECK_REPORT = "report.json"
"""Report of a check: `alarm`, `null` without a verdict, and `alarms`, the signals of it."""
PIPELINE_REPORT = "pipeline.json"
"""Report of a pipeline's run: `outcome`, and `gates`, each with its verdict."""
SILENCE_SECONDS = 30.0
"""How long a watched endpoint may not answer although its process is kept alive."""
_SERVED = "version {} is served already, data and code have not changed"
_NEWEST = 50
"""Checks that are looked at."""


def new_checks(runs: RunIndex, monitor: str, told: frozenset[str]) -> list[Checked]:
    """Return the checks of a monitor that ended with a verdict and are not told, oldest first."""
    newest = [run for run in runs.of(monitor)[:_NEWEST] if run.id not in told]
    checks = [_checked(run) for run in newest if run.status == FINISHED and runs.is_kept(run)]
    return sorted((check for check in checks if check is not None), key=lambda check: check.at)


def still_known(runs: RunIndex, monitor: str, told: frozenset[str]) -> frozenset[str]:
    """Return of the told checks those that are still looked at."""
    return told.intersection(run.id for run in runs.of(monitor)[:_NEWEST])


def _checked(run: Run) -> Checked | None:
    report = _report(run, CHECK_REPORT)
    if report is None or report.get("alarm") is None:
        return None
    return Checked(
        id=run.id,
        at=seconds(run.started),
        alarm=bool(report["alarm"]),
        signals=tuple(report["alarms"]),
    )


def run_ended(layout: Layout, endpoint: str, action: StartRun, run: Run) -> RunEnded:
    """Return the end of a policy's run of its pipeline.

    A run that found the same data and code comes to the version that is served: no news.
    """
    report = _report(run, PIPELINE_REPORT) or {}
    # What a run that did not end well says of itself may be from before its end.
    outcome = report["outcome"] if run.status == FINISHED and report else run.status
    served = serving.deployed(layout, endpoint)
    is_served = served is not None and int(served["version"]) == run.model_version
    gates = [
        Gate(name=gate["metric"], passed=bool(gate["passed"]), detail=gate["reason"])
        for gate in report.get("gates", ())
    ]
    return RunEnded(
        id=f"{action.id}-ended",
        at=seconds(run.ended or run.started),
        action_id=action.id,
        outcome="refused" if is_served else outcome,
        version=run.model_version,
        gates=tuple(gates),
        seconds=elapsed(run),
        reason=_SERVED.format(run.model_version) if is_served else run.reason or "",
    )


def elapsed(run: Run) -> float:
    """Return the seconds that a run took, or takes until now."""
    end = time.time() if run.ended is None else seconds(run.ended)
    return max(0.0, end - seconds(run.started))


def verdict(layout: Layout, model: str, action: RequestApproval) -> Event | None:
    """Return what somebody decided on a version, or `None`."""
    cls = {APPROVED: Approved, REJECTED: Rejected}
    version = registry.version(layout, model, action.version)
    if version.status not in cls:
        return None
    return cls[version.status](
        id=f"{action.id}-{version.status}",
        at=time.time(),
        version=version.version,
        by=version.approver or "somebody",
    )


class Pulse:
    """Whether an endpoint lives: its process, and for how long it has not answered."""

    def __init__(self, layout: Layout, endpoint: str) -> None:
        self._layout, self._endpoint = layout, endpoint
        self._answered = time.monotonic()

    def sign(self) -> Event | None:
        """Return a sign of life or of death; `None` while neither is sure."""
        wish = serving.deployed(self._layout, self._endpoint)
        if wish is None:
            return None
        frame = endpoints.frame(self._layout, self._endpoint)
        served = serving.served_now(self._layout, frame)
        at, version = time.time(), int(wish["version"])
        if served is not None and served.get("digest") == wish["digest"]:
            self._answered = time.monotonic()
            return EndpointHealthy(id=f"alive-{time.time_ns()}", at=at, version=version)
        is_kept = supervisor.keeps(self._layout, frame.program)
        if is_kept and time.monotonic() - self._answered < SILENCE_SECONDS:
            return None
        return EndpointDead(id=f"dead-{time.time_ns()}", at=at, version=version)


def seconds(moment: str) -> float:
    """Return a moment in ISO 8601 as seconds since 1970."""
    return datetime.fromisoformat(moment).timestamp()


def _report(run: Run, name: str) -> dict[str, Any] | None:
    for path in map(Path, run.reports):
        if path.name == name:
            return json.loads(path.read_text(encoding="utf-8"))
    return None
