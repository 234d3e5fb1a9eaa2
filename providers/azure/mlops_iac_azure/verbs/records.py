"""The verb behind `mlops-iac page`: all that a stack has done, as Azure keeps it."""

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac.operations import Run
from mlops_iac.records import StackRecords, Step, Trial
from mlops_iac.specs import HyperparameterSearch, Pipeline
from mlops_iac.verbs import records
from mlops_iac_azure import place
from mlops_iac_azure.jobs.runs import FINISHED, SKIPPED
from mlops_iac_azure.jobs.searching import trials_name
from mlops_iac_azure.verbs.site import Site


def collect(site: Site) -> StackRecords:
    """Return all that a stack has done and is now; changes nothing.

    Raises:
        OperationError: there is no such stack.
    """
    return records.collect(site, _SOURCES)


def _place(site: Site) -> str:
    return place.uri(site.bucket, "")


def _steps(site: Site, run: Run, spec: Pipeline) -> Iterator[Step]:
    for report in _reports(site, place.step_report_key(run.component, run.id, "")):
        name, status = report["step"], report["status"]
        yield Step(
            name=name,
            # A step that a gate lets not through has ended well.
            status=FINISHED if status == SKIPPED else status,
            after=spec.graph.get(name, ()),
            seconds=records.seconds(report),
            reason=report.get("error"),
        )


def _trials(site: Site, run: Run, spec: HyperparameterSearch) -> Iterator[Trial]:
    key = place.step_report_key(run.component, run.id, f"{trials_name(spec)}/")
    for number, report in enumerate(_reports(site, key)):
        yield Trial(
            number=number,
            parameters=report.get("parameters") or {},
            value=report.get("value"),
            state=report["status"],
            reason=report.get("error"),
        )


def _reports(site: Site, key: str) -> list[Mapping[str, Any]]:
    """Return what steps have told in one folder, by their begins."""
    folder = key[: -len(".json")]
    inside = [path for path in site.paths(folder) if "/" not in path.removeprefix(folder)]
    told = [site.read(path) for path in inside if not path.endswith("-task.json")]
    return sorted((each for each in told if each), key=lambda each: each.get("started") or "")


_SOURCES = records.Sources(target="azure", place=_place, steps=_steps, trials=_trials)
