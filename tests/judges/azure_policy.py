"""Judges ARM resources by Azure Policy definitions, Microsoft's own JSON. Not a test.

The language: https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule.
What a definition of `azure_policies/` uses is done; anything else raises.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, cast

FOLDER = Path(__file__).parent / "azure_policies"
"""Microsoft's built-in definitions for Machine Learning: Azure/azure-policy, April 2026, MIT."""
RESOURCE_MODES = frozenset({"All", "Indexed"})
"""Modes in which a definition judges resources of ARM; others judge data planes."""
_RELATED = frozenset({"AuditIfNotExists", "DeployIfNotExists"})
Resource = Mapping[str, Any]
"""As ARM has it: `id`, `type`, `name`, `properties` and so on."""


@dataclass(frozen=True)
class Policy:
    """One definition with the parameters of an assignment."""

    name: str
    """The file's."""
    title: str
    mode: str
    parameters: Mapping[str, Any]
    rule: Mapping[str, Any]

    @property
    def effect(self) -> str:
        """What it does with what it finds."""
        return str(_valued(self.rule["then"]["effect"], _Asked({}, self.parameters)))


@cache
def policies() -> tuple[Policy, ...]:
    """Return all definitions with their default parameters."""
    return tuple(_read(path) for path in sorted(FOLDER.glob("*.json")))


def _read(path: Path) -> Policy:
    said = json.loads(path.read_text(encoding="utf-8"))["properties"]
    defaults = {name: one.get("defaultValue") for name, one in said["parameters"].items()}
    return Policy(path.stem, said["displayName"], said["mode"], defaults, said["policyRule"])


def broken(policy: Policy, resources: Sequence[Resource]) -> Iterator[Resource]:
    """Yield the resources that a definition finds fault with."""
    for resource in resources:
        asked = _Asked(resource, policy.parameters)
        if _holds(policy.rule["if"], asked) and not _is_related(policy, resource, resources):
            yield resource


def _is_related(policy: Policy, resource: Resource, resources: Iterable[Resource]) -> bool:
    """Whether what a definition wants to exist beside a resource does."""
    if policy.effect not in _RELATED:
        return False
    details = policy.rule["then"]["details"]
    asked = _Asked(resource, policy.parameters)
    wanted, condition = details["type"], details.get("existenceCondition")
    named = _valued(details["name"], asked) if "name" in details else None
    return any(
        named in {None, other["name"].rpartition("/")[2]}
        and (condition is None or _holds(condition, _Asked(other, policy.parameters)))
        for other in resources
        if other["type"] == wanted and str(other["id"]).startswith(str(resource["id"]))
    )


@dataclass(frozen=True)
class _Asked:
    """A resource, and what expressions may refer to."""

    resource: Resource
    parameters: Mapping[str, Any]
    current: tuple[str, Any] | None = None
    """Alias and element that a count looks at."""


def _holds(rule: Mapping[str, Any], asked: _Asked) -> bool:
    if "allOf" in rule:
        return all(_holds(each, asked) for each in rule["allOf"])
    if "anyOf" in rule:
        return any(_holds(each, asked) for each in rule["anyOf"])
    if "not" in rule:
        return not _holds(rule["not"], asked)
    ((word, wanted),) = (
        (key, value) for key, value in rule.items() if key not in {"field", "value", "count"}
    )
    compare = _OPERATORS[word]
    expected = _valued(wanted, asked)
    return all(compare(found, expected) for found in _left(rule, asked))


def _left(rule: Mapping[str, Any], asked: _Asked) -> list[Any]:
    """Return what is compared: every element, of an alias that names an array."""
    if "count" in rule:
        return [_counted(rule["count"], asked)]
    if "value" in rule:
        return [_valued(rule["value"], asked)]
    return _fields(rule["field"], asked) or [None]


def _counted(count: Mapping[str, Any], asked: _Asked) -> int:
    alias = count["field"]
    where = count.get("where")
    return sum(
        where is None or _holds(where, _Asked(asked.resource, asked.parameters, (alias, each)))
        for each in _fields(alias, asked)
    )


def _fields(alias: str, asked: _Asked) -> list[Any]:
    """Return what an alias names of a resource, each element of an array by itself."""
    if asked.current is not None and alias.startswith(asked.current[0]):
        rest = alias.removeprefix(asked.current[0]).lstrip(".")
        return _walked(asked.current[1], rest.split(".") if rest else [])
    if alias in {"type", "kind", "name", "id", "location"}:
        return [asked.resource.get(alias)]
    kind = str(asked.resource.get("type"))
    if not alias.lower().startswith(f"{kind.lower()}/"):
        return []
    path = alias[len(kind) + 1 :].split(".")
    outer = asked.resource.get("properties") or {}
    # A compute has the members of its own type in `properties` of its `properties`.
    return _walked(outer, path) or _walked(outer.get("properties") or {}, path)


def _walked(value: Any, path: Sequence[str]) -> list[Any]:
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [found for item in items for found in _walked(item, path)]
    if not path:
        return [value]
    word = path[0].removesuffix("[*]")
    found: Any = value.get(word) if isinstance(value, Mapping) else None
    if found is None:
        return []
    return _walked(found, path[1:])


def _same(found: Any, wanted: Any) -> bool:
    # Comparisons pass over case; JSON's true is the text `true`.
    return str(found).lower() == str(wanted).lower() if found is not None else wanted is None


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": _same,
    "notEquals": lambda found, wanted: not _same(found, wanted),
    "in": lambda found, wanted: any(_same(found, one) for one in wanted),
    "notIn": lambda found, wanted: not any(_same(found, one) for one in wanted),
    "exists": lambda found, wanted: (found is not None) == (str(wanted).lower() == "true"),
    "like": lambda found, wanted: fnmatchcase(str(found).lower(), str(wanted).lower()),
    "less": lambda found, wanted: found < wanted,
    "greaterOrEquals": lambda found, wanted: found >= wanted,
}
_CALL = re.compile(r"\s*(\w+)\(")
_TEXT = re.compile(r"\s*'([^']*)'\s*")
_NUMBER = re.compile(r"\s*(\d+)\s*")


def _valued(value: Any, asked: _Asked) -> Any:
    """Return a value; text in brackets is an expression of functions, texts and numbers."""
    if not (isinstance(value, str) and value.startswith("[") and value.endswith("]")):
        return value
    found, rest = _evaluated(value[1:-1], asked)
    if rest.strip():
        raise ValueError(f"the expression `{value}` is not understood from `{rest}` on")
    return found


def _evaluated(text: str, asked: _Asked) -> tuple[Any, str]:
    if match := _TEXT.match(text):
        return match[1], text[match.end() :]
    if match := _NUMBER.match(text):
        return int(match[1]), text[match.end() :]
    match = _CALL.match(text)
    if match is None:
        raise ValueError(f"`{text}` is no expression")
    arguments, rest = [], text[match.end() :]
    while not rest.lstrip().startswith(")"):
        found, rest = _evaluated(rest, asked)
        arguments.append(found)
        rest = rest.lstrip().removeprefix(",")
    return _FUNCTIONS[match[1]](asked, *arguments), rest.lstrip()[1:]


def _field(asked: _Asked, alias: str) -> Any:
    found = _fields(alias, asked)
    return found[0] if found else None


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "concat": lambda _, *parts: "".join(map(str, parts)),
    "current": _field,
    "empty": lambda _, found: not found,
    "field": _field,
    "length": lambda _, found: len(found or ()),
    "padLeft": lambda _, text, width, filler: str(text).rjust(width, filler),
    "parameters": lambda asked, name: asked.parameters[name],
}
