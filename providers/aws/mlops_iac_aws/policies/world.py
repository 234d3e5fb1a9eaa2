"""AWS as a policy sees it: checks, runs, verdicts, the endpoint; and what it does there."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_iac.errors import MlopsError
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
from mlops_iac_aws import registry, serving
from mlops_iac_aws.jobs import runs
from mlops_iac_aws.policies.reports import Reports
from mlops_iac_aws.policies.retraining import Retraining
from mlops_iac_aws.policies.store import Store
from mlops_iac_aws.serving.states import DEAD, IN_SERVICE
from mlops_iac_aws.session import Clients

_SUBJECT_LIMIT = 100
"""botocore sns `Publish.Subject`."""
_VERDICTS: Mapping[str, type[Approved | Rejected]] = {
    APPROVED: Approved,
    REJECTED: Rejected,
}


@dataclass(frozen=True, kw_only=True)
class AwsWorld:
    """One policy's world; `document` is what `up` wrote of it."""

    clients: Clients
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
        """Start the run of an action, once."""
        self._retraining().start(action)

    def stop(self, action: StartRun) -> None:
        """Stop the run of an action."""
        run = self._retraining().run(action)
        if run is not None:
            runs.stop(self.clients, run)

    def verdict(self, action: RequestApproval) -> Event | None:
        """Return what somebody decided on a version, or `None`."""
        version = registry.version(self.clients, self._group, action.version)
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
        now = serving.deployed(self._work, self.document["endpoint_name"])
        at = self.now()
        if now is None:
            return None
        if now.status in DEAD or self._rings(action.since):
            return EndpointDead(id=f"dead-{at:.6f}", at=at, version=now.version)
        if now.status != IN_SERVICE:
            return None
        return EndpointHealthy(id=f"alive-{at:.6f}", at=at, version=now.version)

    def tell(self, action: Notify) -> None:
        """Tell the monitor's topic, and the log."""
        sys.stdout.write(f"{action.level} {self.document['name']}: {action.text}\n")
        subject = f"{action.level}: {self.document['name']}"
        self.clients("sns").publish(
            TopicArn=self.document["topic"],
            Subject=subject[:_SUBJECT_LIMIT],
            Message=action.text,
        )

    @property
    def _group(self) -> str:
        return self.document["model_group"]

    @property
    def _work(self) -> serving.Work:
        return serving.Work(clients=self.clients, log=_log, pause=self.pause)

    def _deployment(self) -> serving.Deployment:
        return serving.load(self.clients, self.store.bucket, self.document["endpoint"])

    def _reports(self) -> Reports:
        return Reports(
            clients=self.clients, bucket=self.store.bucket, prefixes=self.document["reports"]
        )

    def _retraining(self) -> Retraining:
        return Retraining(
            clients=self.clients,
            bucket=self.store.bucket,
            policy=self.document["name"],
            definition_key=self.document["definition"],
        )

    def _served(self) -> int | None:
        now = serving.deployed(self._work, self.document["endpoint_name"])
        return None if now is None else now.version

    def _served_before(self, action: Promote) -> int | None:
        """Return what was served when the action was first begun; a repeated one knows it too."""
        name = f"promotions/{action.id}.json"
        self.store.write(name, {"previous": self._served()}, mark=None)
        noted = self.store.read(name)
        return None if noted is None else noted[0]["previous"]

    def _approve(self, number: int) -> None:
        """Approve what passed its gates, in the policy's name, where promotion is automatic."""
        version = registry.version(self.clients, self._group, number)
        is_automatic = self.document["rules"]["promotion"] == AUTOMATIC
        if is_automatic and version.status == PENDING:
            registry.approve(
                self.clients,
                self._group,
                number,
                approver=f"policy {self.document['name']}",
                comment="it passed the gates of the pipeline",
            )

    def _rings(self, since: float) -> bool:
        """Whether an alarm of the endpoint rang after the watch began."""
        names = list(self.document["alarms"])
        told = self.clients("cloudwatch").describe_alarms(AlarmNames=names)
        return any(
            alarm["StateValue"] == "ALARM" and alarm["StateUpdatedTimestamp"].timestamp() >= since
            for alarm in told["MetricAlarms"]
        )


def _log(message: str) -> None:
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()
