"""What runs left beside their metrics: steps and gates, trials, verdicts on traffic and data."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlops_iac.operations import Run
from mlops_iac.records import (
    Check,
    ColumnSignal,
    Distribution,
    PipelineRun,
    SearchRun,
    SignalRecord,
    Step,
    Trial,
    Validation,
)
from mlops_iac_local.files import read_json
from mlops_iac_local.jobs.runs import OUTPUT, run_folder
from mlops_iac_local.layout import Layout
from mlops_iac_local.pipelines import document as pipelines
from mlops_iac_local.records.versions import judgement
from mlops_iac_local.search import document as search

_REPORT = "report.json"
"""What checks and validations leave in their output folder."""
_DRAWN = 50
"""How many checks keep their distributions: a year of hourly ones would fill the memory."""


def pipeline_runs(layout: Layout, runs: Iterable[Run]) -> Iterator[PipelineRun]:
    """Yield the runs of pipelines."""
    for run in _of_kind(runs, "Pipeline"):
        found = pipelines.read_record(layout, run)
        if found is None:
            yield PipelineRun(run=run, outcome=run.status)
            continue
        yield PipelineRun(
            run=run,
            outcome=found.outcome,
            steps=tuple(map(_step, found.steps)),
            gates=tuple(map(judgement, found.gates)),
        )


def _step(step: pipelines.StepRecord) -> Step:
    return Step(
        name=step.name,
        status=step.status,
        after=tuple(step.after),
        seconds=step.seconds,
        run_id=step.run_id,
        adopted=step.adopted,
        reason=step.reason,
    )


def checks(layout: Layout, runs: Iterable[Run]) -> Iterator[Check]:
    """Yield the checks of monitors; older ones without distributions."""
    for index, run in enumerate(_of_kind(runs, "ModelMonitor")):
        report = _output(layout, run, _REPORT)
        yield Check(run=run, alarm=None) if report is None else _check(run, report, index < _DRAWN)


def _check(run: Run, report: Mapping[str, Any], is_drawn: bool) -> Check:
    return Check(
        run=run,
        alarm=report["alarm"],
        reason=report["reason"],
        rows=report["rows"],
        new_rows=report["new_rows"],
        model_version=report["model_version"],
        signals=tuple(_signal(name, found, is_drawn) for name, found in report["signals"].items()),
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


def validations(layout: Layout, runs: Iterable[Run]) -> Iterator[Validation]:
    """Yield the runs of data contracts."""
    for run in _of_kind(runs, "DataValidation"):
        report = _output(layout, run, _REPORT)
        if report is None:
            yield Validation(run=run, passed=None)
        else:
            yield Validation(
                run=run,
                passed=report["passed"],
                rows=report["rows"],
                faults=tuple(report["faults"]),
            )


def searches(layout: Layout, runs: Iterable[Run]) -> Iterator[SearchRun]:
    """Yield the runs of hyperparameter searches."""
    for run in _of_kind(runs, search.KIND):
        found = search.read_record(layout, run)
        if found is None:
            yield SearchRun(run=run, metric="", goal="")
            continue
        yield SearchRun(
            run=run,
            metric=found.metric,
            goal=found.goal,
            trials=tuple(map(_trial, found.trials)),
        )


def _trial(trial: search.TrialRecord) -> Trial:
    return Trial(
        number=trial.number,
        parameters=trial.parameters,
        value=trial.value,
        state=trial.state,
        seconds=trial.seconds,
        reason=trial.reason,
    )


def _of_kind(runs: Iterable[Run], kind: str) -> Iterator[Run]:
    return (run for run in runs if run.kind == kind)


def _output(layout: Layout, run: Run, name: str) -> dict[str, Any] | None:
    return read_json(run_folder(layout, run) / OUTPUT / name)
