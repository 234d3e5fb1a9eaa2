"""Proves that each JSON form of a body becomes the frame it was made from, by its types.

And that our loaders answer as MLflow's own do. Transport is `test_serve.py`'s.
"""

import json
from pathlib import Path

import mlflow.pyfunc
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_iac.runtime import load_model, tree_digest
from mlops_iac.runtime.server.payload import parse_json
from mlops_iac.runtime.signature import Column, Signature

SIGNATURE = Signature(
    columns=(
        Column(name="x", type="double"),
        Column(name="n", type="long"),
        Column(name="s", type="string"),
        Column(name="t", type="boolean"),
    )
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
ROWS = st.lists(
    st.tuples(FLOATS, st.integers(-(2**63), 2**63 - 1), st.text(), st.booleans()), min_size=1
)


@given(ROWS)
def test_every_form_gives_the_frame(rows: list[tuple[float, int, str, bool]]) -> None:
    names = list(SIGNATURE.names)
    frame = pd.DataFrame(rows, columns=names)
    records = [dict(zip(names, row, strict=True)) for row in rows]
    split = {"columns": names, "data": rows}
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    for body in (
        {"instances": rows}, {"instances": records}, {"dataframe_records": records},
        {"dataframe_split": split}, {"input_data": split}, {"inputs": columns}, rows,
    ):  # fmt: skip
        found = parse_json(json.dumps(body).encode(), SIGNATURE).data
        pd.testing.assert_frame_equal(found, frame)


@pytest.mark.parametrize("name", ["sklearn", "xgboost"])
def test_our_loaders_answer_as_mlflow_does(models: Path, name: str) -> None:
    rows = pd.DataFrame({"a": [0.0, 1.5, 3.0], "b": [1.0, 0.0, 0.5]})
    ours = load_model(models / name, digest=tree_digest(models / name)).predict(rows)

    assert ours.tolist() == mlflow.pyfunc.load_model(str(models / name)).predict(rows).tolist()
