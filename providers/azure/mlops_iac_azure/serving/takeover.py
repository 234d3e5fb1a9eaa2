"""One version taking over from another on an endpoint, step by step, or going back."""

from collections.abc import Mapping
from dataclasses import dataclass

from mlops_iac.splits import back, splits
from mlops_iac_azure import lro
from mlops_iac_azure.errors import ApiError, DeploymentError, QuotaError
from mlops_iac_azure.faults import found, is_busy, is_taken
from mlops_iac_azure.serving import assets, capacity, health, traffic
from mlops_iac_azure.serving.documents import Deployment, Work
from mlops_iac_azure.serving.filling import Part, Parts
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
class Takeover:
    """One version taking over from another."""

    work: Work
    deployment: Deployment
    wish: Parts
    before: Endpoint

    def run(self) -> None:
        """Deploy beside the old version, move the traffic, take the old version off.

        Raises:
            DeploymentError: it cannot be deployed, or failed; the old version has all traffic.
        """
        try:
            for part in self.wish.all:
                self._deploy(part)
            self._shift()
        except (ApiError, DeploymentError) as error:
            self._back()
            if isinstance(error, QuotaError):
                raise
            raise self._failed(error) from error
        self._settle()

    def _old(self) -> Running | None:
        old = self.before.main()
        return None if old is None or not old.share else old

    def _old_id(self) -> str | None:
        old = self._old()
        return None if old is None else old.id

    def _deploy(self, part: Part) -> None:
        now = settled(self.work, self.deployment)
        for _ in range(_TRIES):
            running = _named(now, part.name)
            if now is None or (running is not None and running.state == SUCCEEDED):
                return
            if running is not None:
                # A deployment that failed cannot be repaired: it is made anew.
                self._require_idle(running)
                take_off(self.work, self.deployment, part.name)
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
        before = self._old() if part.role == self.wish.main.role else now.challenger()
        body = assets.make(self.work, self.deployment, part)
        body = capacity.beginning(self.deployment, body, before)
        _operate(self.work, self.deployment, "PUT", part.name, body)

    def _shift(self) -> None:
        """Move the traffic in steps; look at the new version after each but the last."""
        self._check_running()
        now = look(self.work, self.deployment) or self.before
        new = self.wish.main.name
        for share, split in splits(self.deployment.steps, now.split, self._old_id(), new):
            began = self.work.now()
            self._move(split, now.mirror)
            self.work.log(
                f"endpoint {self.deployment.component}: {share} % of the requests go to version "
                f"{self.wish.main.version.number} for {self.deployment.wait_seconds:.0f} s"
            )
            traffic.hold(self.work, self.deployment)
            wrong = health.trouble(self.work, self.deployment, self._running(self.wish.main), began)
            if wrong is not None:
                raise DeploymentError(wrong)
        self._check_running()
        self._move(self.wish.split, self.wish.mirror)

    def _move(self, split: Mapping[str, int], mirror: Mapping[str, int]) -> None:
        now = look(self.work, self.deployment)
        if now is None or (dict(now.split), dict(now.mirror)) != (dict(split), dict(mirror)):
            traffic.move(self.work, self.deployment, split, mirror)

    def _check_running(self) -> None:
        for part in self.wish.all:
            running = self._running(part)
            if running.message:
                raise DeploymentError(f"Azure ML says of `{part.name}`: {running.message}")

    def _running(self, part: Part) -> Running:
        running = _named(look(self.work, self.deployment), part.name)
        if running is None:
            raise DeploymentError("it was taken off the endpoint meanwhile")
        return running

    def _back(self) -> None:
        """Give the traffic back to what had it, and take off what this deployment has added."""
        now = settled(self.work, self.deployment)
        if now is None:
            return
        split = back(self.before.split, self._old_id(), self.wish.main.name)
        if (dict(now.split), dict(now.mirror)) != (split, dict(self.before.mirror)):
            traffic.move(self.work, self.deployment, split, self.before.mirror)
        for part in self.wish.all:
            is_kept = part.name in split or part.name in self.before.mirror
            if not is_kept and _named(now, part.name) is not None:
                take_off(self.work, self.deployment, part.name)

    def _failed(self, error: ApiError | DeploymentError) -> DeploymentError:
        number = self.wish.main.version.number
        is_back = self._old() is not None
        return traffic.failure(self.deployment, number, error, is_back=is_back)

    def _settle(self) -> None:
        """Take off what is ours and is served no more; bring the instances to their bounds."""
        kept = {part.name for part in self.wish.all}
        now = look(self.work, self.deployment) or self.before
        for running in now.running:
            if running.id not in kept and running.role and not running.share:
                take_off(self.work, self.deployment, running.id)
        for part in self.wish.all:
            capacity.follow(self.work, self.deployment, part, self._running(part))


def _named(now: Endpoint | None, name: str) -> Running | None:
    known = () if now is None else now.running
    return next((item for item in known if item.id == name), None)
