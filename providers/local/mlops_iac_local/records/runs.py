"""What runs left beside their metrics: steps and gates, trials, verdicts on traffic and data."""

from collections.abc import Iterable, Iterator
from typing import Any

from mlops_iac.operations import Run
from mlops_iac.records import Check, PipelineRun, SearchRun, Step, Trial, Validation
from mlops_iac.reports import check_record, judgement, validation_record
from mlops_iac_local.files import read_json
from mlops_iac_local.jobs.runs import OUTPUT, run_folder
from mlops_iac_local.layout import Layout
from mlops_iac_local.pipelines import document as pipelines
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
        yield check_record(run, report, is_drawn=index < _DRAWN)


def validations(layout: Layout, runs: Iterable[Run]) -> Iterator[Validation]:
    """Yield the runs of data contracts."""
    for run in _of_kind(runs, "DataValidation"):
        yield validation_record(run, _output(layout, run, _REPORT))


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
