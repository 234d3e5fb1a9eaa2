"""An identity's permissions in as many policies as IAM's quotas want.

What fits stands inline in the role; the rest in managed policies that are attached to it. IAM
counts no white space. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

INLINE_LIMIT = 10_240
"""Characters of all inline policies of a role together."""
MANAGED_LIMIT = 6_144
"""Characters of a managed policy."""
MANAGED_COUNT = 10
"""Managed policies of a role, as long as nobody has raised the quota."""
PIECE_LIMIT = MANAGED_LIMIT // 2
"""A longer statement is split by its resources, so that few characters stay unused."""

Document = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The policies of an identity."""

    inline: Document
    managed: Sequence[Document]

    @property
    def are_too_many(self) -> bool:
        """Whether IAM attaches fewer."""
        return len(self.managed) > MANAGED_COUNT


def parts(policy: Document) -> Parts:
    """Return a policy in parts: it is the inline one as long as it fits, then the first that do."""
    if size(policy) <= INLINE_LIMIT:
        return Parts(inline=policy, managed=())
    filled: list[list[Document]] = [[]]
    for statement in (piece for each in policy["Statement"] for piece in _pieces(each)):
        _fill(filled, statement)
    inline, *managed = (_document(statements) for statements in filled)
    return Parts(inline=inline, managed=managed)


def size(document: Document) -> int:
    """Return the length of a document as IAM counts it."""
    return len(json.dumps(document, separators=(",", ":")))


def _fill(filled: list[list[Document]], statement: Document) -> None:
    """Add a statement to the first policy that has room for it, or to another one."""
    for index, statements in enumerate(filled):
        limit = MANAGED_LIMIT if index else INLINE_LIMIT
        if size(_document([*statements, statement])) <= limit:
            statements.append(statement)
            return
    filled.append([statement])


def _pieces(statement: Document) -> Iterator[Document]:
    """Yield a statement, or several over a part of its resources each."""
    waiting, found = [list(statement["Resource"])], list[list[str]]()
    while waiting:
        resources = waiting.pop()
        if len(resources) == 1 or size({**statement, "Resource": resources}) <= PIECE_LIMIT:
            found.append(resources)
        else:
            half = len(resources) // 2
            waiting += [resources[half:], resources[:half]]
    for number, resources in enumerate(found, start=1):
        # A statement's name is unique in its policy.
        sid = statement["Sid"] + (str(number) if len(found) > 1 else "")
        yield {**statement, "Sid": sid, "Resource": resources}


def _document(statements: Sequence[Document]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}
