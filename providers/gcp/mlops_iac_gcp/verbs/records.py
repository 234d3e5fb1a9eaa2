"""The verb behind `mlops-iac page`: all that a stack has done, as Google Cloud keeps it."""

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac.operations import Run
from mlops_iac.records import StackRecords, Step, Trial
from mlops_iac.specs import HyperparameterSearch, Pipeline
from mlops_iac.verbs import records
from mlops_iac_gcp.jobs import launching
from mlops_iac_gcp.jobs import runs as executions
from mlops_iac_gcp.jobs.documents import TUNING_JOB
from mlops_iac_gcp.jobs.searching import integers
from mlops_iac_gcp.verbs.site import Site
from mlops_iac_gcp.work import trials

_STEP_STATUSES: Mapping[str, str] = {
    "SUCCEEDED": executions.FINISHED,
    "SKIPPED": executions.FINISHED,
    "FAILED": executions.FAILED,
    "CANCELLED": executions.STOPPED,
}
_TRIAL_STATES: Mapping[str, str] = {
    "SUCCEEDED": executions.FINISHED,
    "INFEASIBLE": executions.FAILED,
}
"""Of a trial that has ended; others run."""


def collect(site: Site) -> StackRecords:
    """Return all that a stack has done and is now; changes nothing.

    Raises:
        OperationError: there is no such stack.
    """
    return records.collect(site, _SOURCES)


def _place(site: Site) -> str:
    return f"gs://{site.bucket}"


def _steps(site: Site, run: Run, spec: Pipeline) -> Iterator[Step]:
    found = site.execution(run)
    reports = executions.reports(site.place, site.bucket, found)
    for name, state in found.tasks.items():
        report = reports.get(name, {})
        yield Step(
            name=name,
            status=_STEP_STATUSES.get(state, executions.RUNNING),
            after=spec.graph.get(name, ()),
            seconds=records.seconds(report),
            reason=report.get("error"),
        )


def _trials(site: Site, run: Run, spec: HyperparameterSearch) -> Iterator[Trial]:
    found = launching.of_run(site.place, TUNING_JOB, run.id)
    items = [item for job in found for item in job.get("trials", ())]
    for number, item in enumerate(items):
        yield _trial(number, item, spec)


def _trial(number: int, item: Mapping[str, Any], spec: HyperparameterSearch) -> Trial:
    return Trial(
        number=number,
        parameters=trials.parameters(item, {"integers": [*integers(spec)]}),
        value=trials.value(item, spec.metric),
        state=_TRIAL_STATES.get(item.get("state", ""), executions.RUNNING),
        reason=item.get("infeasibleReason"),
    )


_SOURCES = records.Sources(target="gcp", place=_place, steps=_steps, trials=_trials)
