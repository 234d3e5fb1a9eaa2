"""What can go wrong, in one shape: a code, a place, a rule and a remedy."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a problem weighs."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong with a declaration, in the words of the person who wrote it."""

    code: str
    """Stable identifier, such as `ref.unknown`; see `docs/reference/problems.md`."""
    component: str
    """Name of the component, or the empty string for the stack itself."""
    field: str
    """Dotted path of the field inside the component."""
    message: str
    """What is wrong, on one line."""
    rule: str = ""
    """The rule that the value breaks."""
    remedy: str = ""
    """What the user can do about it."""
    value: Any = None
    """The offending value; never a secret."""
    severity: Severity = Severity.ERROR
    file: str | None = None
    """File that declares the field; `None` for declarations in Python."""
    line: int | None = None
    """Line of the field in `file`, counted from 1."""

    def at(self, file: str | None, line: int | None) -> "Problem":
        """Return this problem with its place in a file."""
        return replace(self, file=file, line=line)

    def document(self) -> dict[str, Any]:
        """Return the JSON form, as `mlops-iac plan --format json` prints it."""
        return {**asdict(self), "severity": self.severity.value, "value": plain(self.value)}

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}"
        place = f"{self.file}{line}: " if self.file else ""
        where = ".".join(part for part in (self.component, self.field) if part) or "stack"
        lines = [f"{place}{where}: {self.message}"]
        if self.rule:
            lines.append(f"  rule: {self.rule}")
        if self.remedy:
            lines.append(f"  hint: {self.remedy}")
        return "\n".join(lines)


def plain(value: Any) -> Any:
    """Return `value` as something that JSON can hold, and that a person can read."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return str(value)


class MlopsError(Exception):
    """Base of every error this package raises on purpose."""

    code = "error"
    exit_code = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.remedy}" if self.remedy else self.message


class PlanError(MlopsError):
    """A declaration cannot be built; carries every problem found, not just the first."""

    code = "plan"
    exit_code = 2

    def __init__(self, problems: Iterable[Problem], *, title: str = "") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        heading = title or f"the declaration has {count} {noun}"
        super().__init__("\n".join([heading, *map(str, self.problems)]))


class UnknownTargetError(MlopsError):
    """No installed provider serves the target that was asked for."""

    code = "target.unknown"
    exit_code = 2


class ProviderError(MlopsError):
    """A provider package is broken: it cannot be loaded or contradicts itself."""

    code = "provider.broken"


class OperationError(MlopsError):
    """A run-time verb, such as `promote`, was refused or failed."""

    code = "operation"


class NothingToDoError(OperationError):
    """A run-time verb has nothing to do now; that is no failure."""

    code = "operation.nothing-to-do"
