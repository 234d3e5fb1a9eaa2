"""A cloud as a policy sees it: checks, runs, verdicts, the endpoint; what it does there."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from mlops_iac.errors import MlopsError
from mlops_iac.loop.reports import Reports
from mlops_iac.loop.retraining import Retraining
from mlops_iac.loop.store import Store
from mlops_iac.registry import APPROVED, PENDING, REJECTED
from mlops_iac.runtime.policy import (
    Approved,
    Checked,
    EndpointDead,
    EndpointHealthy,
    Event,
    Notify,
    Promote,
    Promoted,
    PromotionFailed,
    Rejected,
    RequestApproval,
    RollBack,
    RollBackFailed,
    RolledBack,
    StartRun,
    Watch,
)
from mlops_iac.runtime.policy.executor import Seen
from mlops_iac.runtime.policy.rules import AUTOMATIC

_VERDICTS: Mapping[str, type[Approved | Rejected]] = {APPROVED: Approved, REJECTED: Rejected}


class Version(Protocol):
    """A version of the model that the endpoint serves."""

    @property
    def number(self) -> int:
        """Its number."""
        ...

    @property
    def status(self) -> str:
        """`pending`, `approved` or `rejected`."""
        ...

    @property
    def approver(self) -> str | None:
        """Who decided."""
        ...


class Endpoint(Protocol):
    """The endpoint that a policy renews, and the versions of its model."""

    def served(self) -> int | None:
        """Return the version that is served; `None` while nothing is."""
        ...

    def promote(self, version: int) -> None:
        """Serve a version."""
        ...

    def trouble(self, since: datetime) -> str | None:
        """Return in one line what is wrong with what is served, or `None`."""
        ...

    def version(self, number: int) -> Version:
        """Return a version of the model."""
        ...

    def approve(self, number: int, *, approver: str, comment: str) -> None:
        """Let a version be deployed."""
        ...


class Telling(Protocol):
    """How a policy is heard, and woken."""

    def follow(self, run: Any) -> None:
        """Have the end of a run wake the policy; doing it twice wakes it twice."""
        ...

    def tell(self, level: str, text: str) -> None:
        """Tell people."""
        ...

    def log(self, text: str) -> None:
        """Write a line to the log."""
        ...


@dataclass(frozen=True, kw_only=True)
class CloudWorld:
    """One policy's world; `document` is what `up` wrote of it."""

    store: Store
    document: Mapping[str, Any]
    reports: Reports
    retraining: Retraining
    endpoint: Callable[[], Endpoint]
    """The endpoint as it is declared now."""
    telling: Telling

    def now(self) -> float:
        """Return seconds since 1970, UTC."""
        return time.time()

    def checks(self, told: frozenset[str]) -> Sequence[Checked]:
        """Return the checks with a verdict that the policy was not told, oldest first."""
        return self.reports.checks([k for k in self.reports.keys(self.now()) if k not in told])

    def known_checks(self, told: frozenset[str]) -> frozenset[str]:
        """Return of the told checks those that are still looked at."""
        return told.intersection(self.reports.keys(self.now()))

    def run(self, action: StartRun) -> Seen | None:
        """Return the run that was started for an action, or `None`."""
        run = self.retraining.run(action)
        return None if run is None else self.retraining.seen(action, run, self._served())

    def start(self, action: StartRun) -> None:
        """Start the run of an action, once, and have its end wake the policy."""
        run = self.retraining.start(action)
        try:
            self.telling.follow(run)
        except MlopsError as error:
            # The run goes on; the schedule's next look sees its end.
            self.telling.log(f"nobody waits for the end of `{run.id}`: {error}")

    def stop(self, action: StartRun) -> None:
        """Stop the run of an action."""
        run = self.retraining.run(action)
        if run is not None:
            self.retraining.runs.stop(run)

    def verdict(self, action: RequestApproval) -> Event | None:
        """Return what somebody decided on a version, or `None`."""
        version = self.endpoint().version(action.version)
        if version.status not in _VERDICTS:
            return None
        return _VERDICTS[version.status](
            id=f"{action.id}-{version.status}",
            at=self.now(),
            version=version.number,
            by=version.approver or "somebody",
        )

    def promote(self, action: Promote) -> Event:
        """Serve a version; return how that went."""
        previous = self._served_before(action)
        try:
            self._approve(action.version)
            self.endpoint().promote(action.version)
        except MlopsError as error:
            return PromotionFailed(
                id=f"{action.id}-failed", at=self.now(), action_id=action.id, reason=str(error)
            )
        return Promoted(
            id=f"{action.id}-done",
            at=self.now(),
            action_id=action.id,
            version=action.version,
            previous=previous,
        )

    def roll_back(self, action: RollBack) -> Event:
        """Serve an earlier version again, unless somebody else had another one served."""
        try:
            if self._served() in {None, action.version, action.to}:
                self.endpoint().promote(action.to)
        except MlopsError as error:
            return RollBackFailed(
                id=f"{action.id}-failed", at=self.now(), action_id=action.id, reason=str(error)
            )
        return RolledBack(id=f"{action.id}-done", at=self.now(), action_id=action.id, to=action.to)

    def sign(self, action: Watch) -> Event | None:
        """Return a sign of the endpoint's life or death; `None` while neither is sure."""
        endpoint = self.endpoint()
        served = endpoint.served()
        if served is None:
            return None
        at = self.now()
        if endpoint.trouble(datetime.fromtimestamp(action.since, UTC)) is not None:
            return EndpointDead(id=f"dead-{at:.6f}", at=at, version=served)
        return EndpointHealthy(id=f"alive-{at:.6f}", at=at, version=served)

    def tell(self, action: Notify) -> None:
        """Tell people, and the log."""
        self.telling.log(f"{action.level} {self.document['name']}: {action.text}")
        self.telling.tell(action.level, action.text)

    def _served(self) -> int | None:
        return self.endpoint().served()

    def _served_before(self, action: Promote) -> int | None:
        """Return what was served when the action was first begun; a repeated one knows it too."""
        name = f"promotions/{action.id}.json"
        self.store.write(name, {"previous": self._served()}, mark=None)
        noted = self.store.read(name)
        return None if noted is None else noted[0]["previous"]

    def _approve(self, number: int) -> None:
        """Approve what passed its gates, in the policy's name, where promotion is automatic."""
        endpoint = self.endpoint()
        is_automatic = self.document["rules"]["promotion"] == AUTOMATIC
        if is_automatic and endpoint.version(number).status == PENDING:
            endpoint.approve(
                number,
                approver=f"policy {self.document['name']}",
                comment="it passed the gates of the pipeline",
            )
