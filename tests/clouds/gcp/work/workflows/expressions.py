"""Expressions of workflows: https://cloud.google.com/workflows/docs/reference/syntax/expressions."""

import ast
import base64
import json
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.clouds.gcp.work.failures import WorkError, unknown

_WHOLE = re.compile(r"\$\{(.*)\}", re.DOTALL)
_NAMES: Mapping[str, Any] = {"true": True, "false": False, "null": None}
_OPERATORS: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}
Names = Mapping[str, Any]


def _get(of: Mapping[str, Any], keys: Any) -> Any:
    found: Any = of
    for key in [keys] if isinstance(keys, str) else keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "base64.decode": base64.b64decode,
    "default": lambda value, other: other if value is None else value,
    "int": int,
    "json.decode": json.loads,
    "json.encode_to_string": json.dumps,
    "keys": lambda of: [*of],
    "len": len,
    "map.get": _get,
    "string": lambda value: value if isinstance(value, str) else json.dumps(value),
    "text.decode": lambda content: bytes(content).decode(),
    "text.replace_all": lambda of, old, new: of.replace(old, new),
    "text.substring": lambda of, start, end: of[start:end],
    "text.to_lower": str.lower,
}


def value(told: Any, names: Names) -> Any:
    """Return a value of the document with its expressions in it evaluated.

    Raises:
        WorkError: an expression says what is not there, or what the test cloud does not do.
    """
    if isinstance(told, Mapping):
        return {key: value(one, names) for key, one in told.items()}
    if isinstance(told, list):
        return [value(one, names) for one in told]
    whole = _WHOLE.fullmatch(told.strip()) if isinstance(told, str) else None
    if whole is None:
        if isinstance(told, str) and "${" in told:
            raise unknown(f"an expression within a text, `{told}`")
        return told
    return _evaluated(whole[1], names)


def _evaluated(text: str, names: Names) -> Any:
    try:
        return _node(ast.parse(text.strip(), mode="eval").body, names)
    except SyntaxError:
        raise unknown(f"the expression `{text}`") from None
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise WorkError(f"{type(error).__name__}: {error} in the expression `{text}`") from None


def _node(node: ast.expr, names: Names) -> Any:  # noqa: C901, PLR0911  a case each
    match node:
        case ast.Constant(value=constant):
            return constant
        case ast.Name(id=name):
            return _NAMES[name] if name in _NAMES else names[name]
        case ast.Attribute(value=of, attr=name):
            return _node(of, names)[name]
        case ast.Subscript(value=of, slice=key):
            return _node(of, names)[_node(key, names)]
        case ast.BoolOp(op=op, values=values):
            every = all if isinstance(op, ast.And) else any
            return every(_node(one, names) for one in values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _node(operand, names)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_node(left, names), _node(right, names))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_node(left, names), _node(right, names))
        case ast.Call(func=function, args=arguments, keywords=[]):
            return _called(ast.unparse(function), [_node(one, names) for one in arguments], names)
        case ast.List(elts=elements):
            return [_node(one, names) for one in elements]
        case _:
            raise unknown(f"`{ast.unparse(node)}` in an expression of a workflow")


def _called(function: str, arguments: list[Any], names: Names) -> Any:
    if function == "sys.get_env":
        return names["$environment"][arguments[0]]
    if function not in FUNCTIONS:
        raise unknown(f"the function `{function}` of workflows")
    return FUNCTIONS[function](*arguments)
