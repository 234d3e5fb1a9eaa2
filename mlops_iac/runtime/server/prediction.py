"""From a body to what the model answers: at once, in numbers, or by way of a data frame."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.runtime.compiled.rows import Rows
from mlops_iac.runtime.server import answers
from mlops_iac.runtime.server.capture import columns_of
from mlops_iac.runtime.server.host import Serving

_QUICK_BYTES = 16 << 10
"""A larger body would keep other requests waiting."""
_COMPILED_ROWS = 300
"""With more of them, pandas is as quick."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model answered to one request."""

    values: list[Any]
    """JSON values, one a row."""
    inputs: Callable[[], Mapping[str, list[Any]]]
    """Makes the rows' columns."""
    is_v2: bool = False
    """Whether the answer is to be KServe's second form."""
    id: str | None = None


def predict_at_once(serving: Serving, body: bytes) -> Prediction | None:
    """Return what takes less time than its way to a thread; `None` for anything else."""
    compiled = serving.compiled
    if compiled is None or not compiled.is_quick or len(body) > _QUICK_BYTES:
        return None
    rows = compiled.reader.read(body)
    answer = None if rows is None else compiled.predict(rows)
    if rows is None or answer is None:
        return None
    return Prediction(answers.predictions(answer), lambda: compiled.reader.lists(rows))


def predict(serving: Serving, body: bytes, *, is_csv: bool) -> Prediction:
    """Return what the model answers to a body.

    Raises:
        PayloadError: the body does not fit the model.
    """
    reader = serving.reader
    rows = None if reader is None or is_csv else reader.read(body)
    if reader is None or rows is None:
        return _predict_payload(serving, body, is_csv=is_csv)
    answer = _compiled_answer(serving, rows)
    if answer is None:
        answer = serving.model.predict(reader.frame(rows.columns))
    return Prediction(answers.predictions(answer), lambda: reader.lists(rows))


def _compiled_answer(serving: Serving, rows: Rows) -> Any | None:
    if serving.compiled is None or len(rows) > _COMPILED_ROWS:
        return None
    return serving.compiled.predict(rows)


def _predict_payload(serving: Serving, body: bytes, *, is_csv: bool) -> Prediction:
    from mlops_iac.runtime.server import payload

    parse = payload.parse_csv if is_csv else payload.parse_json
    asked = parse(body, serving.model.signature)
    values = answers.predictions(serving.model.predict(asked.data))
    return Prediction(values, lambda: columns_of(asked.data), asked.is_v2, asked.id)
