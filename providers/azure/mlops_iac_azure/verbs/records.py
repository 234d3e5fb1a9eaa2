"""The verb behind `mlops-iac page`: all that a stack has done, as Azure keeps it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.operations import Run
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
from mlops_iac.runtime.monitor.__main__ import REPORT
from mlops_iac.runtime.policy.memory import EVENTS, STATE
from mlops_iac.specs import HyperparameterSearch, Pipeline
from mlops_iac_azure import place, registry
from mlops_iac_azure.faults import told
from mlops_iac_azure.jobs import runs as executions
from mlops_iac_azure.jobs.gating import VERDICT, judge_name
from mlops_iac_azure.jobs.searching import trials_name
from mlops_iac_azure.serving.backends import history
from mlops_iac_azure.verbs import monitors
from mlops_iac_azure.verbs.endpoints import ABSENT, endpoint_status
from mlops_iac_azure.verbs.runs import KINDS, runs
from mlops_iac_azure.verbs.site import Site
from mlops_iac_azure.verbs.status import is_there
from mlops_iac_azure.verbs.versions import versions

_DRAWN = 50
"""How many of a monitor's checks keep their distributions."""


def collect(site: Site) -> StackRecords:
    """Return all that a stack has done and is now; changes nothing.

    Raises:
        OperationError: there is no such stack.
    """
    scope = site.scope
    with told(f"reading the records of `{scope.stack}`"):
        if not is_there(site):
            raise OperationError(
                f"stack `{scope.stack}` of `{scope.project}` is not there",
                remedy=f"`mlops-iac up -s {scope.stack}` makes it; `-s` names another",
            )
        known = sorted(_runs(site), key=lambda run: run.started, reverse=True)
        return StackRecords(
            project=scope.project,
            stack=scope.stack,
            target="azure",
            made=datetime.now(UTC).isoformat(timespec="milliseconds"),
            place=place.uri(site.bucket, ""),
            runs=tuple(known),
            versions=tuple(_versions(site)),
            endpoints=tuple(_endpoints(site)),
            pipelines=tuple(_pipelines(site, known)),
            searches=tuple(_searches(site, known)),
            checks=tuple(_checks(site)),
            policies=tuple(_policies(site)),
        )


def _runs(site: Site) -> Iterator[Run]:
    for name in _named(site, *KINDS):
        yield from runs(site, name)


def _versions(site: Site) -> Iterator[VersionRecord]:
    for model in _named(site, "RegisteredModel"):
        kept = registry.versions(site.place, site.model(model))
        comments = {item.number: item.comment for item in kept}
        for version in versions(site, model):
            yield VersionRecord(version=version, comment=comments.get(version.version) or "")


def _endpoints(site: Site) -> Iterator[EndpointRecord]:
    for name in _named(site, "ModelEndpoint"):
        status = endpoint_status(site, name)
        if status.state == ABSENT:
            continue
        deployment = site.deployment(name)
        yield EndpointRecord(
            name=name,
            model=deployment.model.component,
            state=status.state,
            url=deployment.endpoint,
            version=status.details.get("version"),
            served=tuple(
                Served(version=item.version, since=item.since)
                for item in reversed(history(site.work, deployment))
            ),
        )


def _pipelines(site: Site, known: Iterable[Run]) -> Iterator[PipelineRun]:
    for run in known:
        spec = site.scope.specs[run.component]
        if isinstance(spec, Pipeline):
            yield PipelineRun(
                run=run,
                outcome=_outcome(run, spec),
                steps=tuple(_steps(site, run, spec)),
                gates=tuple(_gates(site, run, spec)),
            )


def _outcome(run: Run, spec: Pipeline) -> str:
    if run.status != executions.FINISHED:
        return run.status
    # A candidate that a gate refuses ends the run well, and is not registered.
    return "refused" if spec.gates and run.model_version is None else "passed"


def _steps(site: Site, run: Run, spec: Pipeline) -> Iterator[Step]:
    for report in _reports(site, place.step_report_key(run.component, run.id, "")):
        name, status = report["step"], report["status"]
        yield Step(
            name=name,
            # A step that a gate lets not through has ended well.
            status=executions.FINISHED if status == executions.SKIPPED else status,
            after=spec.graph.get(name, ()),
            seconds=_seconds(report),
            reason=report.get("error"),
        )


def _reports(site: Site, key: str) -> list[Mapping[str, Any]]:
    """Return what steps have told in one folder, by their begins."""
    folder = key[: -len(".json")]
    inside = [path for path in site.paths(folder) if "/" not in path.removeprefix(folder)]
    told_ = [site.read(path) for path in inside if not path.endswith("-task.json")]
    return sorted((each for each in told_ if each), key=lambda each: each.get("started") or "")


def _seconds(report: Mapping[str, Any]) -> float | None:
    if "ended" not in report:
        return None
    started, ended = (datetime.fromisoformat(report[name]) for name in ("started", "ended"))
    return (ended - started).total_seconds()


def _gates(site: Site, run: Run, spec: Pipeline) -> list[Judgement]:
    left = place.step_prefix(spec.name, run.id, judge_name(spec))
    report = (site.read(f"{left}/output/{VERDICT}") if spec.gates else None) or {}
    return [judgement(verdict) for verdict in report.get("gates", ())]


def _searches(site: Site, known: Iterable[Run]) -> Iterator[SearchRun]:
    for run in known:
        spec = site.scope.specs[run.component]
        if isinstance(spec, HyperparameterSearch):
            key = place.step_report_key(run.component, run.id, f"{trials_name(spec)}/")
            yield SearchRun(
                run=run,
                metric=spec.metric,
                goal=spec.goal.value,
                trials=tuple(_trial(*each) for each in enumerate(_reports(site, key))),
            )


def _trial(number: int, report: Mapping[str, Any]) -> Trial:
    return Trial(
        number=number,
        parameters=report.get("parameters") or {},
        value=report.get("value"),
        state=report["status"],
        reason=report.get("error"),
    )


def _checks(site: Site) -> Iterator[Check]:
    for name in _named(site, "ModelMonitor"):
        for index, run in enumerate(monitors.checks(site, name)):
            report = next((path for path in run.reports if path.endswith(f"/{REPORT}")), None)
            document = None if report is None else site.read(place.split(report)[1])
            yield check_record(run, document, is_drawn=index < _DRAWN)


def _policies(site: Site) -> Iterator[PolicyRecord]:
    for name in _named(site, "RetrainingPolicy"):
        prefix = place.policy_prefix(name)
        memory = site.read(f"{prefix}/{STATE}")
        entries = [site.read(path) for path in site.paths(f"{prefix}/{EVENTS}")]
        if memory is not None:
            yield PolicyRecord(
                name=name,
                phase=memory["state"]["phase"],
                reason=memory["state"]["reason"],
                events=tuple(policy_event(entry) for entry in entries if entry is not None),
            )


def _named(site: Site, *kinds: str) -> list[str]:
    return [spec.name for spec in site.scope.specs.values() if spec.kind in kinds]
