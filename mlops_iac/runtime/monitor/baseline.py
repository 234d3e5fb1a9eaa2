"""The baseline: facts of every column from all its rows, and a sample of the rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_iac.runtime.columns import CSV, JSONL, PARQUET
from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.frames import Frame, Piece, Table, files_of, read_pieces

NUMBER, CATEGORY = "number", "category"
_CATEGORIES = 10_000
"""A column with more different texts is none of categories."""
_FORMATS: Mapping[str, str] = {".csv": CSV, ".jsonl": JSONL, ".json": JSONL}


@dataclass(kw_only=True)
class Facts:
    """What is known of one column of the baseline."""

    kind: str
    rows: int = 0
    missing: int = 0
    low: float | None = None
    high: float | None = None
    categories: set[str] | None = field(default_factory=set[str])
    """`None` when there are too many."""

    @property
    def missing_share(self) -> float:
        """Share of the rows without a value."""
        return self.missing / self.rows if self.rows else 0.0


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What traffic is compared with."""

    sample: Frame
    """Some of the rows, drawn with a fixed seed, with all columns."""
    facts: Mapping[str, Facts]
    rows: int

    def kinds(self) -> dict[str, str]:
        """Return `number` or `category` for each column that can be compared."""
        return {name: facts.kind for name, facts in self.facts.items()}


def read_baseline(paths: Sequence[Path], columns: Sequence[str], most: int) -> Baseline:
    """Return the facts and a sample of at most `most` rows.

    Of several folders the first that has all the columns is taken; else the one that has the most
    of them. Columns that are neither numbers, texts nor truth values are left out.

    Raises:
        DataError: none of them has any of the columns, or there are no rows.
    """
    if not paths:
        raise DataError(
            "there is no baseline: nothing tells what the version in service has learned from",
            remedy="let the training script name its rows: `context.log_baseline(rows)`",
        )
    path = _best(paths, columns)
    facts, sampler = dict[str, Facts](), _Sampler(most)
    for piece in _pieces(path):
        sampler.add(piece)
        for name in columns:
            if name in piece.schema.names and (kind := _kind(piece.schema.field(name).type)):
                _note(facts.setdefault(name, Facts(kind=kind)), piece.column(name))
    if not facts:
        raise DataError(
            f"the baseline has none of the endpoint's columns: {', '.join(columns)}",
            remedy="declare a `baseline` with the model's columns, or let the training script "
            "name its rows: `context.log_baseline(rows)`",
        )
    return Baseline(sample=sampler.table().to_pandas(), facts=facts, rows=sampler.rows)


def _best(paths: Sequence[Path], columns: Sequence[str]) -> Path:
    wanted = set(columns)
    overlaps = {path: len(wanted & _names(path)) for path in paths}
    return max(paths, key=lambda path: overlaps[path])


def _names(path: Path) -> set[str]:
    first = next(_pieces(path), None)
    return set() if first is None else set(first.schema.names)


def _pieces(path: Path) -> Iterator[Piece]:
    files = {path.name: path} if path.is_file() else files_of(path, "baseline")
    for name, file in sorted(files.items()):
        yield from read_pieces({name: file}, _FORMATS.get(file.suffix, PARQUET))


def _kind(found: Any) -> str | None:
    from pyarrow import types

    if types.is_dictionary(found):
        return _kind(found.value_type)
    if types.is_integer(found) or types.is_floating(found) or types.is_decimal(found):
        return NUMBER
    is_text = types.is_string(found) or types.is_large_string(found)
    return CATEGORY if is_text or types.is_boolean(found) else None


def _note(facts: Facts, column: Any) -> None:
    values = column.to_pandas()
    present = values.dropna()
    facts.rows += len(values)
    facts.missing += len(values) - len(present)
    if present.empty:
        return
    if facts.kind == NUMBER:
        numbers = present.astype(float)
        facts.low = min(float(numbers.min()), numbers.iloc[0] if facts.low is None else facts.low)
        facts.high = max(
            float(numbers.max()), numbers.iloc[0] if facts.high is None else facts.high
        )
    elif facts.categories is not None:
        facts.categories |= {str(value) for value in present.unique()}
        if len(facts.categories) > _CATEGORIES:
            facts.categories = None


class _Sampler:
    """Keeps the rows with the smallest of random numbers: the same rows however they are cut."""

    def __init__(self, most: int) -> None:
        import numpy as np

        self._most = most
        self._random = np.random.default_rng(0)
        self._kept: list[tuple[Any, Table]] = []
        self._bound = 1.0
        self.rows = 0

    def add(self, piece: Piece) -> None:
        import numpy as np
        import pyarrow as pa

        keys = self._random.random(piece.num_rows)
        self.rows += piece.num_rows
        chosen = np.flatnonzero(keys <= self._bound)
        table = pa.Table.from_batches([piece]).take(pa.array(chosen))
        self._kept.append((keys[chosen], table))
        held = np.concatenate([keys for keys, _ in self._kept])
        if len(held) > self._most:
            self._bound = float(np.partition(held, self._most - 1)[self._most - 1])
            self._kept = [_below(keys, table, self._bound) for keys, table in self._kept]

    def table(self) -> Table:
        import pyarrow as pa

        tables = [table for _, table in self._kept]
        if not self.rows:
            raise DataError("the baseline has no rows", remedy="name data with rows")
        return pa.concat_tables(tables, promote_options="permissive")


def _below(keys: Any, table: Table, bound: float) -> tuple[Any, Table]:
    import numpy as np
    import pyarrow as pa

    chosen = np.flatnonzero(keys <= bound)
    return keys[chosen], table.take(pa.array(chosen))
