"""The verb behind `mlops-iac page`: all that a stack has done, as its cloud keeps it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.keyed_runs import FINISHED
from mlops_iac.operations import Run
from mlops_iac.pipeline_steps import judge_name
from mlops_iac.records import (
    Check,
    EndpointRecord,
    Judgement,
    PipelineRun,
    PolicyRecord,
    SearchRun,
    Served,
    StackRecords,
    Step,
    Trial,
    VersionRecord,
)
from mlops_iac.reports import check_record, judgement, policy_event
from mlops_iac.runtime.evaluate import REPORT as VERDICTS
from mlops_iac.runtime.monitor.__main__ import REPORT
from mlops_iac.runtime.policy.memory import EVENTS
from mlops_iac.specs import HyperparameterSearch, Pipeline
from mlops_iac.verbs import monitors
from mlops_iac.verbs.endpoints import ABSENT, endpoint_status
from mlops_iac.verbs.ported import PortedSite
from mlops_iac.verbs.runs import KINDS, runs
from mlops_iac.verbs.site import Site
from mlops_iac.verbs.versions import versions

_DRAWN = 50
"""How many of a monitor's checks keep their distributions."""


def ported_versions(site: PortedSite, model: str) -> Iterator[VersionRecord]:
    """Yield the versions of a model, newest first, with what was said of each."""
    kept = site.registry.versions(site.place, site.model(model))
    comments = {item.number: item.comment for item in kept}
    for version in versions(site, model):
        yield VersionRecord(version=version, comment=comments.get(version.version) or "")


def ported_endpoint(site: PortedSite, name: str) -> EndpointRecord | None:
    """Return how an endpoint is and what it has served; `None` while it is absent."""
    status = endpoint_status(site, name)
    if status.state == ABSENT:
        return None
    deployment = site.deployment(name)
    return EndpointRecord(
        name=name,
        model=deployment.model.component,
        state=status.state,
        url=deployment.endpoint,
        version=status.details.get("version"),
        served=tuple(
            Served(version=item.version, since=item.since)
            for item in reversed(site.history(deployment))
        ),
    )


def ported_gates(site: PortedSite, run: Run, spec: Pipeline) -> list[Judgement]:
    """Return the verdicts of a pipeline's gates; none before they have judged."""
    left = site.layout.step_prefix(spec.name, run.id, judge_name(spec))
    report = (site.read(f"{left}/output/{VERDICTS}") if spec.gates else None) or {}
    return [judgement(verdict) for verdict in report.get("gates", ())]


def ported_checks(site: PortedSite, monitor: str) -> Iterator[tuple[Run, Any]]:
    """Yield the checks of a monitor, newest first, with the report of each, or `None`."""
    for run in monitors.checks(site, monitor):
        report = next((path for path in run.reports if path.endswith(f"/{REPORT}")), None)
        yield run, None if report is None else site.read(site.layout.split(report)[1])


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What is read of a stack, each from where its cloud keeps it; the first argument is a site."""

    target: str
    place: Callable[[Any], str]
    """The folder that the records lie in."""
    steps: Callable[[Any, Run, Pipeline], Iterable[Step]]
    trials: Callable[[Any, Run, HyperparameterSearch], Iterable[Trial]]
    gates: Callable[[Any, Run, Pipeline], Iterable[Judgement]] = ported_gates
    runs: Callable[[Any, str], Iterable[Run]] = runs
    versions: Callable[[Any, str], Iterable[VersionRecord]] = ported_versions
    endpoint: Callable[[Any, str], EndpointRecord | None] = ported_endpoint
    checks: Callable[[Any, str], Iterable[tuple[Run, Any]]] = ported_checks


def collect(site: Site, sources: Sources) -> StackRecords:
    """Return all that a stack has done and is now; changes nothing.

    Raises:
        OperationError: there is no such stack.
    """
    scope = site.scope
    with site.told(f"reading the records of `{scope.stack}`"):
        if not site.is_there():
            raise OperationError(
                f"stack `{scope.stack}` of `{scope.project}` is not there",
                remedy=f"`mlops-iac up -s {scope.stack}` makes it; `-s` names another",
            )
        known = [run for name in site.named(*KINDS) for run in sources.runs(site, name)]
        known.sort(key=lambda run: run.started, reverse=True)
        models, endpoints = site.named("RegisteredModel"), site.named("ModelEndpoint")
        served = (sources.endpoint(site, name) for name in endpoints)
        return StackRecords(
            project=scope.project,
            stack=scope.stack,
            target=sources.target,
            made=datetime.now(UTC).isoformat(timespec="milliseconds"),
            place=sources.place(site),
            runs=tuple(known),
            versions=tuple(each for model in models for each in sources.versions(site, model)),
            endpoints=tuple(each for each in served if each is not None),
            pipelines=tuple(_pipelines(site, sources, known)),
            searches=tuple(_searches(site, sources, known)),
            checks=tuple(_checks(site, sources)),
            policies=tuple(_policies(site)),
        )


def _pipelines(site: Site, sources: Sources, known: Iterable[Run]) -> Iterator[PipelineRun]:
    for run in known:
        spec = site.scope.specs[run.component]
        if isinstance(spec, Pipeline):
            yield PipelineRun(
                run=run,
                outcome=_outcome(run, spec),
                steps=tuple(sources.steps(site, run, spec)),
                gates=tuple(sources.gates(site, run, spec)),
            )


def _outcome(run: Run, spec: Pipeline) -> str:
    if run.status != FINISHED:
        return run.status
    # A candidate that a gate refuses ends the run well, and is not registered.
    return "refused" if spec.gates and run.model_version is None else "passed"


def _searches(site: Site, sources: Sources, known: Iterable[Run]) -> Iterator[SearchRun]:
    for run in known:
        spec = site.scope.specs[run.component]
        if isinstance(spec, HyperparameterSearch):
            yield SearchRun(
                run=run,
                metric=spec.metric,
                goal=spec.goal.value,
                trials=tuple(sources.trials(site, run, spec)),
            )


def _checks(site: Site, sources: Sources) -> Iterator[Check]:
    for name in site.named("ModelMonitor"):
        for index, (run, report) in enumerate(sources.checks(site, name)):
            yield check_record(run, report, is_drawn=index < _DRAWN)


def _policies(site: Site) -> Iterator[PolicyRecord]:
    for name in site.named("RetrainingPolicy"):
        memory = site.memory(name)
        entries = [site.read(path) for path in site.paths(f"{site.policy_folder(name)}/{EVENTS}")]
        if memory is not None:
            yield PolicyRecord(
                name=name,
                phase=memory["state"]["phase"],
                reason=memory["state"]["reason"],
                events=tuple(policy_event(entry) for entry in entries if entry is not None),
            )


def seconds(report: Mapping[str, Any]) -> float | None:
    """Return how long a step took that has told of its begin and its end, or `None`."""
    if "ended" not in report:
        return None
    started, ended = (datetime.fromisoformat(report[name]) for name in ("started", "ended"))
    return (ended - started).total_seconds()
