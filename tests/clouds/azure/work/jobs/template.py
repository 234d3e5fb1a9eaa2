"""Expressions in commands and bindings: `${{inputs.x}}`, `${{parent.jobs.node.outputs.y}}`.

https://learn.microsoft.com/azure/machine-learning/reference-yaml-core-syntax
"""

import re
from collections.abc import Mapping
from typing import Any

from tests.clouds.azure.work.failures import WorkError

_EXPRESSION = re.compile(r"\$\{\{\s*([^}]+?)\s*\}\}")
_OPTIONAL = re.compile(r"\$\[\[(.*?)\]\]", re.DOTALL)


def filled(text: str, values: Mapping[str, Any]) -> str:
    """Return a text with values in the place of its expressions.

    A part `$[[…]]` is left out when an input in it was not given.

    Args:
        text: the command, or the value of a variable.
        values: by `inputs.x`, `outputs.y`, `search_space.z`.

    Raises:
        WorkError: an expression names what is not there.
    """

    def optional(match: re.Match[str]) -> str:
        given = all(name in values for name in _EXPRESSION.findall(match[1]))
        return match[1] if given else ""

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise WorkError(f"The expression {match[0]} refers to what the job does not have.")
        return _text(values[match[1]])

    return _EXPRESSION.sub(value, _OPTIONAL.sub(optional, text))


def binding(value: Any) -> str:
    """Return what a value is bound to, as `parent.inputs.x`; empty when it is no expression."""
    found = _EXPRESSION.fullmatch(value.strip()) if isinstance(value, str) else None
    return found[1] if found else ""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
