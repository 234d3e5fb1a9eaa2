"""Verbs on monitors: check now, wait, stop, list; tell what turned out of predictions.

A check is a processing job for each schedule of its monitor; its id names them all.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops_iac.errors import NothingToDoError
from mlops_iac.operations import Run, Truth
from mlops_iac.runtime.monitor.__main__ import PAGE, REPORT
from mlops_iac.specs import ModelMonitor
from mlops_iac_aws.faults import found, told
from mlops_iac_aws.jobs.runs import FAILED, FINISHED, RUNNING, STOPPED
from mlops_iac_aws.layout import split_uri
from mlops_iac_aws.model_monitor import schedule_names
from mlops_iac_aws.monitors import checking
from mlops_iac_aws.monitors import truth as told_truth
from mlops_iac_aws.verbs.site import Site

KIND = ModelMonitor.kind
_STATUSES: Mapping[str, str] = {
    "InProgress": RUNNING,
    "Stopping": RUNNING,
    "Completed": FINISHED,
    "Failed": FAILED,
    "Stopped": STOPPED,
}
_WORST = (RUNNING, FAILED, STOPPED, FINISHED)
"""A check is what the first of these is that one of its jobs is."""
_POLL_SECONDS = 2.0
_BETWEEN = ","
_RECENT = 50
"""How many of a schedule's newest checks are listed: each is asked for by itself."""


def check(site: Site, monitor: str) -> Run:
    """Start a check of a monitor now, or return the one that is under way.

    Raises:
        NothingToDoError: no traffic waits, or nothing is served.
        OperationError: there is no such monitor.
    """
    started, nothing = list[str](), list[NothingToDoError]()
    with told(f"checking `{monitor}`"):
        for schedule in _schedules(site, monitor):
            try:
                started.append(checking.start(site.clients, schedule))
            except NothingToDoError as error:
                nothing.append(error)
        if not started:
            raise nothing[0]
        return _seen(site, monitor, started)


def wait(site: Site, run: Run) -> Run:
    """Wait until a check has ended; progress goes to standard error."""
    before = ""
    with told(f"waiting for `{run.component}`"):
        while (now := _seen(site, run.component, jobs(run))).status == RUNNING:
            if now.status != before:
                site.work.log(f"{run.component}: {now.status}")
            before = now.status
            time.sleep(_POLL_SECONDS)
        return now


def stop(site: Site, run: Run) -> Run:
    """Stop a check; return when it has ended."""
    with told(f"stopping `{run.component}`"):
        for name in jobs(run):
            if _STATUSES[_described(site, name)["ProcessingJobStatus"]] == RUNNING:
                site.clients("sagemaker").stop_processing_job(ProcessingJobName=name)
    return wait(site, run)


def checks(site: Site, monitor: str) -> list[Run]:
    """Return the newest checks of a monitor: by hand, and by its schedules."""
    with told(f"listing the checks of `{monitor}`"):
        known = {
            job: _seen(site, monitor, [job])
            for schedule in _schedules(site, monitor)
            for job in (*_by_hand(site, schedule), *_scheduled(site, schedule))
        }
    return sorted(known.values(), key=lambda run: run.started, reverse=True)


def truth(site: Site, endpoint: str, path: Path, label: str | None) -> Truth:
    """Put labels where Model Monitor merges them with what the endpoint captured.

    Raises:
        OperationError: there is no such endpoint, or the file is no truth.
    """
    site.spec(endpoint, "ModelEndpoint")
    with told(f"telling `{endpoint}` the truth"):
        site.deployment(endpoint)
        return told_truth.tell(site.clients, site.bucket, endpoint, path, label)


def jobs(run: Run) -> list[str]:
    """Return the names of the processing jobs of a check."""
    return run.id.split(_BETWEEN)


def is_running(site: Site, run: Run) -> bool:
    """Whether a check goes on."""
    return _seen(site, run.component, jobs(run)).status == RUNNING


def _schedules(site: Site, monitor: str) -> list[str]:
    spec = site.spec(monitor, KIND)
    assert isinstance(spec, ModelMonitor)  # noqa: S101  its kind was asked for
    return schedule_names(spec, site.scope)


def _by_hand(site: Site, schedule: str) -> list[str]:
    answer = site.clients("sagemaker").list_processing_jobs(
        NameContains=checking.name_of(schedule),
        SortBy="CreationTime",
        SortOrder="Descending",
        MaxResults=_RECENT,
    )
    return [item["ProcessingJobName"] for item in answer["ProcessingJobSummaries"]]


def _scheduled(site: Site, schedule: str) -> list[str]:
    """Return the jobs that Model Monitor started; an hour without traffic has none."""
    answer = site.clients("sagemaker").list_monitoring_executions(
        MonitoringScheduleName=schedule,
        SortBy="CreationTime",
        SortOrder="Descending",
        MaxResults=_RECENT,
    )
    arns = [item.get("ProcessingJobArn") for item in answer["MonitoringExecutionSummaries"]]
    return [arn.rpartition("/")[2] for arn in arns if arn]


def _described(site: Site, job: str) -> Mapping[str, Any]:
    return site.clients("sagemaker").describe_processing_job(ProcessingJobName=job)


def _seen(site: Site, monitor: str, jobs: Sequence[str]) -> Run:
    described = [_described(site, job) for job in jobs]
    statuses = {_STATUSES[job["ProcessingJobStatus"]] for job in described}
    status = next(status for status in _WORST if status in statuses)
    ends = [job["ProcessingEndTime"].isoformat() for job in described if "ProcessingEndTime" in job]
    places = [place for job in described for place in _places(job)]
    reports = [report for place in places if (report := site.read(f"{place}/{REPORT}"))]
    version = next((r["model_version"] for r in reports if r.get("model_version")), None)
    reasons = [_reason(job) for job in described if job["ProcessingJobStatus"] == "Failed"]
    return Run(
        component=monitor,
        kind=KIND,
        id=_BETWEEN.join(jobs),
        key=_BETWEEN.join(jobs),
        status=status,
        started=min(job["CreationTime"] for job in described).isoformat(),
        ended=max(ends, default=None) if status != RUNNING else None,
        metrics=_metrics(reports),
        model_version=None if version is None else int(version),
        reports=tuple(_pages(site, places)),
        reason="; ".join(reasons) or None,
    )


def _places(job: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys under which a job writes its report."""
    for output in job.get("ProcessingOutputConfig", {}).get("Outputs", ()):
        _, key = split_uri(output["S3Output"]["S3Uri"])
        yield key.rstrip("/")


def _pages(site: Site, places: Sequence[str]) -> Iterator[str]:
    for place in places:
        for name in (REPORT, PAGE):
            key = f"{place}/{name}"
            if found(site.clients("s3").head_object, Bucket=site.bucket, Key=key) is not None:
                yield f"s3://{site.bucket}/{key}"


def _metrics(reports: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return what the runtime's check tells of its findings, over all parts of one check."""
    if not reports:
        return {}
    findings = {name: f for report in reports for name, f in report["signals"].items()}
    values = {name: float(f["value"]) for name, f in findings.items() if f["value"] is not None}
    return {
        "alarm": float(any(report["alarm"] for report in reports)),
        "rows": float(max(report["rows"] for report in reports)),
        **values,
    }


def _reason(job: Mapping[str, Any]) -> str:
    return str(job.get("ExitMessage") or job.get("FailureReason") or "failed")
