"""Choosing a machine from a table: `mlops_iac.compute`.

Proves the order and the choice on small tables, and by Hypothesis that nothing cheaper would do.
The providers' own tables, and what is special in them, are tested beside each provider.
"""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from mlops_iac.compute import by_price, cheapest, largest, offers
from mlops_iac.specs import Accelerator, AcceleratorKind, Compute


@dataclass(frozen=True)
class Row:
    vcpu: int
    memory_gb: float
    price: float | None = None
    accelerator: AcceleratorKind | None = None
    accelerators: int = 0


T4 = AcceleratorKind.T4
SMALL, MIDDLE, LARGE = Row(2, 8, 0.1), Row(4, 16, 0.2), Row(8, 32, 0.4)
ONE, FOUR = Row(4, 16, 0.05, T4, 1), Row(32, 64, 4.0, T4, 4)
UNPRICED = Row(2, 8)
TABLE = by_price((UNPRICED, FOUR, LARGE, SMALL, ONE, MIDDLE))


def test_the_cheapest_come_first_and_the_unpriced_last() -> None:
    assert TABLE == (ONE, SMALL, MIDDLE, LARGE, FOUR, UNPRICED)
    assert by_price((Row(4, 16), UNPRICED)) == (UNPRICED, Row(4, 16))


def test_an_accelerator_is_given_only_to_who_asks() -> None:
    assert cheapest(TABLE, Compute(cpu=2, memory_gb=8)) is SMALL
    assert cheapest(TABLE, Compute(accelerator=Accelerator(kind=T4))) is ONE
    assert cheapest(TABLE, Compute(accelerator=Accelerator(kind=T4, count=2))) is FOUR
    assert cheapest(TABLE, Compute(accelerator=Accelerator(kind=AcceleratorKind.L4))) is None


def test_what_is_special_on_a_provider_decides_too() -> None:
    assert cheapest(TABLE, Compute(cpu=2), lambda row: row.price is None) is UNPRICED


def test_the_largest_is_of_the_kind_that_is_asked() -> None:
    assert largest(TABLE, Compute(cpu=100)) is LARGE
    assert largest(TABLE, Compute(accelerator=Accelerator(kind=T4))) is FOUR
    assert largest(TABLE, Compute(accelerator=Accelerator(kind=AcceleratorKind.H100))) is None


ROWS = st.builds(
    Row,
    vcpu=st.integers(1, 16),
    memory_gb=st.integers(1, 64),
    price=st.none() | st.floats(0.01, 9),
    accelerator=st.sampled_from((None, T4)),
    accelerators=st.just(1),
)


@given(st.lists(ROWS, max_size=12), st.integers(1, 16), st.integers(1, 64))
def test_nothing_cheaper_would_do(rows: list[Row], cpu: int, memory_gb: int) -> None:
    asked = Compute(cpu=cpu, memory_gb=memory_gb)

    found = cheapest(by_price(rows), asked)

    fitting = [row for row in rows if offers(row, asked)]
    assert (found is None) == (not fitting)
    known = [row.price for row in fitting if row.price is not None]
    assert found is None or not known or found.price == min(known)
