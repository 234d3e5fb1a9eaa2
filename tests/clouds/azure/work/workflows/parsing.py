"""The grammar of expressions: `@{concat('a', triggerBody()?['b'].c[0])}`.

https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.clouds.azure.work.failures import unknown


@dataclass(frozen=True)
class Literal:
    """A value."""

    value: Any


@dataclass(frozen=True)
class Call:
    """A function's call."""

    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True)
class Member:
    """A member or an element of a value."""

    of: "Node"
    key: "Node"
    is_optional: bool
    """Whether null stands for what is not there."""


Node = Literal | Call | Member

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<mark>\?\[|\?\.|[()\[\],.]))"
)
_NAMES: dict[str, Any] = {"true": True, "false": False, "null": None}


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise unknown(f"the expression `{text}`")
        kind = found.lastgroup or ""
        yield kind, found[kind]
        at = found.end()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [*_tokens(text), ("end", "")]
        self.at = 0

    def whole(self) -> Node:
        node = self.node()
        self.take("end")
        return node

    def take(self, kind: str, mark: str = "") -> str:
        found, value = self.tokens[self.at]
        if found != kind or (mark and value != mark):
            raise unknown(f"the expression `{self.text}`")
        self.at += 1
        return value

    def next_is(self, *marks: str) -> bool:
        kind, value = self.tokens[self.at]
        return kind == "mark" and value in marks

    def node(self) -> Node:
        node = self.primary()
        while self.next_is("[", "?[", ".", "?."):
            node = self.member(node)
        return node

    def member(self, of: Node) -> Node:
        mark = self.take("mark")
        if mark in {".", "?."}:
            return Member(of, Literal(self.take("name")), mark == "?.")
        key = self.node()
        self.take("mark", "]")
        return Member(of, key, mark == "?[")

    def primary(self) -> Node:
        kind, value = self.tokens[self.at]
        if kind == "text":
            self.at += 1
            return Literal(value[1:-1].replace("''", "'"))
        if kind == "number":
            self.at += 1
            return Literal(float(value) if set(value) & set(".eE") else int(value))
        name = self.take("name")
        if self.next_is("("):
            return Call(name, tuple(self.arguments()))
        if name in _NAMES:
            return Literal(_NAMES[name])
        raise unknown(f"the expression `{self.text}`")

    def arguments(self) -> Iterator[Node]:
        self.take("mark", "(")
        while not self.next_is(")"):
            yield self.node()
            if not self.next_is(")"):
                self.take("mark", ",")
        self.take("mark", ")")


def parse(text: str) -> Node:
    """Return an expression, without the `@` before it.

    Raises:
        WorkError: it is none that the test cloud knows.
    """
    return _Parser(text).whole()


def closing(text: str, start: int) -> int:
    """Return where the brace closes that an `@{` opened before `start`.

    Raises:
        WorkError: it does not close.
    """
    quoted, depth = False, 0
    for at in range(start, len(text)):
        one = text[at]
        if one == "'":
            quoted = not quoted
        elif not quoted and one == "{":
            depth += 1
        elif not quoted and one == "}":
            if depth == 0:
                return at
            depth -= 1
    raise unknown(f"the expression `{text}`")
