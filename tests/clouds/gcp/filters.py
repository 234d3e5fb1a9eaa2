"""Filters of lists, as far as ours use them, and pages.

Of https://google.aip.dev/160 are played: comparisons joined by `AND` (or a space), `NOT`, `OR` in
parentheses-free form, `:` and the wildcard `*`. What is not understood is refused.
"""

import re
from typing import Any

from tests.clouds.gcp.calls import Body, invalid

_CLAUSE = re.compile(
    r"\s*(NOT\s+|-)?([A-Za-z_][\w.\-/@]*(?:\.\"[^\"]*\")*)\s*(!=|>=|<=|=|>|<|:)\s*"
    r"(\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s()]+)\s*"
)
_JOIN = re.compile(r"(AND|OR)\s+|(?=\S)")
PAGE = 100


def keep(items: list[Body], asked: str) -> list[Body]:
    """Return the resources that a filter lets through.

    Raises:
        CloudError: when the filter is not understood.
    """
    if not asked.strip():
        return items
    groups = _groups(asked)
    return [one for one in items if any(all(_holds(c, one) for c in group) for group in groups)]


_Clause = tuple[bool, str, str, str]


def _groups(asked: str) -> list[list[_Clause]]:
    """Return alternatives of clauses that must all hold."""
    text = asked.strip()
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    groups: list[list[_Clause]] = [[]]
    place = 0
    while place < len(text):
        found = _CLAUSE.match(text, place)
        if found is None:
            raise invalid(f"Invalid filter: `{asked}`; not understood from `{text[place:]}`.")
        negated, path, operator, value = found.groups()
        groups[-1].append((bool(negated), path, operator, _unquoted(value)))
        place = found.end()
        joined = _JOIN.match(text, place)
        if joined and joined.group(1) == "OR":
            groups.append([])
        place = joined.end() if joined else place
    return groups


def _unquoted(value: str) -> str:
    if value[:1] in {'"', "'"}:
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def _holds(clause: _Clause, body: Body) -> bool:
    negated, path, operator, value = clause
    return _compare(_at(body, _camel(path)), operator, value) is not negated


def _camel(path: str) -> str:
    head, _, rest = path.partition(".")
    joined = re.sub(r"_([a-z])", lambda found: found.group(1).upper(), head)
    return f"{joined}.{rest}" if rest else joined


def _at(body: Any, path: str) -> Any:
    while path and isinstance(body, dict):
        if path in body:
            return body[path]
        head, _, path = path.partition(".")
        body = body.get(head.strip('"'))
    return body if not path else None


def _compare(have: Any, operator: str, value: str) -> bool:
    if isinstance(have, list):
        return any(_compare(one, operator, value) for one in have)
    if isinstance(have, dict):
        return operator == ":" and (value == "*" or value in have)
    if operator == ":":
        return have is not None and (value == "*" or value.lower() in str(have).lower())
    text = str(have).lower() if isinstance(have, bool) else str(have or "")
    if operator in {"=", "!="}:
        return _equal(text, value) is (operator == "=")
    return have is not None and _ordered(text, operator, value)


def _equal(text: str, value: str) -> bool:
    if "*" in value:
        pattern = ".*".join(re.escape(part) for part in value.split("*"))
        return re.fullmatch(pattern, text) is not None
    return text == value


def _ordered(text: str, operator: str, value: str) -> bool:
    return {
        ">": text > value,
        "<": text < value,
        ">=": text >= value,
        "<=": text <= value,
    }[operator]


def ordered(items: list[Body], order: str) -> list[Body]:
    """Return resources in the order asked for, as `create_time desc`."""
    for part in reversed([one.strip() for one in order.split(",") if one.strip()]):
        path, _, way = part.partition(" ")
        items = sorted(
            items,
            key=lambda one, path=path: str(_at(one, _camel(path)) or ""),
            reverse=way.strip().lower() == "desc",
        )
    return items


def page(items: list[Body], size: int, token: str, most: int = PAGE) -> tuple[list[Body], str]:
    """Return one page and the token of the next.

    Raises:
        CloudError: when the token is none of ours.
    """
    if token and not token.isdigit():
        raise invalid("Invalid page token.")
    start = int(token or 0)
    end = start + min(size or most, most)
    return items[start:end], str(end) if end < len(items) else ""
