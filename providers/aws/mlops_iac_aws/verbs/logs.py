"""The verb `logs`: what the newest run of a job, or an endpoint, has written to CloudWatch."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.verbs import logs as core
from mlops_iac.verbs.logs import Readers, decisions
from mlops_iac.verbs.runs import KINDS
from mlops_iac_aws import names, place
from mlops_iac_aws.faults import found, told
from mlops_iac_aws.jobs import runs as executions
from mlops_iac_aws.verbs import monitors
from mlops_iac_aws.verbs.site import Site

_POLL_SECONDS = 5.0
_GROUPS: Mapping[str, str] = {
    "TrainingJob": "/aws/sagemaker/TrainingJobs",
    "ProcessingJob": "/aws/sagemaker/ProcessingJobs",
    "TransformJob": "/aws/sagemaker/TransformJobs",
    # Trials are training jobs that begin with the tuning job's name.
    "TuningJob": "/aws/sagemaker/TrainingJobs",
}
"""Log group of each kind of job that a step makes; SageMaker lets nobody choose another."""


@dataclass(frozen=True)
class _Source:
    """Streams of one log group."""

    group: str
    prefix: str = ""


def logs(site: Site, component: str, *, follow: bool) -> Iterator[str]:
    """Yield the lines of a job's newest run, an endpoint or a policy, oldest first.

    Raises:
        OperationError: the component has no log.
    """
    return core.logs(site, component, _READERS, follow=follow)


def _of_endpoint(site: Site, component: str, follow: bool) -> Iterator[str]:
    source = _Source(place.log_group(site.scope, component))
    return _lines(site, lambda: [source], lambda: follow)


def _of_job(site: Site, component: str, follow: bool) -> Iterator[str]:
    run = _newest(site, component)
    return _lines(site, lambda: _steps(site, run), lambda: follow and _is_running(site, run))


def _of_monitor(site: Site, component: str, follow: bool) -> Iterator[str]:
    known = monitors.checks(site, component)
    if not known:
        raise OperationError(
            f"`{component}` has not checked yet", remedy=f"`mlops-iac check {component}` does"
        )
    sources = [_Source(_GROUPS["ProcessingJob"], job) for job in monitors.jobs(known[0])]
    return _lines(site, lambda: sources, lambda: follow and monitors.is_running(site, known[0]))


_READERS: Readers[Site] = {
    **dict.fromkeys(KINDS, _of_job),
    "ModelEndpoint": _of_endpoint,
    "ModelMonitor": _of_monitor,
    "RetrainingPolicy": decisions,
}


def _newest(site: Site, component: str) -> executions.Execution:
    with told(f"listing the runs of `{component}`"):
        pipeline = names.pipeline(site.scope, component)
        known = found(lambda: next(executions.executions(site.clients, pipeline), None))
    if known is None:
        raise OperationError(
            f"`{component}` has not run", remedy=f"`mlops-iac run {component}` starts a run"
        )
    return known


def _is_running(site: Site, run: executions.Execution) -> bool:
    return executions.execution(site.clients, run.arn).status == executions.RUNNING


def _steps(site: Site, run: executions.Execution) -> list[_Source]:
    return [
        _Source(group, job)
        for step in executions.steps(site.clients, run)
        for kind, group in _GROUPS.items()
        if (job := step.job(kind))
    ]


def _lines(
    site: Site, sources: Callable[[], list[_Source]], is_growing: Callable[[], bool]
) -> Iterator[str]:
    seen = set[str]()
    while True:
        # Asked before the read: what is written before the end is still read.
        goes_on = is_growing()
        for event in _events(site, sources()):
            if event["eventId"] not in seen:
                seen.add(event["eventId"])
                yield event["message"].rstrip("\n")
        if not goes_on:
            return
        time.sleep(_POLL_SECONDS)


def _events(site: Site, sources: list[_Source]) -> Iterator[Mapping[str, Any]]:
    pages = site.clients("logs").get_paginator("filter_log_events")
    for source in sources:
        only = {"logStreamNamePrefix": source.prefix} if source.prefix else {}
        answers = found(lambda s=source, o=only: list(pages.paginate(logGroupName=s.group, **o)))
        for page in answers or ():
            yield from page["events"]
