"""Records of what the runtime writes: its reports have one form on every target."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.operations import Run
from mlops_iac.records import (
    Check,
    ColumnSignal,
    Distribution,
    Judgement,
    PolicyEvent,
    SignalRecord,
    Validation,
)


def check_record(run: Run, report: Mapping[str, Any] | None, *, is_drawn: bool) -> Check:
    """Return a monitor's check from its `report.json`; without one it ended without a verdict.

    Args:
        run: the check's run.
        report: what `mlops_iac.runtime.monitor` left.
        is_drawn: whether distributions are kept.
    """
    if report is None:
        return Check(run=run, alarm=None)
    return Check(
        run=run,
        alarm=report["alarm"],
        reason=report["reason"],
        rows=report["rows"],
        new_rows=report["new_rows"],
        model_version=report["model_version"],
        signals=tuple(_signal(name, found, is_drawn) for name, found in report["signals"].items()),
    )


def validation_record(run: Run, report: Mapping[str, Any] | None) -> Validation:
    """Return the run of a data contract from its `report.json`."""
    if report is None:
        return Validation(run=run, passed=None)
    return Validation(
        run=run, passed=report["passed"], rows=report["rows"], faults=tuple(report["faults"])
    )


def judgement(verdict: Mapping[str, Any]) -> Judgement:
    """Return a verdict of `mlops_iac.runtime.evaluate`."""
    return Judgement(
        name=f"{verdict['metric']} on {verdict['data']}",
        passed=verdict["passed"],
        detail=verdict["reason"],
        candidate=verdict["candidate"],
        champion=verdict["champion"],
        threshold=verdict["threshold"],
    )


def policy_event(entry: Mapping[str, Any]) -> PolicyEvent:
    """Return one entry of what a retraining policy was told and decided."""
    return PolicyEvent(
        at=entry["at"],
        event=entry["event"]["type"],
        reason=entry["reason"],
        actions=tuple(action["type"] for action in entry["actions"]),
    )


def _signal(name: str, found: Mapping[str, Any], is_drawn: bool) -> SignalRecord:
    return SignalRecord(
        name=name,
        alarm=found["alarm"],
        value=found["value"],
        threshold=found["threshold"],
        column_threshold=found.get("column_threshold"),
        reason=found["reason"],
        columns=tuple(_column(name, one, is_drawn) for name, one in found["columns"].items()),
    )


def _column(name: str, facts: Mapping[str, Any], is_drawn: bool) -> ColumnSignal:
    return ColumnSignal(
        name=name,
        kind=facts["kind"],
        alarm=facts["alarm"],
        value=facts["value"],
        reason=facts.get("reason", ""),
        baseline=_distribution(facts.get("baseline")) if is_drawn else None,
        current=_distribution(facts.get("current")) if is_drawn else None,
    )


def _distribution(found: Mapping[str, Any] | None) -> Distribution | None:
    if found is None:
        return None
    return Distribution(
        shares=tuple(found["shares"]),
        edges=tuple(found.get("edges", ())),
        labels=tuple(found.get("labels", ())),
    )
