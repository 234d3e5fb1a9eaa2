"""One version taking over from another on an endpoint, step by step, or going back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mlops_iac.rolling import Work, takeover
from mlops_iac.splits import back
from mlops_iac_azure import lro
from mlops_iac_azure.errors import ApiError, DeploymentError, QuotaError
from mlops_iac_azure.faults import found, is_busy, is_taken
from mlops_iac_azure.serving import assets, capacity, health, traffic
from mlops_iac_azure.serving.documents import Deployment
from mlops_iac_azure.serving.filling import Part
from mlops_iac_azure.serving.states import SUCCEEDED, Endpoint, Running, look, settled

_TRIES = 3
"""Deployments of one version that a lost answer, or somebody else's work, may take."""


def take_off(work: Work, deployment: Deployment, name: str) -> None:
    """Remove a deployment without traffic; also when the answer to a first request was lost."""
    capacity.release(work, deployment, name)
    now = settled(work, deployment)
    for _ in range(_TRIES):
        if now is None or name not in {item.id for item in now.running}:
            return
        _operate(work, deployment, "DELETE", name)
        now = settled(work, deployment)
    raise DeploymentError(f"`{name}` does not go off endpoint `{deployment.component}`")


def _operate(
    work: Work,
    deployment: Deployment,
    verb: str,
    name: str,
    body: Mapping[str, object] | None = None,
) -> None:
    """Change a deployment; what is under way already, or done, is no error."""
    path = f"{deployment.endpoint}/deployments/{name}"
    try:
        # It names its deployment: a second request does no harm.
        found(lro.run, work.place, verb, path, body, pause=work.pause, log=work.log)
    except ApiError as error:
        if not (is_busy(error) or is_taken(error)):
            raise


@dataclass(frozen=True)
class Takeover(takeover.Takeover[Deployment, Endpoint]):
    """One version taking over from another."""

    failed, refused, quota = DeploymentError, ApiError, QuotaError

    def _make(self) -> None:
        for part in self.wish.all:
            self._deploy(part)

    def _old_running(self) -> Running | None:
        old = self.before.main()
        return None if old is None or not old.share else old

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
            running = _named(now, part.id)
            if now is None or (running is not None and running.state == SUCCEEDED):
                return
            if running is not None:
                # A deployment that failed cannot be repaired: it is made anew.
                self._require_idle(running)
                take_off(self.work, self.deployment, part.id)
            self._send(part, now)
            now = settled(self.work, self.deployment)

    def _require_idle(self, running: Running) -> None:
        if running.share:
            raise DeploymentError(f"`{running.id}` has {running.share} % of the traffic and failed")

    def _send(self, part: Part, now: Endpoint) -> None:
        self.work.log(
            f"endpoint {self.deployment.component}: deploys {part.role}, version "
            f"{part.version.number}"
        )
        before = self._old_running() if part.role == self.wish.main.role else now.challenger()
        body = assets.make(self.work, self.deployment, part)
        body = capacity.beginning(self.deployment, body, before)
        _operate(self.work, self.deployment, "PUT", part.id, body)

    def _shift(self) -> None:
        self._check_running()
        super()._shift()

    def _trouble(self, since: datetime) -> str | None:
        return health.trouble(self.work, self.deployment, self._running(self.wish.main), since)

    def _finish(self) -> None:
        self._check_running()
        self._move(self.wish.split, self.wish.mirror)

    def _move(self, split: Mapping[str, int], mirror: Mapping[str, int] | None = None) -> None:
        now = look(self.work, self.deployment)
        copied = (now or self.before).mirror if mirror is None else mirror
        if now is None or (dict(now.split), dict(now.mirror)) != (dict(split), dict(copied)):
            traffic.move(self.work, self.deployment, split, copied)

    def _check_running(self) -> None:
        for part in self.wish.all:
            running = self._running(part)
            if running.message:
                raise DeploymentError(f"Azure ML says of `{part.id}`: {running.message}")

    def _running(self, part: Part) -> Running:
        running = _named(look(self.work, self.deployment), part.id)
        if running is None:
            raise DeploymentError("it was taken off the endpoint meanwhile")
        return running

    def _back(self) -> None:
        """Give the traffic back to what had it, and take off what this deployment has added."""
        now = settled(self.work, self.deployment)
        if now is None:
            return
        split = back(self.before.split, self._old(), self.wish.main.id)
        if (dict(now.split), dict(now.mirror)) != (split, dict(self.before.mirror)):
            traffic.move(self.work, self.deployment, split, self.before.mirror)
        for part in self.wish.all:
            is_kept = part.id in split or part.id in self.before.mirror
            if not is_kept and _named(now, part.id) is not None:
                take_off(self.work, self.deployment, part.id)

    def _settle(self) -> None:
        """Take off what is ours and is served no more; bring the instances to their bounds."""
        kept = {part.id for part in self.wish.all}
        now = look(self.work, self.deployment) or self.before
        for running in now.running:
            if running.id not in kept and running.role and not running.share:
                take_off(self.work, self.deployment, running.id)
        for part in self.wish.all:
            capacity.follow(self.work, self.deployment, part, self._running(part))


def _named(now: Endpoint | None, name: str) -> Running | None:
    known = () if now is None else now.running
    return next((item for item in known if item.id == name), None)
