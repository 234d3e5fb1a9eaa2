"""Late truth: labels of predictions as documents, by the day of their telling."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from mlops_iac.loop.kept import Kept
from mlops_iac.operations import Truth
from mlops_iac.runtime.monitor.captured import REQUEST, ROW
from mlops_iac.runtime.monitor.performance import LABEL
from mlops_iac.runtime.truth import read_truth

_EXAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class Labels:
    """The truth of one endpoint's predictions."""

    kept: Kept
    endpoint: str
    """The component."""
    prefix: str
    """The folder of its truth, without a `/` at its end."""

    def tell(self, path: Path, label: str | None, *, known: set[str]) -> Truth:
        """Keep the labels in a file.

        Args:
            path: CSV, JSON lines or parquet, as `mlops_iac.runtime.truth` reads it.
            label: column with the label; the only other column when left out.
            known: requests that were logged.

        Raises:
            OperationError: the file cannot be read, or lists all that is wrong with it.
        """
        kept = read_truth(path, label)
        missing = kept[~kept[REQUEST].isin(known)]
        now = datetime.now(UTC)
        key = f"{self.prefix}/{now:%Y/%m/%d}/{uuid.uuid4().hex}.json"
        self.kept.write(key, {"told": now.isoformat(), "labels": _labels(kept)})
        return Truth(
            endpoint=self.endpoint,
            rows=len(kept),
            unknown=len(missing),
            examples=tuple(missing[REQUEST].drop_duplicates().head(_EXAMPLES)),
            file=self.kept.uri(key),
        )

    def told(self, days: Iterable[date]) -> dict[str, list[Any]]:
        """Return the labels told on some days, by request; what was told last holds."""
        found = dict[str, list[Any]]()
        for document in sorted(self._documents(days), key=_moment):
            for request, labels in document["labels"].items():
                found[request] = _merged(found.get(request, []), labels)
        return found

    def _documents(self, days: Iterable[date]) -> Iterator[Mapping[str, Any]]:
        for day in days:
            for path in self.kept.paths(f"{self.prefix}/{day:%Y/%m/%d}/"):
                document = self.kept.read(path)
                if document is not None:
                    yield document


def days(since: datetime, until: datetime) -> list[date]:
    """Return the days of a time, in UTC."""
    first, last = since.astimezone(UTC).date(), until.astimezone(UTC).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


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
