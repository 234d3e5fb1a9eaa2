"""The verb `logs`: what the newest run of a job, or an endpoint, has written to Cloud Logging."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.specs import Async, Serverless
from mlops_iac.verbs import logs as core
from mlops_iac.verbs import monitors
from mlops_iac.verbs.logs import Readers, decisions
from mlops_iac.verbs.runs import KINDS
from mlops_iac_gcp import facts, rest
from mlops_iac_gcp.jobs import launching
from mlops_iac_gcp.jobs import runs as executions
from mlops_iac_gcp.jobs.documents import CUSTOM_JOB, TUNING_JOB
from mlops_iac_gcp.verbs.site import Site

_POLL_SECONDS = 5.0
_PAGE = 1000
# https://cloud.google.com/logging/docs/api/v2/resource-list: a trial writes under its search.
_OF_JOB = 'resource.type="ml_job" AND resource.labels.job_id="{}"'
_OF_ENDPOINT = (
    'resource.type="aiplatform.googleapis.com/Endpoint" AND resource.labels.endpoint_id="{}"'
)
_OF_SERVICE = 'resource.type="cloud_run_revision" AND resource.labels.service_name="{}"'


def logs(site: Site, component: str, *, follow: bool) -> Iterator[str]:
    """Yield the lines of a job's newest run, an endpoint or a policy, oldest first.

    Raises:
        OperationError: the component has no log.
    """
    return core.logs(site, component, _READERS, follow=follow)


def _of_endpoint(site: Site, component: str, follow: bool) -> Iterator[str]:
    if isinstance(getattr(site.spec(component), "scaling", None), Serverless | Async):
        name = facts.service_name(site.scope, component)
        source = _OF_SERVICE.format(name.rpartition("/")[2])
    else:
        source = _OF_ENDPOINT.format(facts.endpoint_id(site.scope, component))
    return lines(site, lambda: [source], lambda: follow)


def _of_job(site: Site, component: str, follow: bool) -> Iterator[str]:
    run = _newest(site, component)
    return lines(site, lambda: of_run(site, run), lambda: follow and _is_running(site, run))


def of_run(site: Site, run: executions.Execution) -> list[str]:
    """Return what finds the entries of each job that a run has started."""
    return [
        _OF_JOB.format(job["name"].rpartition("/")[2])
        for collection in (CUSTOM_JOB, TUNING_JOB)
        for job in launching.of_run(site.place, collection, run.id)
    ]


def lines(
    site: Site, sources: Callable[[], list[str]], is_growing: Callable[[], bool]
) -> Iterator[str]:
    """Yield lines, oldest first, until nothing is written any more.

    Args:
        site: the stack.
        sources: filters of Cloud Logging, asked for before each look.
        is_growing: whether to look again.
    """
    seen = set[str]()
    while True:
        # Asked before the read: what is written before the end is still read.
        goes_on = is_growing()
        for entry in (entry for source in sources() for entry in _entries(site, source)):
            if entry["insertId"] not in seen:
                seen.add(entry["insertId"])
                yield _text(entry).rstrip("\n")
        if not goes_on:
            return
        time.sleep(_POLL_SECONDS)


def _of_monitor(site: Site, component: str, follow: bool) -> Iterator[str]:
    known = monitors.checks(site, component)
    if not known:
        raise OperationError(
            f"`{component}` has not checked yet", remedy=f"`mlops-iac check {component}` does"
        )
    run = site.execution(known[0])
    return lines(site, lambda: of_run(site, run), lambda: follow and _is_running(site, run))


_READERS: Readers[Site] = {
    **dict.fromkeys(KINDS, _of_job),
    "ModelEndpoint": _of_endpoint,
    "ModelMonitor": _of_monitor,
    "RetrainingPolicy": decisions,
}


def _newest(site: Site, component: str) -> executions.Execution:
    known = next(site.executions(component), None)
    if known is None:
        raise OperationError(
            f"`{component}` has not run", remedy=f"`mlops-iac run {component}` starts a run"
        )
    return known


def _is_running(site: Site, run: executions.Execution) -> bool:
    return executions.execution(site.place, run.name).status == executions.RUNNING


def _entries(site: Site, source: str) -> Iterator[Mapping[str, Any]]:
    body: dict[str, Any] = {
        "resourceNames": [f"projects/{site.place.project}"],
        "filter": source,
        "orderBy": "timestamp asc",
        "pageSize": _PAGE,
    }
    while True:
        answer = rest.call(site.place, "logging.v2", "entries.list", {}, body)
        yield from answer.get("entries", ())
        if not answer.get("nextPageToken"):
            return
        body["pageToken"] = answer["nextPageToken"]


def _text(entry: Mapping[str, Any]) -> str:
    told_ = entry.get("jsonPayload", {}).get("message")
    return str(entry.get("textPayload", "") if told_ is None else told_)
