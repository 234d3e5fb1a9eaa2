"""Verbs on monitors: check now, wait, stop, list; tell what turned out of predictions.

A check by hand is a run of the monitor's own pipeline: what its schedule would do next.
"""

import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from mlops_iac.errors import NothingToDoError
from mlops_iac.keyed_runs import FINISHED, RUNNING
from mlops_iac.loop.logged import requests
from mlops_iac.loop.preparing import LOOK_BACK, Window
from mlops_iac.operations import Run, Truth
from mlops_iac.runtime.monitor.__main__ import PAGE, REPORT
from mlops_iac.specs import ModelMonitor
from mlops_iac.verbs.ported import PortedSite

KIND = ModelMonitor.kind
_RECENT = 50
"""How many of the newest checks are listed: the reports of each are read."""
_DAY_SECONDS = 86_400.0


def check(site: PortedSite, monitor: str) -> Run:
    """Start a check of a monitor now, or return the one that is under way.

    Raises:
        NothingToDoError: nothing is served.
        MlopsError: the monitor was not deployed.
    """
    spec = site.spec(monitor, KIND)
    assert isinstance(spec, ModelMonitor)  # noqa: S101  its kind was asked for
    with site.told(f"checking `{monitor}`"):
        _require_served(site, str(spec.endpoint))
        under_way = (run for run in _newest(site, monitor) if run.status == RUNNING)
        return _run(site, next(under_way, None) or _start(site, monitor))


def wait(site: PortedSite, run: Run) -> Run:
    """Wait until a check has ended; progress goes to standard error.

    Raises:
        NothingToDoError: no traffic came since the last verdict.
    """
    with site.told(f"waiting for `{run.component}`"):
        ended = site.finished(site.execution(run), _DAY_SECONDS)
        if nothing := _said(site, ended).get("nothing"):
            raise NothingToDoError(nothing)
        return _run(site, ended)


def stop(site: PortedSite, run: Run) -> Run:
    """Stop a check; return when it has ended."""
    with site.told(f"stopping `{run.component}`"):
        site.halt(site.execution(run))
    return wait(site, run)


def checks(site: PortedSite, monitor: str) -> list[Run]:
    """Return the newest checks of a monitor: by hand, and by its schedule."""
    site.spec(monitor, KIND)
    with site.told(f"listing the checks of `{monitor}`"):
        return [_run(site, found) for found in _newest(site, monitor)]


def is_running(site: PortedSite, run: Run) -> bool:
    """Whether a check goes on."""
    return site.execution(run).status == RUNNING


def truth(site: PortedSite, endpoint: str, path: Path, label: str | None) -> Truth:
    """Keep labels where checks look for them.

    Raises:
        OperationError: there is no such endpoint, or the file is no truth.
    """
    site.spec(endpoint, "ModelEndpoint")
    with site.told(f"telling `{endpoint}` the truth"):
        known = _logged(site, endpoint)
        return site.labels(endpoint).tell(path, label, known=known)


def _require_served(site: PortedSite, endpoint: str) -> None:
    served = site.serving.deployed(site.work, site.deployment(endpoint))
    if served is None or not served.version:
        raise NothingToDoError(f"`{endpoint}` serves no registered version yet")


def _start(site: PortedSite, monitor: str) -> Any:
    definition = site.definition(monitor)
    if definition is None:
        raise site.failed(f"the monitor `{monitor}` is not there", remedy="run `mlops-iac up`")
    return site.runs.start(site.place, definition, uuid.uuid4().hex)


def _newest(site: PortedSite, monitor: str) -> Iterator[Any]:
    return islice(site.executions(monitor), _RECENT)


def _said(site: PortedSite, found: Any) -> Mapping[str, Any]:
    """Return what the last step of a check has told; nothing while it is under way."""
    return site.runs.reports(site.place, site.bucket, found).get(found.component, {})


def _run(site: PortedSite, found: Any) -> Run:
    said = _said(site, found)
    folder = said.get("folder")
    report = site.read(f"{folder}/{REPORT}") or {} if folder else {}
    version = report.get("model_version")
    is_bad = found.status not in {RUNNING, FINISHED}
    return Run(
        component=found.component,
        kind=KIND,
        id=found.id,
        key=found.key,
        status=found.status,
        started=found.started,
        ended=found.ended,
        metrics=dict(said.get("metrics", {})),
        model_version=None if version is None else int(version),
        reports=tuple(_pages(site, folder)) if folder else (),
        reason=site.failure(found) if is_bad else None,
    )


def _pages(site: PortedSite, folder: str) -> Iterator[str]:
    for path in site.paths(f"{folder}/"):
        if path.endswith((f"/{REPORT}", f"/{PAGE}")):
            yield site.layout.uri(site.bucket, path)


def _logged(site: PortedSite, endpoint: str) -> set[str]:
    """Return the names of the requests that the served version has answered in the last day."""
    served = site.serving.deployed(site.work, site.deployment(endpoint))
    if served is None:
        return set()
    now = datetime.now(UTC)
    window = Window(deployed=served.id, since=now - LOOK_BACK, until=now)
    return requests(site.traffic(endpoint, window))
