"""Joining features to data: to each row the values that were known at its time."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops_iac.content import folder_digest, folder_files
from mlops_iac_local import store
from mlops_iac_local.errors import LocalError
from mlops_iac_local.features import matching
from mlops_iac_local.features.arrow import Table
from mlops_iac_local.features.group import TIMESTAMP, Group, history_file
from mlops_iac_local.features.history import read_history
from mlops_iac_local.features.reading import (
    converted,
    format_of,
    kind_of,
    moments,
    read_table,
)
from mlops_iac_local.files import FILE_MODE, make_folder
from mlops_iac_local.layout import Layout

JOINED = "data.parquet"
"""The one file of joined data."""


def join(layout: Layout, digest: str, groups: Iterable[Group]) -> dict[str, Any]:
    """Join groups to one input; return its new digest, and what it lacks for each other group.

    Raises:
        LocalError: the input has a feature's column already, or the types do not go together.
    """
    files = folder_files(store.data(layout, digest))
    rows = _read_input(files, {name: kind for group in groups for name, kind in group.keys.items()})
    lacking = {group.name: _lacks(rows, group) for group in groups}
    fitting = [group for group in groups if not lacking[group.name]]
    if fitting:
        _refuse(list(_conflicts(rows, fitting)))
        features = [_features(layout, rows, group) for group in fitting]
        digest = _keep(layout, _with_columns(rows, features))
    return {"digest": digest, "lacks": {name: lacks for name, lacks in lacking.items() if lacks}}


def _read_input(files: Mapping[str, Path], keys: Mapping[str, str]) -> Table:
    import pyarrow as pa

    tables = [read_table(path, format_of(path), keys) for _, path in sorted(files.items())]
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise LocalError(
            f"the files of the data differ in their columns: {error}",
            remedy="write all files of one dataset with the same types",
        ) from error


def _lacks(rows: Table, group: Group) -> list[str]:
    needed = (*group.entities, group.event_time)
    return [name for name in needed if name not in rows.schema.names]


def _conflicts(rows: Table, groups: Iterable[Group]) -> Iterable[str]:
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
        raise LocalError(
            "features cannot be joined: " + "; ".join(faults),
            remedy="rename the column, or write both with the same type",
        )


def _features(layout: Layout, rows: Table, group: Group) -> Table:
    import pyarrow as pa

    history = read_history(history_file(layout, group.name), group.version)
    try:
        entities = {name: converted(rows[name], kind) for name, kind in group.keys.items()}
        times = moments(rows[group.event_time], up=False)
    except pa.ArrowInvalid as error:
        raise LocalError(
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


def _keep(layout: Layout, table: Table) -> str:
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory(dir=make_folder(layout.temporary)) as made:
        folder = Path(made)
        pq.write_table(table, folder / JOINED)
        (folder / JOINED).chmod(FILE_MODE)
        digest = folder_digest(folder)
        store.add(layout, store.OUTPUTS, digest, folder_files(folder), folder_digest)
    return digest
