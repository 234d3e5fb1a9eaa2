"""One version taking over from another, step by step, or going back: what is alike everywhere."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from mlops_iac.errors import MlopsError
from mlops_iac.rolling.parts import Work
from mlops_iac.rolling.patience import hold
from mlops_iac.rolling.saved import D
from mlops_iac.rolling.wishes import Parts
from mlops_iac.splits import splits

Before = TypeVar("Before")


@dataclass(frozen=True)
class Takeover(ABC, Generic[D, Before]):
    """One version taking over from another on an endpoint."""

    work: Work
    deployment: D
    wish: Parts[Any]
    before: Before
    """The endpoint, before anything of it was changed."""
    failed: ClassVar[type[MlopsError]]
    """Raised for a version that cannot take over."""
    refused: ClassVar[type[MlopsError]]
    """Raised when the cloud refuses a call."""
    quota: ClassVar[type[MlopsError]]
    """Raised when it lacks the machines; no other version would help."""

    def run(self) -> Mapping[str, int]:
        """Make what serves the version, move the traffic to it; return the split that was made.

        Raises:
            MlopsError: it cannot be served, or failed; the old version has all traffic.
        """
        try:
            self._make()
            self._shift()
        except (self.refused, self.failed) as error:
            self._back()
            if isinstance(error, self.quota):
                raise
            raise self._failure(error) from error
        self._settle()
        return self._split()

    @abstractmethod
    def _make(self) -> None:
        """Make what serves the version beside the old one, without traffic."""

    @abstractmethod
    def _old(self) -> str | None:
        """Return the id of what was served before, or `None`."""

    @abstractmethod
    def _new(self) -> str:
        """Return the id of what takes over."""

    @abstractmethod
    def _split(self) -> Mapping[str, int]:
        """Return the split that is wished for."""

    @abstractmethod
    def _split_now(self) -> Mapping[str, int]:
        """Return the split of the endpoint as it is."""

    @abstractmethod
    def _move(self, split: Mapping[str, int]) -> None:
        """Let the traffic be split so."""

    @abstractmethod
    def _trouble(self, since: datetime) -> str | None:
        """Return in one line what is wrong with what takes over, or `None`."""

    @abstractmethod
    def _finish(self) -> None:
        """Give the wished split."""

    @abstractmethod
    def _back(self) -> None:
        """Give the traffic back to what had it, and remove what was made for nothing."""

    def _settle(self) -> None:
        """Remove what is served no more."""

    def _shift(self) -> None:
        """Move the traffic in steps; look at the new version after each but the last."""
        for share, split in splits(
            self.deployment.steps, self._split_now(), self._old(), self._new()
        ):
            began = self.work.now()
            self._move(split)
            self.work.log(
                f"endpoint {self.deployment.component}: {share} % of the requests go to version "
                f"{self.wish.main.version.number} for {self.deployment.wait_seconds:.0f} s"
            )
            hold(self.work, self.deployment)
            wrong = self._trouble(began)
            if wrong is not None:
                raise self.failed(wrong)
        self._finish()

    def _failure(self, error: MlopsError) -> MlopsError:
        """Return what a user is told of a version that could not take over."""
        number, name = self.wish.main.version.number, self.deployment.component
        reason = getattr(error, "said", error.message)
        return self.failed(
            f"version `{number}` of `{self.deployment.model.component}` cannot be served on "
            f"`{name}`: {reason}",
            remedy="the version that was served before goes on serving; train another"
            if self._old() is not None
            else f"see `mlops-iac logs {name}`",
        )
