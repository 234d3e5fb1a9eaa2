"""The endpoint that a policy renews, by the rules of deploying."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from mlops_iac.registry import Version
from mlops_iac.rolling import Deployment, Rolling, Work

D = TypeVar("D", bound=Deployment)


@dataclass(frozen=True, kw_only=True)
class Renewed(Generic[D]):
    """Implements `mlops_iac.loop.world.Endpoint`."""

    work: Work
    deployment: D
    rules: Rolling[D]

    def served(self) -> int | None:
        """Return the version that is served; `None` while nothing is."""
        now = self.rules.deployed(self.work, self.deployment)
        return None if now is None else now.version

    def promote(self, version: int) -> None:
        """Serve a version."""
        self.rules.promote(self.work, self.deployment, version)

    def trouble(self, since: datetime) -> str | None:
        """Return in one line what is wrong with what is served, or `None`."""
        return self.rules.trouble(self.work, self.deployment, since)

    def version(self, number: int) -> Version:
        """Return a version of the model."""
        return self.rules.registry.version(self.work.place, self.deployment.model, number)

    def approve(self, number: int, *, approver: str, comment: str) -> None:
        """Let a version be deployed."""
        place, model = self.work.place, self.deployment.model
        self.rules.registry.approve(place, model, number, approver=approver, comment=comment)
