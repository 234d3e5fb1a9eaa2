"""Conditions of triggers, in the part of CEL that KFP's compiler writes."""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.clouds.gcp.work.failures import unknown

_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|&&|\|\||!=|!|[^'\"&|!]+|.")
_PYTHON = {"&&": " and ", "||": " or ", "!": " not "}
_COMPARED: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_CASTS: Mapping[str, Callable[[Any], Any]] = {"int": int, "double": float, "string": str}
_NAMES = {"true": True, "false": False}


def holds(condition: str, inputs: Mapping[str, Any]) -> bool:
    """Tell whether a condition holds for the inputs of a task.

    Raises:
        WorkError: it says what the test cloud does not do.
    """
    tokens: list[str] = _TOKEN.findall(condition)
    text = "".join(_PYTHON.get(token, token) for token in tokens)
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        raise unknown(f"the condition `{condition}`") from None
    return bool(_value(tree.body, inputs, condition))


def _value(node: ast.expr, inputs: Mapping[str, Any], whole: str) -> Any:  # noqa: PLR0911  a case each
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name in _NAMES:
            return _NAMES[name]
        case ast.BoolOp(op=op, values=values):
            every = all if isinstance(op, ast.And) else any
            return every(_value(one, inputs, whole) for one in values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, inputs, whole)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, inputs, whole)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARED:
            compare = _COMPARED[type(op)]
            return compare(_value(left, inputs, whole), _value(right, inputs, whole))
        case ast.Call(func=ast.Name(id=name), args=[argument]) if name in _CASTS:
            return _CASTS[name](_value(argument, inputs, whole))
        case ast.Subscript(value=of, slice=ast.Constant(value=str(name))) if _is_inputs(of):
            return inputs[name]
        case _:
            raise unknown(f"`{ast.unparse(node)}` in the condition `{whole}`")


def _is_inputs(node: ast.expr) -> bool:
    return ast.unparse(node) == "inputs.parameter_values"
