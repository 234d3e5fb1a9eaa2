"""What a changed property does to the thing that exists: changed in place, replaced, or unknown.

No SDK says it, so each provider keeps a table, read from what generates or serves its resources.
What no row says is unknown: a plan shows it as "may replace", and on what holds data it counts as
a replacement.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Mutability(StrEnum):
    """What a change of one property does."""

    IN_PLACE = "in place"
    REPLACE = "replace"
    UNKNOWN = "unknown"


Rows = Mapping[str, Iterable[str]]
"""Names of properties, dotted where nested, by the type token of their resource."""

Table = Mapping[tuple[str, str], Mutability]
"""By type token and property."""


def mutability_table(*, replaced: Rows, in_place: Rows, unknown: Rows | None = None) -> Table:
    """Return one table of the rows of a provider."""
    rows = {
        Mutability.REPLACE: replaced,
        Mutability.IN_PLACE: in_place,
        Mutability.UNKNOWN: unknown or {},
    }
    return {
        (token, name): what
        for what, by_token in rows.items()
        for token, names in by_token.items()
        for name in names
    }


def mutability(table: Table, token: str, place: str) -> Mutability:
    """Return what a change at `place` does to a resource of type `token`.

    A nested place, such as `sku.name`, is judged by its own row, else by that of what holds it.
    """
    parts = place.split(".")
    for length in range(len(parts), 0, -1):
        found = table.get((token, ".".join(parts[:length])))
        if found is not None:
            return found
    return Mutability.UNKNOWN
