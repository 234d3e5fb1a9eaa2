"""What a check is of: the version that is served, its traffic since the last verdict, its truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mlops_iac.errors import NothingToDoError
from mlops_iac_gcp import registry, serving
from mlops_iac_gcp.monitors import traffic, truth
from mlops_iac_gcp.monitors.reports import Reports
from mlops_iac_gcp.monitors.traffic import Window
from mlops_iac_gcp.serving import Deployed, Deployment, Work

LOOK_BACK = timedelta(days=1)
"""Older traffic is judged by no check any more, nor asked for truth."""


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a monitor watches, as its launcher is told."""

    monitor: str
    endpoint: str
    """The component."""
    table: str
    """Of the logged requests, `project.dataset.table`."""
    metric: str
    topic: str
    wants_truth: bool
    trust_pickle: bool

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Watched":
        """Return what a document tells."""
        return cls(**told)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What one check judges."""

    deployed: Deployed
    model: Mapping[str, Any]
    """`version`, `path`, `digest`, `trust_pickle`, as the runtime's check is told."""
    since: datetime
    until: datetime
    new: Sequence[Mapping[str, Any]]
    older: Sequence[Mapping[str, Any]] = ()
    """Requests before, of which truth has come."""
    labels: Mapping[str, list[Any]] = field(default_factory=dict[str, list[Any]])


def prepared(work: Work, watched: Watched, deployment: Deployment, now: datetime) -> Prepared:
    """Return what a check of now judges.

    Raises:
        NothingToDoError: nothing is served, or no traffic came since the last verdict.
    """
    served = serving.deployed(work, deployment)
    if served is None or not served.version:
        raise NothingToDoError(f"`{watched.endpoint}` serves no registered version yet")
    first = now - LOOK_BACK
    reports = Reports(where=work.place, bucket=deployment.bucket, monitor=watched.monitor)
    since = max(reports.last_end(first, now) or first, first)
    new = _fetched(work, watched, served, since, now)
    labels = _labels(work, watched, deployment, first, now)
    older = _told_of(_fetched(work, watched, served, first, since), labels) if labels else []
    if not new and not older:
        raise NothingToDoError(f"no traffic was logged since {since:%Y-%m-%d %H:%M} UTC")
    return Prepared(
        deployed=served,
        model=_model(work, watched, deployment, served),
        since=since,
        until=now,
        new=new,
        older=older,
        labels=labels,
    )


def _fetched(
    work: Work, watched: Watched, served: Deployed, since: datetime, until: datetime
) -> list[dict[str, Any]]:
    window = Window(deployed=served.id, since=since, until=until)
    return traffic.fetch(work.place, watched.table, window)


def _labels(
    work: Work, watched: Watched, deployment: Deployment, since: datetime, until: datetime
) -> dict[str, list[Any]]:
    if not watched.wants_truth:
        return {}
    days = truth.days(since, until)
    return truth.told(work.place, deployment.bucket, watched.endpoint, days)


def _told_of(
    logged: Sequence[dict[str, Any]], labels: Mapping[str, list[Any]]
) -> list[dict[str, Any]]:
    return [each for each in logged if not traffic.requests([each]).isdisjoint(labels)]


def _model(
    work: Work, watched: Watched, deployment: Deployment, served: Deployed
) -> dict[str, Any]:
    version = registry.version(work.place, deployment.model, served.version)
    return {
        "version": str(served.version),
        "path": version.artifact,
        "digest": served.digest,
        "trust_pickle": watched.trust_pickle,
    }
