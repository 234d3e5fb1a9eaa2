"""Joining features to data: to each row the values that were known at its time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlops_iac.runtime.columns import TIMESTAMP
from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.features import matching
from mlops_iac.runtime.features.arrow import Table
from mlops_iac.runtime.features.group import FeatureSet
from mlops_iac.runtime.features.reading import (
    converted,
    format_of,
    kind_of,
    moments,
    read_table,
)

JOINED = "data.parquet"
"""The one file of joined data."""
REMEDY = "the data needs the group's entities and event time, under the same names"

Lacks = Mapping[str, Sequence[str]]
"""The columns that an input lacks for each group that does not fit it."""


@dataclass(frozen=True, kw_only=True)
class Joined:
    """One input with the features of the groups that fit it."""

    table: Table | None
    """`None` when no group fits: the input stays as it is."""
    lacks: Lacks


def join(
    files: Mapping[str, Path],
    groups: Iterable[FeatureSet],
    history: Callable[[FeatureSet], Table],
) -> Joined:
    """Join groups to one input.

    A group fits an input that has its entity columns and its event time, under the same names.
    Rows, their order and their columns stay; the features come behind them.

    Args:
        files: the input.
        groups: the groups, with the types of their keys.
        history: gives the history of a group that fits.

    Raises:
        DataError: the input has a feature's column already, or the types do not go together.
    """
    asked = list(groups)
    rows = _read_input(files, {name: kind for group in asked for name, kind in group.keys.items()})
    lacking = {group.name: _lacks(rows, group) for group in asked}
    fitting = [group for group in asked if not lacking[group.name]]
    if fitting:
        _refuse(list(_conflicts(rows, fitting)))
        rows = _with_columns(rows, [_features(rows, group, history(group)) for group in fitting])
    return Joined(
        table=rows if fitting else None,
        lacks={name: lacks for name, lacks in lacking.items() if lacks},
    )


def unfitting(groups: Iterable[str], lacks: Mapping[str, Lacks]) -> list[str]:
    """Return why each group that fits no input does not, given what each input lacks."""
    return [
        f"`{group}` fits no data: "
        + ", ".join(
            f"`{name}` has no {' and no '.join(f'`{column}`' for column in lacking[group])}"
            for name, lacking in lacks.items()
        )
        for group in groups
        if all(group in lacking for lacking in lacks.values())
    ]


def _read_input(files: Mapping[str, Path], keys: Mapping[str, str]) -> Table:
    import pyarrow as pa

    tables = [read_table(path, format_of(path), keys) for _, path in sorted(files.items())]
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise DataError(
            f"the files of the data differ in their columns: {error}",
            remedy="write all files of one dataset with the same types",
        ) from error


def _lacks(rows: Table, group: FeatureSet) -> list[str]:
    needed = (*group.entities, group.event_time)
    return [name for name in needed if name not in rows.schema.names]


def _conflicts(rows: Table, groups: Iterable[FeatureSet]) -> Iterable[str]:
    taken = dict.fromkeys(rows.schema.names, "the data")
    for group in groups:
        for name in group.features:
            if name in taken:
                yield f"`{name}` of `{group.name}` is a column of {taken[name]} too"
            taken[name] = f"`{group.name}`"
        kinds = {**{key: (kind,) for key, kind in group.keys.items()},
                 group.event_time: (TIMESTAMP,)}  # fmt: skip
        for name, allowed in kinds.items():
            found = rows.schema.field(name).type
            if kind_of(found, allowed) is None:
                yield f"`{name}` is `{found}` in the data and `{allowed[0]}` in `{group.name}`"


def _refuse(faults: list[str]) -> None:
    if faults:
        raise DataError(
            "features cannot be joined: " + "; ".join(faults),
            remedy="rename the column, or write both with the same type",
        )


def _features(rows: Table, group: FeatureSet, history: Table) -> Table:
    import pyarrow as pa

    try:
        entities = {name: converted(rows[name], kind) for name, kind in group.keys.items()}
        times = moments(rows[group.event_time], up=False)
    except pa.ArrowInvalid as error:
        raise DataError(
            f"the data holds a value that `{group.name}` cannot: {error}",
            remedy="correct the data",
        ) from error
    asked = pa.table({**entities, group.event_time: times})
    chosen = matching.known_rows(history, asked, group)
    return history.select(list(group.features)).take(chosen)


def _with_columns(rows: Table, features: Sequence[Table]) -> Table:
    for table in features:
        for name in table.schema.names:
            rows = rows.append_column(table.schema.field(name), table[name])
    return rows
