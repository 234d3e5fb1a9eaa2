"""Deploying, promoting, rolling back, undeploying: what changes what an endpoint serves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac_gcp import lro, registry
from mlops_iac_gcp.errors import ApiError, DeploymentError, QuotaError
from mlops_iac_gcp.faults import is_busy, is_missing, is_taken
from mlops_iac_gcp.registry import APPROVED, CHAMPION
from mlops_iac_gcp.serving import capacity, copies, documents, health, traffic
from mlops_iac_gcp.serving.challengers import approved, challenging, missing, wanted
from mlops_iac_gcp.serving.documents import Deployment, Work
from mlops_iac_gcp.serving.filling import Part, Parts, filled
from mlops_iac_gcp.serving.states import (
    ENDPOINTS,
    POLL_SECONDS,
    Deployed,
    Endpoint,
    Running,
    deployed,
    look,
    settled,
)

_TRIES = 3
"""Deployments of one model that a lost answer, or somebody else's work, may take."""


def save(work: Work, deployment: Deployment) -> None:
    """Write the document by which an endpoint is deployed from now on.

    Raises:
        NotOursError: there is an endpoint of that name that is not of this stack.
    """
    now = look(work, deployment)
    if now is not None:
        copies.require_ours(deployment, now.name, now.labels)
    documents.save(work, deployment)


def converge(work: Work, deployment: Deployment) -> Deployed | None:
    """Bring an endpoint to what its document says; `None` while it waits for a version.

    A pinned version is deployed. Under an alias the version that is served stays, whoever deployed
    it; only where nothing is served, the alias's version is deployed.
    """
    if deployment.alias is None:
        return deploy(work, deployment, deployment.version or 0)
    now = deployed(work, deployment)
    if now is None or now.version not in _known(work, deployment):
        return _first(work, deployment)
    served = deploy(work, deployment, now.version)
    if registry.aliased(work.place, deployment.model, deployment.alias) is None:
        # A deployment was killed before it moved the alias.
        _move_alias(work, deployment, served.version)
    return served


def deploy_first(work: Work, deployment: Deployment) -> Deployed | None:
    """Deploy the alias's version where nothing is served yet; `None` when there is nothing to do.

    An approval that is told twice, or late, changes nothing.
    """
    settled(work, deployment)
    is_serving = deployed(work, deployment) is not None
    return None if deployment.alias is None or is_serving else _first(work, deployment)


def promote(work: Work, deployment: Deployment, number: int) -> Deployed:
    """Serve an approved version first, then move the alias: a bad version moves nothing.

    Raises:
        OperationError: the endpoint is pinned, or the version is not approved.
        DeploymentError: the version cannot be served; the one before it goes on serving.
    """
    if deployment.alias is None:
        raise OperationError(
            f"`{deployment.component}` is pinned to one version in the declaration",
            remedy="change `model` there, or let it follow an alias: "
            f"`{deployment.model.component}@{CHAMPION}`",
        )
    served = deploy(work, deployment, number)
    _move_alias(work, deployment, number)
    return served


def rollback(work: Work, deployment: Deployment) -> Deployed:
    """Go back to the approved version that was served before the present one.

    Raises:
        OperationError: it has served no other approved version.
    """
    now = deployed(work, deployment)
    current = None if now is None else now.version
    known = registry.listed(work.place, deployment.model)
    accepted = {item.number for item in known if item.status == APPROVED}
    for earlier in copies.history(work, deployment):
        if earlier.served and earlier.version != current and earlier.version in accepted:
            return promote(work, deployment, earlier.version)
    raise OperationError(
        f"`{deployment.component}` has served no other approved version",
        remedy=f"`mlops-iac promote {deployment.component} VERSION` names one",
    )


def deploy(work: Work, deployment: Deployment, number: int) -> Deployed:
    """Serve a version, without a moment in which nothing answers; moves no alias.

    Raises:
        OperationError: the version is not approved, or there is no endpoint.
        DeploymentError: it cannot be served, or failed while it took over.
        NotOursError: there is an endpoint of that name that is not of this stack.
    """
    wish = _wish(work, deployment, number)
    before = _frame(work, deployment)
    for part in wish.all:
        copies.make(work, deployment, part)
    _set_timeout(work, deployment, before)
    _Rollout(work, deployment, wish, before).run()
    copies.note_served(work, wish.main.deployed["model"])
    copies.sweep(work, deployment, [part.copy_id for part in wish.all])
    served = deployed(work, deployment)
    if served is None or dict(served.split) != dict(wish.split):
        raise DeploymentError(
            f"`{deployment.component}` was changed meanwhile",
            remedy="`mlops-iac up` brings it to what is declared",
        )
    return served


def undeploy(work: Work, deployment: Deployment) -> None:
    """Take everything off an endpoint, also what the loop deployed; remove copies and document.

    Traffic first, then deployed models, copies, the document; the endpoint itself is the frame's.
    """
    now = settled(work, deployment)
    if now is not None:
        copies.require_ours(deployment, now.name, now.labels)
        if now.split:
            traffic.move(work, deployment, {})
        for running in now.running:
            _undeploy(work, deployment, running.id)
    copies.sweep(work, deployment, ())
    documents.forget(work, deployment)


def _known(work: Work, deployment: Deployment) -> set[int]:
    return {item.number for item in registry.listed(work.place, deployment.model)}


def _first(work: Work, deployment: Deployment) -> Deployed | None:
    version = wanted(work, deployment)
    return None if version is None else promote(work, deployment, version.number)


def _move_alias(work: Work, deployment: Deployment, number: int) -> None:
    alias, model = deployment.alias or CHAMPION, deployment.model
    registry.set_alias(work.place, model, alias, number)
    work.log(f"`{model.component}@{alias}` is version {number}")


def _wish(work: Work, deployment: Deployment, number: int) -> Parts:
    version = approved(work, deployment, number)
    beside = challenging(work, deployment)
    if deployment.challenger is not None and beside is None:
        work.log(missing(deployment))
    return filled(deployment, version, beside)


def _frame(work: Work, deployment: Deployment) -> Endpoint:
    now = settled(work, deployment)
    if now is None:
        raise OperationError(
            f"there is no endpoint `{deployment.component}`", remedy="run `mlops-iac up` first"
        )
    copies.require_ours(deployment, now.name, now.labels)
    return now


def _set_timeout(work: Work, deployment: Deployment, now: Endpoint) -> None:
    """Set how long a prediction may take: `update` takes it, and the frame's resource does not."""
    body = deployment.body("endpoints.update")
    if now.timeout != body["endpoint"]["clientConnectionConfig"]["inferenceTimeout"]:
        params = {"name": deployment.endpoint}
        api = deployment.api("endpoints.update")
        lro.run(
            work.place,
            api,
            f"{ENDPOINTS}.update",
            params,
            body,
            repeatable=True,
            pause=work.pause,
        )


def _undeploy(work: Work, deployment: Deployment, identifier: str) -> None:
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
class _Rollout:
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
        return self.before.main()

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
        before = self._old() if part.role == self.wish.main.role else now.challenger()
        body: dict[str, Any] = {"deployedModel": capacity.beginning(part, before)}
        if not now.split:
            # `0` names the model that is being deployed.
            body["trafficSplit"] = {"0": traffic.ALL}
        _operate(self.work, self.deployment, "deployModel", body)

    def _shift(self) -> None:
        """Move the traffic in steps; look at the new version after each but the last."""
        now = look(self.work, self.deployment) or self.before
        for share, split in traffic.steps(self.deployment, now, self._old(), self.wish.main.id):
            began = self.work.now()
            self._move(split)
            self.work.log(
                f"endpoint {self.deployment.component}: {share} % of the requests go to version "
                f"{self.wish.main.version.number} for {self.deployment.wait_seconds:.0f} s"
            )
            self._wait()
            found_now = self._running(self.wish.main)
            wrong = health.trouble(self.work, self.deployment, found_now, began)
            if wrong is not None:
                raise DeploymentError(wrong)
        self._check_running()
        self._move(self.wish.split)

    def _wait(self) -> None:
        waited = 0.0
        while waited < self.deployment.wait_seconds:
            pause = min(POLL_SECONDS, self.deployment.wait_seconds - waited)
            self.work.pause(pause)
            waited += pause

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
        split = self._split_before()
        if dict(now.split) != split:
            traffic.move(self.work, self.deployment, split)
        for part in self.wish.all:
            if part.id not in had and part.id in {item.id for item in now.running}:
                _undeploy(self.work, self.deployment, part.id)
        kept = [item.model.rpartition("/")[2] for item in self.before.running]
        copies.sweep(self.work, self.deployment, kept)

    def _split_before(self) -> dict[str, int]:
        """Return the split to go back to: an interrupted rollout's share is the old version's."""
        old, split = self._old(), dict(self.before.split)
        new = self.wish.main.id
        if old is not None and old.id != new and new in split:
            split[old.id] = split.get(old.id, 0) + split.pop(new)
        return split

    def _failed(self, error: ApiError | DeploymentError) -> DeploymentError:
        reason = error.said if isinstance(error, ApiError) else error.message
        version, name = self.wish.main.version, self.deployment.component
        is_back = self._old() is not None
        return DeploymentError(
            f"version `{version.number}` of `{self.deployment.model.component}` cannot be served "
            f"on `{name}`: {reason}",
            remedy="the version that was served before goes on serving; train another"
            if is_back
            else f"see `mlops-iac logs {name}`",
        )

    def _settle(self) -> None:
        """Take off what is ours and is served no more; bring the replicas to their bounds."""
        kept = {part.id for part in self.wish.all}
        now = look(self.work, self.deployment) or self.before
        for running in now.running:
            if running.id not in kept and running.role and not running.share:
                _undeploy(self.work, self.deployment, running.id)
        for part in self.wish.all:
            capacity.follow(self.work, self.deployment, part, self._running(part))
