"""Verbs on monitors: check now, wait, stop, list; tell what turned out of predictions.

A check by hand is a run of the monitor's own pipeline job: what its schedule would do next.
"""

import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from mlops_iac.errors import NothingToDoError
from mlops_iac.loop.logged import requests
from mlops_iac.loop.preparing import LOOK_BACK, Window
from mlops_iac.operations import Run, Truth
from mlops_iac.runtime.monitor.__main__ import PAGE, REPORT
from mlops_iac.specs import ModelMonitor
from mlops_iac_azure import documents, facts, place, serving
from mlops_iac_azure.errors import AzureError
from mlops_iac_azure.faults import told
from mlops_iac_azure.jobs import runs
from mlops_iac_azure.jobs.defining import pipeline_name
from mlops_iac_azure.jobs.runs import FINISHED, RUNNING, Execution
from mlops_iac_azure.kept import labels_of
from mlops_iac_azure.monitors import traffic
from mlops_iac_azure.verbs.site import Site

KIND = ModelMonitor.kind
_RECENT = 50
"""How many of the newest checks are listed: the reports of each are read."""
_DAY_SECONDS = 86_400.0


def check(site: Site, monitor: str) -> Run:
    """Start a check of a monitor now, or return the one that is under way.

    Raises:
        NothingToDoError: nothing is served.
        AzureError: the monitor was not deployed.
    """
    spec = site.spec(monitor, KIND)
    assert isinstance(spec, ModelMonitor)  # noqa: S101  its kind was asked for
    with told(f"checking `{monitor}`"):
        _require_served(site, str(spec.endpoint))
        under_way = (run for run in _newest(site, monitor) if run.status == RUNNING)
        return _run(site, next(under_way, None) or _start(site, monitor))


def wait(site: Site, run: Run) -> Run:
    """Wait until a check has ended; progress goes to standard error.

    Raises:
        NothingToDoError: no traffic came since the last verdict.
    """
    with told(f"waiting for `{run.component}`"):
        ended = runs.finish(
            site.place,
            _execution(site, run),
            wait=time.sleep,
            tell=site.work.log,
            seconds=_DAY_SECONDS,
        )
        if nothing := _said(site, ended).get("nothing"):
            raise NothingToDoError(nothing)
        return _run(site, ended)


def stop(site: Site, run: Run) -> Run:
    """Stop a check; return when it has ended."""
    with told(f"stopping `{run.component}`"):
        runs.stop(site.place, _execution(site, run))
    return wait(site, run)


def checks(site: Site, monitor: str) -> list[Run]:
    """Return the newest checks of a monitor: by hand, and by its schedule."""
    site.spec(monitor, KIND)
    with told(f"listing the checks of `{monitor}`"):
        return [_run(site, execution) for execution in _newest(site, monitor)]


def is_running(site: Site, run: Run) -> bool:
    """Whether a check goes on."""
    return _execution(site, run).status == RUNNING


def truth(site: Site, endpoint: str, path: Path, label: str | None) -> Truth:
    """Keep labels where checks look for them.

    Raises:
        OperationError: there is no such endpoint, or the file is no truth.
    """
    site.spec(endpoint, "ModelEndpoint")
    with told(f"telling `{endpoint}` the truth"):
        known = _logged(site, endpoint)
        return labels_of(site.place, site.bucket, endpoint).tell(path, label, known=known)


def _require_served(site: Site, endpoint: str) -> None:
    served = serving.deployed(site.work, site.deployment(endpoint))
    if served is None or not served.version:
        raise NothingToDoError(f"`{endpoint}` serves no registered version yet")


def _start(site: Site, monitor: str) -> Execution:
    definition = site.read(place.definition_key(monitor))
    if definition is None:
        raise AzureError(f"the monitor `{monitor}` is not there", remedy="run `mlops-iac up`")
    return runs.start(site.place, definition, uuid.uuid4().hex)


def _newest(site: Site, monitor: str) -> Iterator[Execution]:
    pipeline = pipeline_name(site.scope, monitor)
    return islice(runs.executions(site.place, pipeline), _RECENT)


def _execution(site: Site, run: Run) -> Execution:
    return runs.execution(site.place, runs.job_id(site.place, run.id))


def _said(site: Site, execution: Execution) -> Mapping[str, Any]:
    """Return what the last step of a check has told; nothing while it is under way."""
    told_ = runs.reports(site.place, site.bucket, execution)
    return told_.get(execution.component, {})


def _run(site: Site, execution: Execution) -> Run:
    said = _said(site, execution)
    folder = said.get("folder")
    report = site.read(f"{folder}/{REPORT}") or {} if folder else {}
    version = report.get("model_version")
    is_bad = execution.status not in {RUNNING, FINISHED}
    return Run(
        component=execution.component,
        kind=KIND,
        id=execution.id,
        key=execution.key,
        status=execution.status,
        started=execution.started,
        ended=execution.ended,
        metrics=dict(said.get("metrics", {})),
        model_version=None if version is None else int(version),
        reports=tuple(_pages(site, folder)) if folder else (),
        reason=runs.failure(site.place, site.bucket, execution) if is_bad else None,
    )


def _pages(site: Site, folder: str) -> Iterator[str]:
    for path in documents.paths(site.place, site.bucket, f"{folder}/"):
        if path.endswith((f"/{REPORT}", f"/{PAGE}")):
            yield place.uri(site.bucket, path)


def _logged(site: Site, endpoint: str) -> set[str]:
    """Return the names of the requests that the served version has answered in the last day."""
    served = serving.deployed(site.work, site.deployment(endpoint))
    if served is None:
        return set()
    now = datetime.now(UTC)
    window = Window(deployed=served.id, since=now - LOOK_BACK, until=now)
    captures = facts.captures(site.scope)
    return requests(traffic.fetch(site.place, captures, endpoint, window))
