"""Reading the versions of a model, and deciding of one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from mlops_iac.errors import OperationError
from mlops_iac.registry.parts import (
    REGULATED,
    REJECTED,
    Listed,
    Model,
    ModelPolicy,
    Version,
)
from mlops_iac.registry.records import Records
from mlops_iac.wishes import APPROVED


class Decided(Protocol):
    """A version of which somebody decides."""

    @property
    def status(self) -> str:
        """`pending`, `approved` or `rejected`."""
        ...

    @property
    def aliases(self) -> tuple[str, ...]:
        """What it is called."""
        ...

    @property
    def author(self) -> str | None:
        """Whose run made it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Registry:
    """The rules, over one cloud's registry and the records beside it; `place` is its own."""

    listed: Callable[[Any, Model], list[Listed]]
    """Returns the versions of a model, newest first."""
    mark: Callable[[Any, Listed, str], None]
    """Writes what is decided of a version into the cloud's registry."""
    records: Records

    def versions(self, place: Any, model: Model) -> list[Version]:
        """Return the versions of a model with all that is known of them, newest first."""
        return [self._described(place, item) for item in self.listed(place, model)]

    def version(self, place: Any, model: Model, number: int) -> Version:
        """Return one version of a model.

        Raises:
            OperationError: there is none of that number.
        """
        known = self.listed(place, model)
        for item in known:
            if item.number == number:
                return self._described(place, item)
        numbers = ", ".join(f"`{item.number}`" for item in known) or "none"
        raise OperationError(
            f"model `{model.component}` has no version `{number}`",
            remedy=f"its versions are: {numbers}",
        )

    def aliased(self, place: Any, model: Model, alias: str) -> Listed | None:
        """Return the version that an alias names, or `None`."""
        return next((item for item in self.listed(place, model) if alias in item.aliases), None)

    def policy(self, place: Any, model: Model) -> ModelPolicy:
        """Return what was declared of a model."""
        return self.records.policy(place, model)

    def note(self, place: Any, item: Listed, **facts: Any) -> None:
        """Keep facts with a version, beside those that are there; members of `Record` by name."""
        self.records.note(place, item.model, item.number, facts)

    def approve(
        self, place: Any, model: Model, number: int, *, approver: str, comment: str
    ) -> Version:
        """Let a version be deployed; who approved, and why, is kept with it.

        Raises:
            OperationError: it was rejected before, `regulated` wants another person, or the run
                that made it is still registering it.
        """
        return self._decide(place, self.version(place, model, number), APPROVED, approver, comment)

    def reject(
        self, place: Any, model: Model, number: int, *, approver: str, comment: str
    ) -> Version:
        """Refuse a version for good; who refused, and why, is kept with it.

        Raises:
            OperationError: an alias names it.
        """
        return self._decide(place, self.version(place, model, number), REJECTED, approver, comment)

    def _described(self, place: Any, item: Listed) -> Version:
        record = self.records.read(place, item.model, item.number)
        return Version(**vars(item), **vars(record))

    def _decide(
        self, place: Any, current: Version, status: str, approver: str, comment: str
    ) -> Version:
        self._check(place, current, status, approver)
        # The record first: a version that is approved always tells by whom.
        self.note(place, current, approver=approver, comment=comment)
        self.mark(place, current, status)
        return self.version(place, current.model, current.number)

    def _check(self, place: Any, current: Version, status: str, approver: str) -> None:
        name = f"version `{current.number}` of `{current.model.component}`"
        if current.run is not None and current.digest is None:
            raise OperationError(f"{name} is being registered", remedy="try again in a moment")
        check_decision(
            name, current, status, approver, lambda: self.policy(place, current.model).profile
        )


def check_decision(
    name: str, current: Decided, status: str, approver: str, profile: Callable[[], str]
) -> None:
    """Check that a person may decide so of a version.

    Args:
        name: how people are told of the version.
        current: the version as it is.
        status: what is decided.
        approver: who decides.
        profile: returns the profile that its model was declared with.

    Raises:
        OperationError: it was rejected before, an alias names what is rejected, or `regulated`
            wants another person.
    """
    if current.status == REJECTED and status != REJECTED:
        raise OperationError(f"{name} was rejected for good", remedy="train a new version")
    if status == REJECTED and current.aliases:
        raise OperationError(
            f"{name} carries the alias `{current.aliases[0]}`",
            remedy="promote another version first, then reject this one",
        )
    if status == APPROVED and approver == current.author and profile() == REGULATED:
        raise OperationError(
            f"`{approver}` is the author of {name}",
            remedy="in the profile `regulated` somebody else approves: `--approver NAME`",
        )
