"""What a check is of: the version that is served, its traffic since the last verdict, its truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from mlops_iac.errors import NothingToDoError
from mlops_iac.loop import logged, truth
from mlops_iac.loop.reports import Reports
from mlops_iac.loop.truth import Labels

LOOK_BACK = timedelta(days=1)
"""Older traffic is judged by no check any more, nor asked for truth."""


class Served(Protocol):
    """What an endpoint serves."""

    @property
    def id(self) -> str:
        """By what its traffic is told from that of others."""
        ...

    @property
    def version(self) -> int | None:
        """Number of the version; `None` for one that is not registered."""
        ...


@dataclass(frozen=True, kw_only=True)
class Window:
    """Which traffic is asked for: of one deployed model, from `since` until before `until`."""

    deployed: str
    since: datetime
    until: datetime


class Traffic(Protocol):
    """An endpoint as a check sees it."""

    def served(self) -> Served | None:
        """Return what is served now, or `None`."""
        ...

    def model(self, served: Any) -> dict[str, Any]:
        """Return `version`, `path`, `digest`, `trust_pickle`, as the runtime's check is told."""
        ...

    def fetch(self, window: Window) -> list[dict[str, Any]]:
        """Return logged requests, newest first, as `mlops_iac.loop.logged` has them."""
        ...


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Whose check it is."""

    endpoint: str
    """The component."""
    wants_truth: bool
    reports: Reports
    labels: Labels


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What one check judges."""

    deployed: Any
    """What is served, as the target has it."""
    model: Mapping[str, Any]
    """`version`, `path`, `digest`, `trust_pickle`, as the runtime's check is told."""
    since: datetime
    until: datetime
    new: Sequence[Mapping[str, Any]]
    older: Sequence[Mapping[str, Any]] = ()
    """Requests before, of which truth has come."""
    labels: Mapping[str, list[Any]] = field(default_factory=dict[str, list[Any]])


def prepared(traffic: Traffic, asked: Asked, now: datetime) -> Prepared:
    """Return what a check of now judges.

    Raises:
        NothingToDoError: nothing is served, or no traffic came since the last verdict.
    """
    served = traffic.served()
    if served is None or not served.version:
        raise NothingToDoError(f"`{asked.endpoint}` serves no registered version yet")
    first = now - LOOK_BACK
    since = max(asked.reports.last_end(first, now) or first, first)
    new = traffic.fetch(Window(deployed=served.id, since=since, until=now))
    labels = asked.labels.told(truth.days(first, now)) if asked.wants_truth else {}
    before = Window(deployed=served.id, since=first, until=since)
    older = logged.told_of(traffic.fetch(before), labels) if labels else []
    if not new and not older:
        raise NothingToDoError(f"no traffic was logged since {since:%Y-%m-%d %H:%M} UTC")
    return Prepared(
        deployed=served,
        model=traffic.model(served),
        since=since,
        until=now,
        new=new,
        older=older,
        labels=labels,
    )
