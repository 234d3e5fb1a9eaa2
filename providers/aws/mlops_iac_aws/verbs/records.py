"""The verb behind `mlops-iac page`: all that a stack has done, as AWS keeps it."""

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac.operations import Run
from mlops_iac.records import (
    EndpointRecord,
    Judgement,
    Served,
    StackRecords,
    Step,
    Trial,
    VersionRecord,
)
from mlops_iac.specs import HyperparameterSearch, ModelMonitor, Pipeline
from mlops_iac.verbs import records
from mlops_iac_aws import names, place, registry
from mlops_iac_aws.jobs import runs as executions
from mlops_iac_aws.serving.parts import history
from mlops_iac_aws.verbs.site import Site
from mlops_iac_aws.verbs.status import endpoint_status
from mlops_iac_aws.verbs.versions import versions

_CHECKS = 200
"""How many of a monitor's checks are read; each is an object in the bucket."""
_REPORT = "report.json"
_STEP_STATUSES: Mapping[str, str] = {
    "Succeeded": "finished",
    "Failed": "failed",
    "Stopped": "stopped",
}


def collect(site: Site) -> StackRecords:
    """Return all that a stack has done and is now; changes nothing.

    Raises:
        OperationError: there is no such stack.
    """
    return records.collect(site, _SOURCES)


def _place(site: Site) -> str:
    return f"s3://{site.bucket}"


def _versions(site: Site, model: str) -> Iterator[VersionRecord]:
    group = names.model_group(site.scope, model)
    comments = {item.number: item.comment for item in registry.versions(site.clients, group)}
    for version in versions(site, model):
        yield VersionRecord(version=version, comment=comments.get(version.version) or "")


def _endpoint(site: Site, name: str) -> EndpointRecord:
    status, deployment = endpoint_status(site, name), site.deployment(name)
    kept = [item for item in history(site.work, deployment) if item.served]
    return EndpointRecord(
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


def _steps(site: Site, run: Run, spec: Pipeline) -> Iterator[Step]:
    for step in executions.steps(site.clients, site.execution(run)):
        yield Step(
            name=step.name,
            status=_STEP_STATUSES.get(step.status, "running"),
            after=spec.graph.get(step.name, ()),
            reason=step.reason,
        )


def _no_gates(_site: Site, _run: Run, _spec: Pipeline) -> tuple[Judgement, ...]:
    return ()


def _trials(site: Site, run: Run, _spec: HyperparameterSearch) -> Iterator[Trial]:
    steps = executions.steps(site.clients, site.execution(run))
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


def _checks(site: Site, monitor: str) -> Iterator[tuple[Run, Any]]:
    prefix = place.reports_prefix(site.scope, monitor).removeprefix(f"s3://{site.bucket}/")
    reports = sorted(_reports(site, prefix), key=lambda item: item[1], reverse=True)
    for key, written in reports[:_CHECKS]:
        report = site.read(key)
        run = Run(
            component=monitor,
            kind=ModelMonitor.kind,
            id=key.removeprefix(prefix).strip("/").rpartition("/")[0],
            key=key,
            status=executions.FINISHED,
            started=written,
            ended=written,
            metrics={},
            model_version=None,
        )
        yield run, report


def _reports(site: Site, prefix: str) -> Iterator[tuple[str, str]]:
    pages = site.clients("s3").get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=site.bucket, Prefix=prefix):
        for item in page.get("Contents", ()):
            if item["Key"].endswith(_REPORT):
                yield item["Key"], item["LastModified"].isoformat()


_SOURCES = records.Sources(
    target="aws",
    place=_place,
    versions=_versions,
    endpoint=_endpoint,
    steps=_steps,
    gates=_no_gates,
    trials=_trials,
    checks=_checks,
)
