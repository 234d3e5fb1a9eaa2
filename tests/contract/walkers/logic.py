"""What Logic Apps take as the definition of a workflow.

https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language. Limit: the
actions that ours have, and nothing of what expressions say but their brackets.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.contract.walkers.finding import Finding, Rule

_SOURCE = "Logic Apps, workflow definition language"
_NEEDED = ("$schema", "contentVersion", "triggers", "actions")
_MEMBERS = frozenset({*_NEEDED, "outputs", "parameters", "staticResults"})
_STATES = frozenset({"Succeeded", "Failed", "Skipped", "TimedOut"})
_ACTIONS: Mapping[str, frozenset[str]] = {
    "Http": frozenset({"method", "uri"}),
    "If": frozenset(),
    "Response": frozenset({"statusCode"}),
}
"""Members of `inputs` that an action of a type needs."""
_TRIGGERS = frozenset({"Request", "Recurrence", "Http"})
_AUTHENTICATION = frozenset({"ManagedServiceIdentity"})


def definition(value: object, path: str) -> Iterator[Finding]:
    """Yield what is wrong with a definition; one that is not known yet is fine."""
    if not isinstance(value, Mapping):
        yield _finding(path, Rule.TYPE, value, "a definition is an object")
        return
    if "$unknown" in value:
        return
    for name in _NEEDED:
        if name not in value:
            yield _finding(f"{path}.{name}", Rule.REQUIRED, None, "is required")
    for name in value:
        if name not in _MEMBERS:
            yield _finding(f"{path}.{name}", Rule.UNKNOWN, value[name], "is no member")
    for name, trigger in value.get("triggers", {}).items():
        if trigger.get("type") not in _TRIGGERS:
            place = f"{path}.triggers.{name}.type"
            yield _finding(place, Rule.ENUM, trigger.get("type"), "is no type of a trigger")
    yield from _actions(value.get("actions", {}), f"{path}.actions")


def _actions(actions: Mapping[str, Any], path: str) -> Iterator[Finding]:
    for name, action in actions.items():
        place = f"{path}.{name}"
        yield from _action(action, place)
        for before, states in action.get("runAfter", {}).items():
            if before not in actions:
                yield _finding(f"{place}.runAfter.{before}", Rule.UNKNOWN, before, "no such action")
            for state in states:
                if state not in _STATES:
                    yield _finding(f"{place}.runAfter.{before}", Rule.ENUM, state, "is no state")


def _action(action: Mapping[str, Any], path: str) -> Iterator[Finding]:
    kind = str(action.get("type"))
    if kind not in _ACTIONS:
        yield _finding(f"{path}.type", Rule.ENUM, kind, "is no type of an action")
        return
    inputs = action.get("inputs", {})
    for name in _ACTIONS[kind]:
        if name not in inputs:
            yield _finding(f"{path}.inputs.{name}", Rule.REQUIRED, None, "is required")
    told = inputs.get("authentication")
    if told is not None and told.get("type") not in _AUTHENTICATION:
        where = f"{path}.inputs.authentication.type"
        yield _finding(where, Rule.ENUM, told.get("type"), "is no managed identity")
    for text in _texts(inputs):
        if text.startswith("@") and text.count("(") != text.count(")"):
            yield _finding(f"{path}.inputs", Rule.FORMAT, text, "its brackets do not close")
    if kind == "If":
        if "expression" not in action:
            yield _finding(f"{path}.expression", Rule.REQUIRED, None, "is required")
        yield from _actions(action.get("actions", {}), f"{path}.actions")
        yield from _actions(action.get("else", {}).get("actions", {}), f"{path}.else.actions")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield from re.findall(r"@\{.*?\}(?=[^}]|$)|^@[^@{].*$", value)


def _finding(path: str, rule: Rule, value: object, message: str) -> Finding:
    return Finding(path=path, rule=rule, value=value, message=message, source=_SOURCE)
