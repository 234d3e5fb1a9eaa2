"""Values of a definition with their expressions evaluated."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.clouds.azure.work.failures import WorkError, unknown
from tests.clouds.azure.work.workflows.functions import FUNCTIONS, text
from tests.clouds.azure.work.workflows.parsing import Call, Literal, Member, Node, closing, parse

Sources = Mapping[str, Callable[..., Any]]
"""What functions tell of the run itself, as `triggerbody`, `body`; their names in lower case."""


def value(told: Any, sources: Sources) -> Any:
    """Return a value of the definition with its expressions in it evaluated.

    Raises:
        WorkError: an expression says what is not there, or what the test cloud does not do.
    """
    if isinstance(told, Mapping):
        return {str(value(key, sources)): value(one, sources) for key, one in told.items()}
    if isinstance(told, list):
        return [value(one, sources) for one in told]
    return _filled(told, sources) if isinstance(told, str) else told


def _filled(told: str, sources: Sources) -> Any:
    if told.startswith("@@"):
        return told[1:]
    if told.startswith("@{") and closing(told, 2) == len(told) - 1:
        return text(_evaluated(told[2:-1], sources))
    if told.startswith("@") and not told.startswith("@{"):
        return _evaluated(told[1:], sources)
    return _interpolated(told, sources)


def _interpolated(told: str, sources: Sources) -> str:
    parts: list[str] = []
    at = 0
    while (start := told.find("@{", at)) >= 0:
        end = closing(told, start + 2)
        if told[:start].endswith("@"):
            parts.append(told[at : start - 1] + told[start : end + 1])
        else:
            parts += [told[at:start], text(_evaluated(told[start + 2 : end], sources))]
        at = end + 1
    return "".join([*parts, told[at:]])


def _evaluated(expression: str, sources: Sources) -> Any:
    try:
        return _node(parse(expression), sources)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise WorkError(
            f"InvalidTemplate. Unable to process template language expression '{expression}': "
            f"{type(error).__name__}: {error}",
            "InvalidTemplate",
        ) from None


def _node(node: Node, sources: Sources) -> Any:
    match node:
        case Literal(told):
            return told
        case Member(of, key, is_optional):
            return _member(_node(of, sources), _node(key, sources), is_optional=is_optional)
        case Call(name, arguments):
            return _called(name.lower(), arguments, sources)


def _member(of: Any, key: Any, *, is_optional: bool) -> Any:
    if of is None:
        if is_optional:
            return None
        raise TypeError(f"'{key}' of null cannot be evaluated")
    if isinstance(of, Mapping):
        folded: dict[str, Any] = {str(name).lower(): one for name, one in of.items()}
        if str(key).lower() in folded:
            return folded[str(key).lower()]
        if is_optional:
            return None
        raise KeyError(key)
    if isinstance(of, Sequence) and isinstance(key, int):
        return None if is_optional and not -len(of) <= key < len(of) else of[key]
    raise TypeError(f"'{key}' cannot be selected from a value of type {type(of).__name__}")


def _called(name: str, arguments: Sequence[Node], sources: Sources) -> Any:
    # These evaluate no more than they need.
    if name in _LAZY:
        return _LAZY[name](arguments, lambda one: _node(one, sources))
    function = sources.get(name) or FUNCTIONS.get(name)
    if function is None:
        raise unknown(f"the function `{name}` of Logic Apps")
    return function(*(_node(one, sources) for one in arguments))


_Evaluate = Callable[[Node], Any]


def _if(arguments: Sequence[Node], evaluate: _Evaluate) -> Any:
    return evaluate(arguments[1] if evaluate(arguments[0]) else arguments[2])


def _coalesce(arguments: Sequence[Node], evaluate: _Evaluate) -> Any:
    return next((told for one in arguments if (told := evaluate(one)) is not None), None)


_LAZY: Mapping[str, Callable[[Sequence[Node], _Evaluate], Any]] = {
    "and": lambda arguments, evaluate: all(bool(evaluate(one)) for one in arguments),
    "or": lambda arguments, evaluate: any(bool(evaluate(one)) for one in arguments),
    "if": _if,
    "coalesce": _coalesce,
}
