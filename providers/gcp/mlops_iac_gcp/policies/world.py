"""Google Cloud as a policy sees it: checks, runs, verdicts, the endpoint; what it does there."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mlops_iac.errors import MlopsError
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
from mlops_iac_gcp import registry, serving
from mlops_iac_gcp.jobs import runs
from mlops_iac_gcp.monitors import telling
from mlops_iac_gcp.monitors.reports import Reports
from mlops_iac_gcp.policies.retraining import Retraining
from mlops_iac_gcp.policies.store import Store
from mlops_iac_gcp.serving import backends
from mlops_iac_gcp.session import Place

_VERDICTS: Mapping[str, type[Approved | Rejected]] = {
    registry.APPROVED: Approved,
    registry.REJECTED: Rejected,
}


@dataclass(frozen=True, kw_only=True)
class GcpWorld:
    """One policy's world; `document` is what `up` wrote of it."""

    store: Store
    document: Mapping[str, Any]
    pause: Callable[[float], None]

    def now(self) -> float:
        """Return seconds since 1970, UTC."""
        return time.time()

    def checks(self, told: frozenset[str]) -> Sequence[Checked]:
        """Return the checks with a verdict that the policy was not told, oldest first."""
        reports = self._reports()
        return reports.checks([key for key in reports.keys(self.now()) if key not in told])

    def known_checks(self, told: frozenset[str]) -> frozenset[str]:
        """Return of the told checks those that are still looked at."""
        return told.intersection(self._reports().keys(self.now()))

    def run(self, action: StartRun) -> Seen | None:
        """Return the run that was started for an action, or `None`."""
        retraining = self._retraining()
        run = retraining.run(action)
        return None if run is None else retraining.seen(action, run, self._served())

    def start(self, action: StartRun) -> None:
        """Start the run of an action, once, and have its end wake the policy."""
        run = self._retraining().start(action)
        try:
            telling.follow(self._where, self.document["workflow"], run.name)
        except MlopsError as error:
            # The run goes on; the schedule's next look sees its end.
            _log(f"nobody waits for the end of `{run.id}`: {error}")

    def stop(self, action: StartRun) -> None:
        """Stop the run of an action."""
        run = self._retraining().run(action)
        if run is not None:
            runs.stop(self._where, run)

    def verdict(self, action: RequestApproval) -> Event | None:
        """Return what somebody decided on a version, or `None`."""
        version = registry.version(self._where, self._deployment().model, action.version)
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
            serving.promote(self._work, self._deployment(), action.version)
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
                serving.promote(self._work, self._deployment(), action.to)
        except MlopsError as error:
            return RollBackFailed(
                id=f"{action.id}-failed", at=self.now(), action_id=action.id, reason=str(error)
            )
        return RolledBack(id=f"{action.id}-done", at=self.now(), action_id=action.id, to=action.to)

    def sign(self, action: Watch) -> Event | None:
        """Return a sign of the endpoint's life or death; `None` while neither is sure."""
        deployment = self._deployment()
        served = serving.deployed(self._work, deployment)
        if served is None:
            return None
        at = self.now()
        since = datetime.fromtimestamp(action.since, UTC)
        if backends.trouble(self._work, deployment, since) is not None:
            return EndpointDead(id=f"dead-{at:.6f}", at=at, version=served.version)
        return EndpointHealthy(id=f"alive-{at:.6f}", at=at, version=served.version)

    def tell(self, action: Notify) -> None:
        """Tell the policy's topic, and the log."""
        name = self.document["name"]
        _log(f"{action.level} {name}: {action.text}")
        said = {"policy": name, "level": action.level, "text": action.text}
        telling.publish(self._where, self.document["topic"], said)

    @property
    def _where(self) -> Place:
        return self.store.where

    @property
    def _work(self) -> serving.Work:
        return serving.Work(place=self._where, log=_log, pause=self.pause)

    def _deployment(self) -> serving.Deployment:
        return serving.load(self._where, self.store.bucket, self.document["endpoint"])

    def _reports(self) -> Reports:
        return Reports(
            where=self._where, bucket=self.store.bucket, monitor=self.document["monitor"]
        )

    def _retraining(self) -> Retraining:
        return Retraining(
            where=self._where,
            bucket=self.store.bucket,
            policy=self.document["name"],
            pipeline=self.document["pipeline"],
        )

    def _served(self) -> int | None:
        now = serving.deployed(self._work, self._deployment())
        return None if now is None else now.version

    def _served_before(self, action: Promote) -> int | None:
        """Return what was served when the action was first begun; a repeated one knows it too."""
        name = f"promotions/{action.id}.json"
        self.store.write(name, {"previous": self._served()}, mark=None)
        noted = self.store.read(name)
        return None if noted is None else noted[0]["previous"]

    def _approve(self, number: int) -> None:
        """Approve what passed its gates, in the policy's name, where promotion is automatic."""
        model = self._deployment().model
        version = registry.version(self._where, model, number)
        is_automatic = self.document["rules"]["promotion"] == AUTOMATIC
        if is_automatic and version.status == registry.PENDING:
            registry.approve(
                self._where,
                model,
                number,
                approver=f"policy {self.document['name']}",
                comment="it passed the gates of the pipeline",
            )


def _log(message: str) -> None:
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()
