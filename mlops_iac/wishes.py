"""Which version of a model a run works with: pinned, or by an alias.

Stands on the standard library: whoever does a step decides it in its container.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

APPROVED = "approved"
CHAMPION = "champion"
"""Alias that the first approved version takes by itself, and that promotion moves."""


class Candidate(Protocol):
    """What a registry tells of a version."""

    @property
    def number(self) -> int:
        """Its number."""
        ...

    @property
    def status(self) -> str:
        """`pending`, `approved` or `rejected`."""
        ...

    @property
    def aliases(self) -> tuple[str, ...]:
        """Its names."""
        ...


V = TypeVar("V", bound=Candidate)


def wanted(known: Sequence[V], wish: Mapping[str, Any]) -> V | None:
    """Return the approved version that a wish names: pinned, or by alias.

    As long as no version is the champion, it is the first that was approved; not where the wish
    says that there may be none, as of a champion that a candidate is compared with.

    Args:
        known: versions of the model, newest first.
        wish: `{"version": number or None, "alias": text, "may_lack": flag}`.
    """
    fit = [item for item in known if item.status == APPROVED]
    if wish.get("version") is not None:
        return next((item for item in fit if item.number == int(wish["version"])), None)
    named = [item for item in known if wish["alias"] in item.aliases]
    if named or wish["alias"] != CHAMPION:
        return next((item for item in named if item.status == APPROVED), None)
    return fit[-1] if fit and not wish.get("may_lack") else None
