"""What SageMaker captured of an endpoint: JSON lines, each a request with its answer.

Form: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html; the
merge of Model Monitor adds the truth:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.monitor.rows import Body, Event

_CSV = frozenset({"text/csv", "application/csv"})


def capture_files(folder: Path) -> list[Path]:
    """Return the files of a folder, newest first: their paths begin with their time."""
    return sorted(folder.rglob("*.jsonl"), key=lambda path: _dated(folder, path), reverse=True)


def events_of(path: Path) -> Iterator[Event]:
    """Yield the events of one file.

    Raises:
        DataError: a line is no captured event.
    """
    yield from events_in(path.read_text(encoding="utf-8"), path.name)


def events_in(text: str, name: str) -> Iterator[Event]:
    """Yield the events of the text of a file.

    Raises:
        DataError: a line is no captured event.
    """
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield _event(line, f"{name}:{number}")


def truth_of(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Return the labels in files of ground truth, by request; what was told last holds."""
    found = dict[str, tuple[Any, ...]]()
    for path in reversed(capture_files(folder)):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            found[_request(record["eventMetadata"])] = labels_in(
                str(record["groundTruthData"]["data"])
            )
    return found


def _request(about: Mapping[str, Any]) -> str:
    return str(about.get("inferenceId") or about["eventId"])


def labels_in(data: str) -> tuple[Any, ...]:
    """Return the labels of a request: one on each line, an empty line where there is none."""
    return tuple(_label(cell) for cell in data.split("\n"))


def labels_text(labels: Mapping[int, Any]) -> str:
    """Return the labels of a request's rows, by row, as `labels_in` reads them."""
    cells = (labels.get(row) for row in range(max(labels) + 1))
    return "\n".join("" if cell is None else json.dumps(cell) for cell in cells)


def _label(cell: str) -> Any:
    text = cell.strip()
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        # Truth that others wrote: plain text of CSV.
        return text


def _dated(folder: Path, path: Path) -> str:
    # …/<variant>/yyyy/mm/dd/hh/<minute>-<second>-…: the variant must not come before the time.
    return "/".join(path.relative_to(folder).parts[-5:])


def _event(line: str, place: str) -> Event:
    try:
        document = json.loads(line)
        data, about = document["captureData"], document["eventMetadata"]
        truth = document.get("groundTruthData")
        return Event(
            request=_request(about),
            at=_moment(about["inferenceTime"]),
            asked=_body(data["endpointInput"]),
            answered=_body(data["endpointOutput"]),
            truth=None if truth is None else labels_in(str(truth["data"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"`{place}` is no captured event: {error!r}",
            remedy="let the endpoint capture both input and output",
        ) from error


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _body(side: Mapping[str, Any]) -> Body:
    text, encoding = str(side["data"]), side.get("encoding")
    content = base64.b64decode(text) if encoding == "BASE64" else text.encode()
    kind = str(side.get("observedContentType", "")).partition(";")[0].strip().lower()
    return Body(content=content, is_csv=kind in _CSV or (not kind and encoding == "CSV"))
