"""Cron expressions as a user may write them, and as every target can carry them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_iac.cron import CRON_FIELDS, cron_fault
from mlops_iac.specs.schedule import Cron


@pytest.mark.parametrize(
    "text",
    [
        "0 3 * * 1",
        "*/15 * * * *",
        "0 0 1 jan *",
        "0 9-17/2 * * mon-fri",
        "5,35 * * * sun,7",
        "  0   3 * *  MON ",
    ],
)
def test_what_crontab_takes_is_taken(text: str) -> None:
    assert cron_fault(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has 0 fields"),
        ("@daily", "has 1 fields"),
        ("0 3 * * * *", "has 6 fields"),
        ("60 * * * *", "`60` is no minute"),
        ("0 24 * * *", "`24` is no hour"),
        ("0 0 0 * *", "`0` is no day of the month"),
        ("0 0 * 13 *", "`13` is no month"),
        ("0 0 * * 8", "`8` is no day of the week"),
        ("0 0 * * fr", "`fr` is no day of the week"),
        ("*/0 * * * *", "`*/0` is no minute"),
        ("30-10 * * * *", "`30-10` is no minute"),
        ("1,,2 * * * *", "`` is no minute"),
        ("0 0 1 * 1", "a day of the month and of the week"),
        ("-1 * * * *", "`-1` is no minute"),
        ("٣ * * * *", "is no minute"),
    ],
)
def test_what_it_does_not_is_refused_in_words(text: str, said: str) -> None:
    assert said in str(cron_fault(text))


def test_spaces_and_capitals_make_no_other_schedule() -> None:
    assert Cron(cron=" 0  3 * * MON ").cron == "0 3 * * mon"


@given(st.data())
def test_every_value_within_its_bounds_is_taken(data: st.DataObject) -> None:
    drawn = [data.draw(st.integers(*bounds[:2])) for bounds in CRON_FIELDS.values()]
    fields = [str(number) for number in drawn]
    fields[data.draw(st.sampled_from([2, 4]))] = "*"

    assert cron_fault(" ".join(fields)) is None
