"""Late truth: labels of predictions as objects of the bucket, by the day of their telling."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from mlops_iac.operations import Truth
from mlops_iac.runtime.monitor.captured import REQUEST, ROW
from mlops_iac.runtime.monitor.performance import LABEL
from mlops_iac.runtime.truth import read_truth
from mlops_iac_gcp import documents, place
from mlops_iac_gcp.session import Place

_EXAMPLES = 3


def tell(  # noqa: PLR0913  what a file of labels may say, and where it goes
    where: Place,
    bucket: str,
    endpoint: str,
    path: Path,
    label: str | None,
    *,
    known: set[str],
) -> Truth:
    """Keep the labels in a file.

    Args:
        where: project and region.
        bucket: of the stack.
        endpoint: component whose predictions they are the truth of.
        path: CSV, JSON lines or parquet, as `mlops_iac.runtime.truth` reads it.
        label: column with the label; the only other column when left out.
        known: requests that were logged.

    Raises:
        OperationError: the file cannot be read, or lists all that is wrong with it.
    """
    kept = read_truth(path, label)
    missing = kept[~kept[REQUEST].isin(known)]
    now = datetime.now(UTC)
    key = f"{place.truth_prefix(endpoint)}/{now:%Y/%m/%d}/{uuid.uuid4().hex}.json"
    documents.write(where, bucket, key, {"told": now.isoformat(), "labels": _labels(kept)})
    return Truth(
        endpoint=endpoint,
        rows=len(kept),
        unknown=len(missing),
        examples=tuple(missing[REQUEST].drop_duplicates().head(_EXAMPLES)),
        file=place.uri(bucket, key),
    )


def told(where: Place, bucket: str, endpoint: str, days: Iterable[date]) -> dict[str, list[Any]]:
    """Return the labels that were told on some days, by request; what was told last holds."""
    found = dict[str, list[Any]]()
    for document in sorted(_documents(where, bucket, endpoint, days), key=_moment):
        for request, labels in document["labels"].items():
            found[request] = _merged(found.get(request, []), labels)
    return found


def days(since: datetime, until: datetime) -> list[date]:
    """Return the days of a time, in UTC."""
    first, last = since.astimezone(UTC).date(), until.astimezone(UTC).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _documents(
    where: Place, bucket: str, endpoint: str, days: Iterable[date]
) -> Iterator[Mapping[str, Any]]:
    for day in days:
        prefix = f"{place.truth_prefix(endpoint)}/{day:%Y/%m/%d}/"
        for path in documents.paths(where, bucket, prefix):
            document = documents.read(where, bucket, path)
            if document is not None:
                yield document


def _moment(document: Mapping[str, Any]) -> str:
    return document["told"]


def _labels(kept: Any) -> dict[str, list[Any]]:
    return {str(request): _row_labels(rows) for request, rows in kept.groupby(REQUEST, sort=False)}


def _row_labels(rows: Any) -> list[Any]:
    labels = dict(zip(rows[ROW].tolist(), rows[LABEL].tolist(), strict=True))
    return [labels.get(row) for row in range(max(labels) + 1)]


def _merged(before: list[Any], after: list[Any]) -> list[Any]:
    """Return the labels of a request's rows; a row that is not told anew keeps its label."""
    size = max(len(before), len(after))
    old, new = (each + [None] * (size - len(each)) for each in (before, after))
    return [a if b is None else b for a, b in zip(old, new, strict=True)]
