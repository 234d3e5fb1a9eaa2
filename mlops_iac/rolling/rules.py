"""Deploying, promoting, going back; which version challenges, and what is not as it was left."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from mlops_iac.errors import MlopsError, OperationError
from mlops_iac.registry import APPROVED, CHAMPION, Listed, Version
from mlops_iac.rolling.backend import Backend, Versions
from mlops_iac.rolling.parts import Challenger, Deployed, Deployment, InService, Work
from mlops_iac.rolling.saved import D, Saved


@dataclass(frozen=True, kw_only=True)
class Rolling(Generic[D]):
    """The rules, over one cloud's registry and places to run."""

    registry: Versions
    backend: Callable[[D], Backend[D]]
    history: Callable[[Work, D], Sequence[InService]]
    """Versions that an endpoint has served, the last one first."""
    saved: Saved[D]
    failed: type[MlopsError]
    """Raised for a version that cannot be served."""

    def converge(self, work: Work, deployment: D) -> Deployed | None:
        """Bring an endpoint to what its document says; `None` while it waits for a version.

        A pinned version is deployed. Under an alias the version that is served stays, whoever
        deployed it; only where nothing is served, the alias's version is deployed.
        """
        if deployment.alias is None:
            return self.deploy(work, deployment, deployment.version or 0)
        now = self.deployed(work, deployment)
        known = {item.number for item in self.registry.listed(work.place, deployment.model)}
        if now is None or now.version not in known:
            return self._first(work, deployment)
        served = self.deploy(work, deployment, now.version)
        if self.registry.aliased(work.place, deployment.model, deployment.alias) is None:
            # A deployment was killed before it moved the alias.
            self._move_alias(work, deployment, served.version)
        return served

    def deploy_first(self, work: Work, deployment: D) -> Deployed | None:
        """Deploy the alias's version where nothing is served yet; `None` when nothing is to do.

        An approval that is told twice, or late, changes nothing.
        """
        self.backend(deployment).settle(work, deployment)
        now = self.deployed(work, deployment)
        # Without traffic it answers nobody: its deployment was interrupted.
        is_serving = now is not None and bool(now.split)
        return None if deployment.alias is None or is_serving else self._first(work, deployment)

    def promote(self, work: Work, deployment: D, number: int) -> Deployed:
        """Serve an approved version first, then move the alias: a bad version moves nothing.

        Raises:
            OperationError: the endpoint is pinned, or the version is not approved.
            MlopsError: the version cannot be served; the one before it goes on serving.
        """
        if deployment.alias is None:
            raise OperationError(
                f"`{deployment.component}` is pinned to one version in the declaration",
                remedy="change `model` there, or let it follow an alias: "
                f"`{deployment.model.component}@{CHAMPION}`",
            )
        served = self.deploy(work, deployment, number)
        self._move_alias(work, deployment, number)
        return served

    def rollback(self, work: Work, deployment: D) -> Deployed:
        """Go back to the approved version that was served before the present one.

        Raises:
            OperationError: it has served no other approved version.
        """
        now = self.deployed(work, deployment)
        current = None if now is None else now.version
        known = self.registry.listed(work.place, deployment.model)
        accepted = {item.number for item in known if item.status == APPROVED}
        for earlier in self.history(work, deployment):
            if earlier.version != current and earlier.version in accepted:
                return self.promote(work, deployment, earlier.version)
        raise OperationError(
            f"`{deployment.component}` has served no other approved version",
            remedy=f"`mlops-iac promote {deployment.component} VERSION` names one",
        )

    def deploy(self, work: Work, deployment: D, number: int) -> Deployed:
        """Serve a version, without a moment in which nothing answers; moves no alias.

        Raises:
            OperationError: the version is not approved, or there is no endpoint.
            MlopsError: it cannot be served, failed while it took over, or is not of this stack.
        """
        version = self.approved(work, deployment, number)
        beside = self.challenging(work, deployment)
        if deployment.challenger is not None and beside is None:
            work.log(_missing(deployment, deployment.challenger))
        split = self.backend(deployment).deploy(work, deployment, version, beside)
        served = self.deployed(work, deployment)
        if served is None or dict(served.split) != dict(split):
            raise self.failed(
                f"`{deployment.component}` was changed meanwhile",
                remedy="`mlops-iac up` brings it to what is declared",
            )
        return served

    def deployed(self, work: Work, deployment: D) -> Deployed | None:
        """Return what an endpoint serves, or `None` when it serves nothing.

        It is read from the endpoint itself, so it is true whoever deployed it.
        """
        return self.backend(deployment).deployed(work, deployment)

    def trouble(self, work: Work, deployment: D, since: datetime) -> str | None:
        """Return in one line what is wrong with what is served, or `None`."""
        return self.backend(deployment).trouble(work, deployment, since)

    def wanted(self, work: Work, deployment: D) -> Listed | None:
        """Return the approved version that an endpoint following an alias begins with.

        As long as no version is the champion, it is the first that was approved.
        """
        known = self.registry.listed(work.place, deployment.model)
        accepted = [item for item in known if item.status == APPROVED]
        named = [item for item in known if deployment.alias in item.aliases]
        if named or deployment.alias != CHAMPION:
            return next((item for item in named if item.status == APPROVED), None)
        return accepted[-1] if accepted else None

    def approved(self, work: Work, deployment: D, number: int) -> Version:
        """Return a version of the model that may be served.

        Raises:
            OperationError: there is none of that number, or nobody approved it.
        """
        version = self.registry.version(work.place, deployment.model, number)
        model = deployment.model.component
        if version.status != APPROVED:
            raise OperationError(
                f"version `{number}` of `{model}` is {version.status}",
                remedy=f"`mlops-iac approve {model} {number}`, "
                "unless it was rejected: then train another",
            )
        return version

    def challenging(self, work: Work, deployment: D) -> Version | None:
        """Return the challenger; `None` as long as its alias names no approved version.

        Raises:
            OperationError: it is pinned to a version that is not there, or that nobody approved.
        """
        rival = deployment.challenger
        if rival is None:
            return None
        if rival.alias is None:
            return self.approved(work, deployment, rival.version or 0)
        named = self.registry.aliased(work.place, deployment.model, rival.alias)
        if named is None or named.status != APPROVED:
            return None
        return self.approved(work, deployment, named.number)

    def drift(
        self, work: Work, deployment: D, now: Deployed | None, *, was_serving: bool
    ) -> str | None:
        """Return in one line what is not as it was left, or `None`.

        Under an alias another approved version is no drift: it was promoted.
        """
        if not self.saved.is_saved(work, deployment):
            return f"its document in the {self.saved.store} is gone"
        if now is None:
            return "nothing is served any more" if was_serving else None
        return self._difference(work, deployment, now)

    def _difference(self, work: Work, deployment: D, now: Deployed) -> str | None:
        if deployment.version is not None and now.version != deployment.version:
            return f"version {now.version} is served instead of the pinned one"
        listed = self.registry.listed(work.place, deployment.model)
        version = {item.number: item for item in listed}.get(now.version)
        if version is None:
            return "what is served is no version of its model"
        if version.status != APPROVED:
            return f"version {now.version} is served and is {version.status}"
        full = self.registry.version(work.place, deployment.model, now.version)
        try:
            rival = self.challenging(work, deployment)
            return self.backend(deployment).drift(work, deployment, full, rival)
        except MlopsError as error:
            return error.message

    def _first(self, work: Work, deployment: D) -> Deployed | None:
        version = self.wanted(work, deployment)
        return None if version is None else self.promote(work, deployment, version.number)

    def _move_alias(self, work: Work, deployment: D, number: int) -> None:
        alias, model = deployment.alias or CHAMPION, deployment.model
        self.registry.set_alias(work.place, model, alias, number)
        work.log(f"`{model.component}@{alias}` is version {number}")


def _missing(deployment: Deployment, rival: Challenger) -> str:
    """Return what a user is told as long as an alias names no challenger."""
    model = deployment.model.component
    return f"`{model}@{rival.alias}` names no approved version: nothing challenges"
