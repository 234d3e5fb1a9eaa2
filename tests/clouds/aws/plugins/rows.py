"""How a Pulumi type lives in the cloud: which operations make, read, change and remove it.

Most of a call is known from the body that the contract's translation makes of the inputs: a call
takes those members of it that its operation has. A row holds only what that leaves open.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.contract.walkers.shape import Shape

View = Mapping[str, Any]
"""What expressions see: `input`, `old`, `body`, `key` (members of the id), `id`, `state`, `tags`,
`gone` (keys of removed tags), `region`, `account`."""


def _none() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Call:
    """One call of the API. Expressions are JMESPath."""

    operation: str
    given: Mapping[str, str] = field(default_factory=_none)
    """Members that the body does not hold, by expressions over the view."""
    at: str = "@"
    """The part of the answer that matters; `%(Member)s` stands for a member of the id."""
    when: str = ""
    """Expression over the view that must be true; always when empty."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One type."""

    service: str
    id: tuple[str, ...]
    """Members whose values, joined, are the id; as terraform-provider-aws or Cloud Control do."""
    create: Call
    read: tuple[Call, ...]
    """Their answers together are what is found; one that finds nothing means that it is gone."""
    delete: tuple[Call, ...]
    update: tuple[Call, ...] = ()
    also: tuple[Call, ...] = ()
    """After the creation and on every update."""
    separator: str = ","
    made: str = ""
    """Where the creation's answer holds an id that the cloud chose."""
    outputs: Mapping[str, str] = field(default_factory=_none)
    """Outputs by expressions over what is found and the view (`found`)."""
    told: Mapping[str, str] = field(default_factory=_none)
    """Where what is found holds an input, when not under the body's own name."""
    silent: frozenset[str] = frozenset()
    """Inputs that no read of the official provider tells either."""
    gone: str = ""
    """Expression over what is found that is true of a thing that is as good as deleted."""
    status: str = ""
    """Where what is found holds the state; one that ends in `ing` is waited for."""
    prepare: Callable[[View], Mapping[str, Any]] | None = None
    """Members that only code can make."""
    settle: Callable[[View, Callable[..., Any]], None] | None = None
    """What only code can do right after the creation; takes the view and a way to call."""
    empty: Callable[[View, Callable[..., Any]], None] | None = None
    """What must happen inside before it is deleted; takes the view and a way to call."""
    shape: Callable[[], Shape] | None = None
    """The body of an `aws-native` type, which has no translation."""
    tagging: str = ""
    """The row of `TAGGING`, when it is not the service's."""


def words(text: str) -> frozenset[str]:
    """Return the words of `text`: for `Row.silent`."""
    return frozenset(text.split())
