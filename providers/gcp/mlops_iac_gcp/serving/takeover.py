"""One version taking over from another on an endpoint, step by step, or going back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlops_iac.rolling import Work, takeover
from mlops_iac.splits import ALL, back
from mlops_iac_gcp import lro
from mlops_iac_gcp.errors import ApiError, DeploymentError, QuotaError
from mlops_iac_gcp.faults import is_busy, is_missing, is_taken
from mlops_iac_gcp.serving import capacity, copies, health, traffic
from mlops_iac_gcp.serving.documents import Deployment
from mlops_iac_gcp.serving.filling import Part
from mlops_iac_gcp.serving.states import ENDPOINTS, Endpoint, Running, look, settled

_TRIES = 3
"""Deployments of one model that a lost answer, or somebody else's work, may take."""


def take_off(work: Work, deployment: Deployment, identifier: str) -> None:
    """Take a deployed model off; also when the answer to a first request was lost."""
    now = settled(work, deployment)
    for _ in range(_TRIES):
        if now is None or identifier not in {item.id for item in now.running}:
            return
        body = {"deployedModelId": identifier}
        _operate(work, deployment, "undeployModel", body)
        now = settled(work, deployment)
    raise DeploymentError(f"`{identifier}` does not go off endpoint `{deployment.component}`")


def _operate(work: Work, deployment: Deployment, method: str, body: Mapping[str, Any]) -> None:
    """Change what is deployed; what is under way already, or done, is no error."""
    try:
        lro.run(
            work.place,
            deployment.api("endpoints.deployModel"),
            f"{ENDPOINTS}.{method}",
            {"endpoint": deployment.endpoint},
            body,
            # It names its deployed model: a second request does no harm.
            repeatable=True,
            pause=work.pause,
            log=work.log,
        )
    except ApiError as error:
        if not (is_busy(error) or is_taken(error) or is_missing(error)):
            raise


@dataclass(frozen=True)
class Takeover(takeover.Takeover[Deployment, Endpoint]):
    """One version taking over from another."""

    failed, refused, quota = DeploymentError, ApiError, QuotaError

    def _make(self) -> None:
        for part in self.wish.all:
            self._deploy(part)

    def _old_running(self) -> Running | None:
        return self.before.main()

    def _old(self) -> str | None:
        old = self._old_running()
        return None if old is None else old.id

    def _new(self) -> str:
        return self.wish.main.id

    def _split(self) -> Mapping[str, int]:
        return self.wish.split

    def _split_now(self) -> Mapping[str, int]:
        return (look(self.work, self.deployment) or self.before).split

    def _deploy(self, part: Part) -> None:
        now = settled(self.work, self.deployment)
        for _ in range(_TRIES):
            if now is None or part.id in {item.id for item in now.running}:
                return
            self._send(part, now)
            now = settled(self.work, self.deployment)

    def _send(self, part: Part, now: Endpoint) -> None:
        self.work.log(
            f"endpoint {self.deployment.component}: deploys {part.role}, version "
            f"{part.version.number}"
        )
        before = self._old_running() if part.role == self.wish.main.role else now.challenger()
        body: dict[str, Any] = {"deployedModel": capacity.beginning(part, before)}
        if not now.split:
            # `0` names the model that is being deployed.
            body["trafficSplit"] = {"0": ALL}
        _operate(self.work, self.deployment, "deployModel", body)

    def _trouble(self, since: datetime) -> str | None:
        return health.trouble(self.work, self.deployment, self._running(self.wish.main), since)

    def _finish(self) -> None:
        self._check_running()
        self._move(self.wish.split)

    def _move(self, split: Mapping[str, int]) -> None:
        now = look(self.work, self.deployment)
        if now is None or dict(now.split) != dict(split):
            traffic.move(self.work, self.deployment, split)

    def _check_running(self) -> None:
        for part in self.wish.all:
            running = self._running(part)
            if running.message:
                raise DeploymentError(f"Vertex AI says: {running.message}")

    def _running(self, part: Part) -> Running:
        now = look(self.work, self.deployment)
        for item in () if now is None else now.running:
            if item.id == part.id:
                return item
        raise DeploymentError("it was taken off the endpoint meanwhile")

    def _back(self) -> None:
        """Give the traffic back to what had it, and take off what this deployment has added."""
        had = {item.id for item in self.before.running}
        now = settled(self.work, self.deployment)
        if now is None:
            return
        split = back(self.before.split, self._old(), self.wish.main.id)
        if dict(now.split) != split:
            traffic.move(self.work, self.deployment, split)
        for part in self.wish.all:
            if part.id not in had and part.id in {item.id for item in now.running}:
                take_off(self.work, self.deployment, part.id)
        kept = [item.model.rpartition("/")[2] for item in self.before.running]
        copies.sweep(self.work, self.deployment, kept)

    def _settle(self) -> None:
        """Take off what is ours and is served no more; bring the replicas to their bounds."""
        kept = {part.id for part in self.wish.all}
        now = look(self.work, self.deployment) or self.before
        for running in now.running:
            if running.id not in kept and running.role and not running.share:
                take_off(self.work, self.deployment, running.id)
        for part in self.wish.all:
            capacity.follow(self.work, self.deployment, part, self._running(part))
