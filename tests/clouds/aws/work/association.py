"""Filters and joins of a transform job's records: `DataProcessing`.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

import csv
import io
import json
import re
from collections.abc import Sequence
from typing import Any

from jsonpath_ng import DatumInContext
from jsonpath_ng.ext.parser import parse

from tests.clouds.aws.work.failures import JobError

_CSV = "text/csv"
_MEMBERS = re.compile(r"\$\[(?P<names>'[^']+'(,\s*'[^']+')+)\]")
"""A choice of members, such as `$['id','SageMakerOutput']`: the result is an object of them."""


def filtered(record: bytes, path: str, kind: str) -> bytes:
    """Return what a JSONPath selects of a record: for CSV of its list of columns."""
    if path == "$":
        return record
    if kind != _CSV and (match := _MEMBERS.fullmatch(path)):
        return _members(_read(record, kind), path, re.findall(r"'([^']+)'", match["names"]))
    found: Sequence[DatumInContext] = parse(path).find(_read(record, kind))
    if not found:
        raise JobError(f"ClientError: the filter `{path}` selects nothing")
    values = [match.value for match in found]
    is_many = kind == _CSV or len(values) > 1 or any(mark in path for mark in ":,*")
    return _written(values if is_many else values[0], kind)


def _members(value: Any, path: str, names: Sequence[str]) -> bytes:
    if not isinstance(value, dict) or not set(names) <= set(value):
        raise JobError(f"ClientError: the filter `{path}` names what is not there")
    return _written({name: value[name] for name in names}, "application/json")


def joined_with(records: Sequence[bytes], answers: Sequence[bytes], kind: str) -> list[bytes]:
    """Return each record with its answer beside it."""
    if len(records) != len(answers):
        raise JobError(
            f"ClientError: {len(records)} records have {len(answers)} answers; they cannot be "
            "joined. Use SingleRecord, or answer with a line for each record"
        )
    return [_joined(*pair, kind) for pair in zip(records, answers, strict=True)]


def _joined(record: bytes, answer: bytes, kind: str) -> bytes:
    if kind == _CSV:
        return _written([*_read(record, kind), *_read(answer, kind)], kind)
    given, said = json.loads(record), json.loads(answer)
    if isinstance(given, dict):
        return _written({**given, "SageMakerOutput": said}, kind)
    return _written({"SageMakerInput": given, "SageMakerOutput": said}, kind)


def _read(record: bytes, kind: str) -> Any:
    if kind == _CSV:
        return next(csv.reader(io.StringIO(record.decode())))
    return json.loads(record)


def _written(value: Any, kind: str) -> bytes:
    if kind != _CSV:
        return json.dumps(value).encode()
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(value)
    return text.getvalue().encode()
