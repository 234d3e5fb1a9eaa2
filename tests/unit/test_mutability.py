"""Lookups in tables of mutability.

Proves that the nearest row decides and that silence is unknown. Whether a provider's rows are true
is a matter of their sources; that every set property has one is tested beside each provider.
"""

import pytest

from mlops_iac.mutability import Mutability, mutability, mutability_table

TABLE = mutability_table(
    replaced={"a:Store": ("name", "sku.tier")},
    in_place={"a:Store": ("sku",)},
    unknown={"b": ("x",)},
)


@pytest.mark.parametrize(
    ("token", "place", "expected"),
    [
        ("a:Store", "name", Mutability.REPLACE),
        ("a:Store", "sku.tier", Mutability.REPLACE),
        ("a:Store", "sku.size.unit", Mutability.IN_PLACE),
        ("a:Store", "colour", Mutability.UNKNOWN),
        ("a:Shop", "name", Mutability.UNKNOWN),
        ("b", "x", Mutability.UNKNOWN),
    ],
)
def test_the_nearest_row_decides(token: str, place: str, expected: Mutability) -> None:
    assert mutability(TABLE, token, place) is expected
