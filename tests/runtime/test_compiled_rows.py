"""Proves that the quick reader takes nothing that the plain one refuses, and reads it the same.

What it leaves to the plain one (`None`) costs time, never a verdict; that it takes the usual
forms at all is a test of its own.
"""

import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_iac.runtime.compiled.rows import RowReader, can_read
from mlops_iac.runtime.errors import PayloadError
from mlops_iac.runtime.server.capture import columns_of
from mlops_iac.runtime.server.payload import parse_json
from mlops_iac.runtime.signature import Column, Signature, Tensor

TYPES = {
    "x": "double", "f": "float", "n": "long", "i": "integer", "t": "boolean", "s": "string",
}  # fmt: skip
SIGNATURE = Signature(
    columns=tuple(
        Column(name=name, type=kind, is_required=name != "x") for name, kind in TYPES.items()
    )
)
NAMES = list(SIGNATURE.names)
READER = RowReader(SIGNATURE)
USUAL = {
    "x": st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-99, 99),
    "f": st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32),
    "n": st.integers(-(2**53), 2**53),
    "i": st.integers(-(2**31), 2**31 - 1),
    "t": st.booleans(),
    "s": st.none() | st.text(),
}
ROWS = st.lists(st.tuples(*(USUAL[name] for name in NAMES)).map(list), min_size=1, max_size=4)
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(2**53, 2**65), st.floats(), st.text(),
    st.sampled_from(["1.5", "nan", "", 2**1030, 1e39, 1.0]), st.just([1]),
    st.dictionaries(st.text(max_size=1), st.none(), max_size=1),
)  # fmt: skip


@st.composite
def bodies(draw: st.DrawFn, *, is_odd: bool) -> Any:
    """Draw a document of any form; an odd one has something changed in it."""
    rows, names = draw(ROWS), draw(st.permutations(NAMES))
    if is_odd:
        for _ in range(draw(st.integers(0, 2))):
            draw(st.sampled_from(rows))[draw(st.integers(0, len(NAMES) - 1))] = draw(ODD)
        names = [*names, *draw(st.lists(st.sampled_from([*NAMES, "other", ""]), max_size=1))]
        names = names[draw(st.integers(0, 1)) :]
    index = {name: NAMES.index(name) if name in NAMES else 0 for name in names}
    ordered = [[row[index[name]] for name in names] for row in rows]
    records = [dict(zip(names, row, strict=True)) for row in ordered]
    if is_odd:
        key = draw(st.sampled_from(names)) if names else ""
        records[0] = {k: v for k, v in records[0].items() if k != key or draw(st.booleans())}
        ordered[0] = ordered[0][draw(st.integers(0, 1)) :]
    split = {"columns": names, "data": ordered}
    forms = [
        {"instances": rows}, {"instances": records}, {"dataframe_records": records},
        {"dataframe_split": split}, {"input_data": split}, {"input_data": rows}, rows, records,
        {"inputs": {name: [row[i] for row in ordered] for i, name in enumerate(names)}}
        if not is_odd else {"inputs": records},
        {"instances": records, "parameters": {}, "id": "1"},
    ]  # fmt: skip
    odd_forms = [
        {"instances": rows, "inputs": rows}, {"instances": []}, {"instances": rows[0]}, [], {}, 1,
        {"dataframe_split": rows}, {"dataframe_split": {"data": rows}}, {"instances": [rows[0], 1]},
        {"dataframe_split": {"columns": names, "data": [1]}}, {"inputs": {"x": 1}},
        {"dataframe_split": {"columns": [1, *names[1:]], "data": ordered}},
    ]  # fmt: skip
    return draw(st.sampled_from([*forms, *odd_forms] if is_odd else forms))


@given(bodies(is_odd=False))
def test_the_usual_forms_are_read_quickly_and_the_same(document: Any) -> None:
    body = json.dumps(document).encode()
    rows = READER.read(body)
    assert rows is not None

    plain = parse_json(body, SIGNATURE).data
    pd.testing.assert_frame_equal(READER.frame(rows.columns), plain, check_exact=True)
    pd.testing.assert_frame_equal(
        pd.DataFrame(READER.lists(rows)), pd.DataFrame(columns_of(plain)), check_exact=True
    )


@given(bodies(is_odd=True))
def test_nothing_is_read_that_the_plain_way_refuses(document: Any) -> None:
    body = json.dumps(document).encode()
    rows = READER.read(body)
    try:
        plain = parse_json(body, SIGNATURE).data
    except PayloadError:
        plain = None
    if rows is None:
        return

    assert plain is not None
    pd.testing.assert_frame_equal(READER.frame(rows.columns), plain, check_exact=True)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff", b"[[", b'{"instances": [[NaN,1,1,1,true,"a"]]}',
        b'{"instances": [[1e999,1,1,1,true,"a"]]}', b'{"instances": [[1,1e39,1,1,true,"a"]]}',
        "[[1,1,1,1,true,1]]".encode("utf-16"), b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_plain_json_is_left_to_the_plain_way(body: bytes) -> None:
    assert READER.read(body) is None


def test_only_words_and_numbers_are_read() -> None:
    assert can_read(SIGNATURE)
    assert not can_read(Signature())
    assert not can_read(Signature(columns=(Column(name="d", type="datetime"),)))
    assert not can_read(Signature(columns=(Column(name="x", type="double"),) * 2))
    assert not can_read(Signature(tensors=(Tensor(name=None, dtype="float32", shape=(-1,)),)))
