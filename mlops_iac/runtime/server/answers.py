"""Turning what a model answers into JSON."""

import json
import math
from typing import Any

import numpy as np
import pandas as pd

_DATATYPES = {"f": "FP64", "i": "INT64", "u": "UINT64", "b": "BOOL"}


def predictions(answer: Any) -> list[Any]:
    """Return one JSON value per row; a number that is not finite becomes `null`."""
    if isinstance(answer, pd.DataFrame):
        return _plain(answer.to_dict(orient="records"))
    if isinstance(answer, pd.Series):
        answer = answer.to_numpy()
    if isinstance(answer, np.ndarray):
        return _plain(answer.tolist())
    return _plain(list(answer))


def v1_body(values: list[Any]) -> bytes:
    """Return the body that SageMaker, Vertex AI, Azure ML and KServe v1 callers read."""
    return json.dumps({"predictions": values}, allow_nan=False).encode()


def v2_body(values: list[Any], *, name: str, version: str, id: str | None) -> bytes:  # noqa: A002
    """Return KServe's second form, one output tensor `predictions`."""
    array = np.array(values)
    datatype = _DATATYPES.get(array.dtype.kind, "BYTES")
    output = {
        "name": "predictions",
        "shape": list(array.shape),
        "datatype": datatype,
        "data": array.reshape(-1).tolist(),
    }
    document = {"model_name": name, "model_version": version, "outputs": [output]}
    return json.dumps({**document, **({"id": id} if id else {})}, allow_nan=False).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value.item() if isinstance(value, np.generic) else value
