"""The verb behind `mlops-iac page`: all that a stack has done, as AWS keeps it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.operations import Run
from mlops_iac.records import (
    Check,
    EndpointRecord,
    PipelineRun,
    PolicyRecord,
    SearchRun,
    Served,
    StackRecords,
    Step,
    Trial,
    VersionRecord,
)
from mlops_iac.reports import check_record, policy_event
from mlops_iac.runtime.policy.memory import EVENTS, STATE
from mlops_iac.specs import HyperparameterSearch, ModelMonitor, Pipeline
from mlops_iac_aws import names, place, registry
from mlops_iac_aws.faults import found, told
from mlops_iac_aws.jobs import runs as executions
from mlops_iac_aws.serving.parts import history
from mlops_iac_aws.verbs.runs import KINDS, runs
from mlops_iac_aws.verbs.site import Site
from mlops_iac_aws.verbs.status import endpoint_status
from mlops_iac_aws.verbs.versions import versions

_CHECKS = 200
"""How many of a monitor's checks are read; each is an object in the bucket."""
_DRAWN = 50
"""How many of them keep their distributions."""
_REPORT = "report.json"


def collect(site: Site) -> StackRecords:
    """Return all that a stack has done and is now; changes nothing.

    Raises:
        OperationError: there is no such stack.
    """
    scope = site.scope
    with told(f"reading the records of `{scope.stack}`"):
        if found(site.clients("s3").head_bucket, Bucket=site.bucket) is None:
            raise OperationError(
                f"stack `{scope.stack}` of `{scope.project}` is not there",
                remedy=f"`mlops-iac up -s {scope.stack}` makes it; `-s` names another",
            )
        known = sorted(_runs(site), key=lambda run: run.started, reverse=True)
        return StackRecords(
            project=scope.project,
            stack=scope.stack,
            target="aws",
            made=datetime.now(UTC).isoformat(timespec="milliseconds"),
            place=f"s3://{site.bucket}",
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
        group = names.model_group(site.scope, model)
        comments = {item.number: item.comment for item in registry.versions(site.clients, group)}
        for version in versions(site, model):
            yield VersionRecord(version=version, comment=comments.get(version.version) or "")


def _endpoints(site: Site) -> Iterator[EndpointRecord]:
    for name in _named(site, "ModelEndpoint"):
        status, deployment = endpoint_status(site, name), site.deployment(name)
        kept = [item for item in history(site.work, deployment) if item.served]
        yield EndpointRecord(
            name=name,
            model=deployment.model,
            state=status.state,
            url=place.endpoint_arn(site.scope, name),
            version=status.details.get("version"),
            served=tuple(
                Served(version=item.version, since=item.served)
                for item in reversed(kept)
                if item.version is not None
            ),
        )


def _pipelines(site: Site, known: Iterable[Run]) -> Iterator[PipelineRun]:
    for run in known:
        spec = site.scope.specs[run.component]
        if isinstance(spec, Pipeline):
            arn = f"{place.pipeline_arn(site.scope, run.component)}/execution/{run.id}"
            execution = executions.execution(site.clients, arn)
            steps = executions.steps(site.clients, execution)
            yield PipelineRun(
                run=run,
                outcome=_outcome(run, spec),
                steps=tuple(_step(step, spec) for step in steps),
            )


def _outcome(run: Run, spec: Pipeline) -> str:
    if run.status != executions.FINISHED:
        return run.status
    # A candidate that a gate refuses ends the run well, and is not registered.
    return "refused" if spec.gates and run.model_version is None else "passed"


_STEP_STATUSES: Mapping[str, str] = {
    "Succeeded": "finished",
    "Failed": "failed",
    "Stopped": "stopped",
}


def _step(step: executions.StepRun, spec: Pipeline) -> Step:
    return Step(
        name=step.name,
        status=_STEP_STATUSES.get(step.status, "running"),
        after=spec.graph.get(step.name, ()),
        reason=step.reason,
    )


def _searches(site: Site, known: Iterable[Run]) -> Iterator[SearchRun]:
    for run in known:
        spec = site.scope.specs[run.component]
        if isinstance(spec, HyperparameterSearch):
            yield SearchRun(
                run=run, metric=spec.metric, goal=spec.goal.value, trials=tuple(_trials(site, run))
            )


def _trials(site: Site, run: Run) -> Iterator[Trial]:
    arn = f"{place.pipeline_arn(site.scope, run.component)}/execution/{run.id}"
    steps = executions.steps(site.clients, executions.execution(site.clients, arn))
    pages = site.clients("sagemaker").get_paginator(
        "list_training_jobs_for_hyper_parameter_tuning_job"
    )
    for search in filter(None, (step.job("TuningJob") for step in steps)):
        answers = pages.paginate(HyperParameterTuningJobName=search, SortBy="CreationTime")
        items = [item for page in answers for item in page["TrainingJobSummaries"]]
        for number, item in enumerate(items):
            yield _trial(number, item)


def _trial(number: int, item: Mapping[str, Any]) -> Trial:
    metric = item.get("FinalHyperParameterTuningJobObjectiveMetric", {})
    return Trial(
        number=number,
        parameters=item.get("TunedHyperParameters", {}),
        value=metric.get("Value"),
        state=str(item["TrainingJobStatus"]).lower(),
        reason=item.get("FailureReason"),
    )


def _checks(site: Site) -> Iterator[Check]:
    for name in _named(site, "ModelMonitor"):
        prefix = place.reports_prefix(site.scope, name).removeprefix(f"s3://{site.bucket}/")
        reports = sorted(_listed(site, prefix, _REPORT), key=lambda item: item[1], reverse=True)
        for index, (key, written) in enumerate(reports[:_CHECKS]):
            report = site.read(key)
            run = Run(
                component=name,
                kind=ModelMonitor.kind,
                id=key.removeprefix(prefix).strip("/").rpartition("/")[0],
                key=key,
                status=executions.FINISHED,
                started=written,
                ended=written,
                metrics={},
                model_version=None,
            )
            yield check_record(run, report, is_drawn=index < _DRAWN)


def _policies(site: Site) -> Iterator[PolicyRecord]:
    for name in _named(site, "RetrainingPolicy"):
        prefix = place.policy_prefix(site.scope, name).removeprefix(f"s3://{site.bucket}/")
        memory = site.read(f"{prefix.rstrip('/')}/{STATE}")
        entries = [site.read(key) for key, _ in _listed(site, f"{prefix.rstrip('/')}/{EVENTS}", "")]
        if memory is not None:
            yield PolicyRecord(
                name=name,
                phase=memory["state"]["phase"],
                reason=memory["state"]["reason"],
                events=tuple(policy_event(entry) for entry in entries if entry is not None),
            )


def _listed(site: Site, prefix: str, ending: str) -> Iterator[tuple[str, str]]:
    pages = site.clients("s3").get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=site.bucket, Prefix=prefix):
        for item in page.get("Contents", ()):
            if item["Key"].endswith(ending):
                yield item["Key"], item["LastModified"].isoformat()


def _named(site: Site, *kinds: str) -> list[str]:
    return [spec.name for spec in site.scope.specs.values() if spec.kind in kinds]
