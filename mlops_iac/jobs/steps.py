"""Steps of a pipeline: what each is told, and their order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step."""

    name: str
    document: Mapping[str, Any]
    """What it reads from the store; may hold marks of `mlops_iac.late`, and Outputs."""
    verb: StrEnum
    """What it does, a verb of the provider's `work`."""
    after: tuple[str, ...] = ()
    """Steps that must have ended well."""
    judges: bool = False
    """Whether it tells by its verdict whether later steps are done."""
    passed: str | None = None
    """The judging step that must have said yes; always done when `None`."""

    def following(self, names: Iterable[str]) -> Self:
        """Return the step after these steps too."""
        return replace(self, after=tuple(dict.fromkeys((*self.after, *names))))

    def within(self, seconds: int) -> Self:
        """Return the step stopped `seconds` after the run has begun at the latest."""
        bound = min(seconds, self.document.get("run_seconds", seconds))
        return replace(self, document={**self.document, "run_seconds": bound})
