"""Revisions of a serverless endpoint: the name of each holds role, version and content."""

import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from mlops_iac.registry import Version
from mlops_iac.rolling.parts import CHALLENGER, MAIN
from mlops_iac.rolling.saved import D
from mlops_iac.rolling.takeover import Takeover

_STEM = re.compile(r"(?P<stem>(?P<role>[cm])(?P<version>\d+)-[0-9a-f]{8})(-\d+)?")
_ROLES = {role[0]: role for role in (MAIN, CHALLENGER)}


@dataclass(frozen=True, kw_only=True)
class RevisionPart:
    """One version on a serverless endpoint."""

    version: Version
    id: str
    """Its revision's name after the endpoint's."""
    template: Mapping[str, Any]
    """The revision, without its name."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """A revision that an endpoint's traffic names."""

    id: str
    """Name of the revision."""
    stem: str
    """Empty, as the role, for what is not ours."""
    role: str
    version: int
    share: int
    """Percent of the traffic."""

    @classmethod
    def named(cls, name: str, suffix: str, share: int) -> "Running":
        """Return what a revision's name tells; `suffix` is what follows the endpoint's in it."""
        stem, role, version = read(suffix)
        return cls(id=name, stem=stem, role=role, version=version, share=share)


def read(suffix: str) -> tuple[str, str, int]:
    """Return stem, role and version; two empty ones and 0 for what is not ours."""
    match = _STEM.fullmatch(suffix)
    if match is None:
        return "", "", 0
    return match["stem"], _ROLES[match["role"]], int(match["version"])


class Serverless(Protocol):
    """A serverless endpoint as its cloud describes it."""

    @property
    def split(self) -> Mapping[str, int]:
        """Percent of the traffic by the name of the revision."""
        ...

    def main(self) -> Running | None:
        """Return what is served."""
        ...


S = TypeVar("S", bound=Serverless)


@dataclass(frozen=True)
class RevisionTakeover(Takeover[D, S | None]):
    """One revision taking over from another."""

    names: dict[str, str] = field(default_factory=dict[str, str])
    """Revisions by the ids of parts."""

    @abstractmethod
    def _made(self, part: RevisionPart) -> str:
        """Make the revision of a part, unless it is there; return its name."""

    @abstractmethod
    def _now(self) -> S | None:
        """Return the endpoint as it is, or `None` when there is none."""

    def _make(self) -> None:
        for part in self.wish.all:
            self.names[part.id] = self._made(part)

    def _old(self) -> str | None:
        old = None if self.before is None else self.before.main()
        return None if old is None else old.id

    def _new(self) -> str:
        return self.names[self.wish.main.id]

    def _split(self) -> Mapping[str, int]:
        return {self.names[part]: share for part, share in self.wish.split.items()}

    def _split_now(self) -> Mapping[str, int]:
        now = self._now()
        return {} if now is None else now.split
