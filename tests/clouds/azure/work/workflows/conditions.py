"""Conditions: an expression, or an object of operators as the designer writes it."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.clouds.azure.work.failures import unknown
from tests.clouds.azure.work.workflows.expressions import Sources, value
from tests.clouds.azure.work.workflows.functions import FUNCTIONS

_JOINED: Mapping[str, Callable[[list[bool]], bool]] = {"and": all, "or": any}


def holds(told: Any, sources: Sources) -> bool:
    """Tell whether a condition holds.

    Raises:
        WorkError: for what the test cloud does not know.
    """
    if isinstance(told, str):
        return value(told, sources) is True
    if not isinstance(told, Mapping) or len(told) != 1:
        raise unknown(f"the condition `{told}`")
    ((operator, operands),) = told.items()
    name = str(operator).lower()
    if name in _JOINED:
        return _JOINED[name]([holds(one, sources) for one in operands])
    if name == "not":
        return not holds(operands, sources)
    if name not in FUNCTIONS:
        raise unknown(f"the operator `{operator}` of conditions")
    return bool(FUNCTIONS[name](*value(operands, sources)))
