"""Values of parameters, and the placeholders in which a container is told of them."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.clouds.gcp.work.failures import WorkError, unknown

_PLACEHOLDER = re.compile(r"\{\{(\$.*?)\}\}")
_INPUT = re.compile(r"\$\.inputs\.parameters\[['\"]([^'\"]+)['\"]\]")
_OUTPUT = re.compile(r"\$\.outputs\.parameters\[['\"]([^'\"]+)['\"]\]\.output_file")
_DYNAMIC = ('{"IfPresent"', '{"Concat"')


def text(value: Any) -> str:
    """Return a value as a container's argument has it."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def typed(told: str, kind: str) -> Any:
    """Return what a container wrote as a value of a parameter's type."""
    return told if kind == "STRING" else json.loads(told)


def filled(
    argument: Any,
    inputs: Mapping[str, Any],
    facts: Mapping[str, str],
    output_file: Callable[[str], str],
) -> Any:
    """Return a text with values in the place of its placeholders; other values as they are.

    Raises:
        WorkError: a placeholder is none that the test cloud fills.
    """
    if not isinstance(argument, str):
        return argument
    if argument.startswith(_DYNAMIC):
        raise unknown(f"the argument `{argument}`")

    def value(match: re.Match[str]) -> str:
        if known := _INPUT.fullmatch(match[1]):
            return text(inputs[known[1]])
        if known := _OUTPUT.fullmatch(match[1]):
            return output_file(known[1])
        if match[1] in facts:
            return facts[match[1]]
        raise unknown(f"the placeholder `{match[0]}`")

    return _PLACEHOLDER.sub(value, argument)


def with_defaults(component: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a component's inputs.

    A task may be given more: KFP's compiler hands over what texts of the task are made with.

    Raises:
        WorkError: a value that is needed was not given.
    """
    definitions = component.get("inputDefinitions", {})
    if definitions.get("artifacts"):
        raise unknown("inputs that are artifacts")
    declared: Mapping[str, Any] = definitions.get("parameters", {})
    values: dict[str, Any] = {}
    for name, one in declared.items():
        if name in given:
            values[name] = given[name]
        elif "defaultValue" in one:
            values[name] = one["defaultValue"]
        elif not one.get("isOptional"):
            raise WorkError(f"The parameter `{name}` is required and was not given.")
    return values
