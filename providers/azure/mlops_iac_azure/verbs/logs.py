"""The verb `logs`: what the newest run of a job, or an endpoint, has written."""

import time
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.verbs import logs as core
from mlops_iac.verbs import monitors
from mlops_iac.verbs.logs import Readers, decisions
from mlops_iac.verbs.runs import KINDS
from mlops_iac_azure import documents, facts, ids, names, place, rest
from mlops_iac_azure.errors import ApiError
from mlops_iac_azure.faults import found
from mlops_iac_azure.jobs import runs as executions
from mlops_iac_azure.serving.documents import Deployment
from mlops_iac_azure.verbs.site import Site

_POLL_SECONDS = 5.0
_TAIL = 10_000
ARTIFACTS = "azureml"
"""Container of the workspace's own records, in the platform's storage account."""
_LOGS = "user_logs/"
# The environment sends its logs by a diagnostic setting: then the table is Azure Monitor's own.
# https://learn.microsoft.com/azure/azure-monitor/reference/tables/containerappconsolelogs
_APP_QUERY = (
    "ContainerAppConsoleLogs | where ContainerAppName == '{}' "
    "| project TimeGenerated, Log | order by TimeGenerated asc"
)
_ANALYTICS = "Microsoft.OperationalInsights/workspaces"
Lines = list[str]


def logs(site: Site, component: str, *, follow: bool) -> Iterator[str]:
    """Yield the lines of a job's newest run, an endpoint or a policy, oldest first.

    Raises:
        OperationError: the component has no log.
    """
    return core.logs(site, component, _READERS, follow=follow)


# --- jobs: each step is a job whose log Azure ML writes to the workspace's own container


def _of_job(site: Site, component: str, follow: bool) -> Iterator[str]:
    return _of_run(site, _newest(site, component), follow)


def _of_monitor(site: Site, component: str, follow: bool) -> Iterator[str]:
    known = monitors.checks(site, component)
    if not known:
        raise OperationError(
            f"`{component}` has not checked yet", remedy=f"`mlops-iac check {component}` does"
        )
    return _of_run(site, site.execution(known[0]), follow)


def _of_run(site: Site, run: executions.Execution, follow: bool) -> Iterator[str]:
    return growing(
        lambda: of_run(site, run),
        lambda: follow and executions.execution(site.place, run.name).status == executions.RUNNING,
    )


def of_run(site: Site, run: executions.Execution) -> dict[str, Lines]:
    """Return the lines of each log that the steps of a run have written, by its path."""
    bucket = f"{site.bucket}/{ARTIFACTS}"
    return {
        path: read[0].decode(errors="replace").splitlines()
        for job in _jobs(site, run)
        for path in documents.paths(site.place, bucket, f"ExperimentRun/dcid.{job}/{_LOGS}")
        if (read := documents.read_bytes(site.place, bucket, path)) is not None
    }


def _jobs(site: Site, run: executions.Execution) -> list[str]:
    """Return the ids of the jobs that a run consists of, in the order of their begins."""
    folder = place.step_report_key(run.component, run.id, "")[: -len(".json")]
    reports = [site.read(path) for path in site.paths(folder) if not path.endswith("-task.json")]
    told_ = [each for each in reports if each and each.get("own")]
    begun = sorted(told_, key=lambda each: each.get("started") or "")
    return list(dict.fromkeys(each["own"] for each in begun))


def growing(
    read: Callable[[], Mapping[str, Lines]], is_growing: Callable[[], bool]
) -> Iterator[str]:
    """Yield the lines of logs, until nothing is written any more.

    Args:
        read: returns what each log holds by now.
        is_growing: whether to look again.
    """
    told_: dict[str, int] = {}
    while True:
        # Asked before the read: what is written before the end is still read.
        goes_on = is_growing()
        for name, lines in read().items():
            yield from lines[told_.get(name, 0) :]
            told_[name] = len(lines)
        if not goes_on:
            return
        time.sleep(_POLL_SECONDS)


def _newest(site: Site, component: str) -> executions.Execution:
    known = next(site.executions(component), None)
    if known is None:
        raise OperationError(
            f"`{component}` has not run", remedy=f"`mlops-iac run {component}` starts a run"
        )
    return known


# --- endpoints


def _of_endpoint(site: Site, component: str, follow: bool) -> Iterator[str]:
    deployment = site.deployment(component)
    read = _app_lines if deployment.is_serverless else _deployment_lines
    return growing(lambda: read(site, deployment), lambda: follow)


def _deployment_lines(site: Site, deployment: Deployment) -> dict[str, Lines]:
    """Return what the containers of each deployment have written, as far as Azure ML keeps it."""
    path = f"{deployment.endpoint}/deployments"
    lines: dict[str, Lines] = {}
    for each in found(lambda: [*rest.listed(site.place, path)]) or ():
        asked = {"containerType": "InferenceServer", "tail": _TAIL}
        answer = rest.call(site.place, "POST", f"{each['id']}/getLogs", asked, repeatable=True)
        lines[each["id"]] = str(answer.get("content") or "").splitlines()
    return lines


def _app_lines(site: Site, deployment: Deployment) -> dict[str, Lines]:
    """Return what the replicas of an app have written, as Log Analytics has it by now."""
    rows = query(site, _APP_QUERY.format(deployment.name))
    return {deployment.name: [str(row["Log"]) for row in rows]}


def query(site: Site, text: str) -> list[dict[str, Any]]:
    """Return the rows of a query of the platform's Log Analytics; none before its table is."""
    name = site.scope.platform_name(names.LOG_ANALYTICS)
    path = ids.resource_id(facts.group_id(site.scope), _ANALYTICS, name)
    customer = rest.call(site.place, "GET", path)["properties"]["customerId"]
    address = f"{site.place.address('logs')}/v1/workspaces/{customer}/query"
    try:
        answer = rest.call(
            site.place, "POST", address, {"query": text}, service="logs", repeatable=True
        )
    except ApiError as error:
        if error.http == HTTPStatus.BAD_REQUEST:  # a table begins with its first row
            return []
        raise
    (table, *_) = answer["tables"]
    columns = [column["name"] for column in table["columns"]]
    return [dict(zip(columns, row, strict=True)) for row in table["rows"]]


_READERS: Readers[Site] = {
    **dict.fromkeys(KINDS, _of_job),
    "ModelEndpoint": _of_endpoint,
    "ModelMonitor": _of_monitor,
    "RetrainingPolicy": decisions,
}
