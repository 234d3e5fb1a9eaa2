"""What a walker reports: one broken rule at one place."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """The kind of rule that a value breaks."""

    CRON = "cron"
    DEPRECATED = "deprecated"
    DISCRIMINATOR = "discriminator"
    ENUM = "enum"
    FORMAT = "format"
    MAX = "max"
    MIN = "min"
    OPAQUE = "opaque"
    PATTERN = "pattern"
    POLICY = "policy"
    READ_ONLY = "read-only"
    REQUIRED = "required"
    TOKEN = "token"
    TRANSLATION = "translation"
    TYPE = "type"
    UNION = "union"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One broken rule."""

    path: str
    """Place in the checked inputs or body, as `productionVariants[0].instanceType`."""
    rule: Rule
    value: object
    """What stands there; None when something is missing."""
    message: str
    """The rule in words."""
    source: str
    """Where the rule is written: a package's model, or a page."""

    def __str__(self) -> str:
        return f"{self.path or '.'}: {self.message} [{self.rule}] (by {self.source})"


def join(path: str, key: str) -> str:
    """Return the place of `key` in the object at `path`."""
    return f"{path}.{key}" if path else key


def distinct(findings: list[Finding]) -> list[Finding]:
    """Return `findings` with one per place and rule: two truths often say the same thing."""
    seen: dict[tuple[str, Rule], Finding] = {}
    for finding in findings:
        seen.setdefault((finding.path.lower(), finding.rule), finding)
    return list(seen.values())
