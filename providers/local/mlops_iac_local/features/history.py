"""A group's history: checked, typed, one row for each entity and moment, in one Parquet file."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from mlops_iac_local.errors import LocalError
from mlops_iac_local.features import matching
from mlops_iac_local.features.arrow import Column, Table, functions
from mlops_iac_local.features.group import (
    INTEGER,
    STRING,
    TIMESTAMP,
    VERSION_KEY,
    Group,
)
from mlops_iac_local.features.reading import converted, kind_of, moments, read_table
from mlops_iac_local.files import FILE_MODE

KEY_KINDS = (STRING, INTEGER)
"""What an entity may be: the types that Feast's keys can hold."""
_MICROSECONDS = 1_000_000


def write_history(group: Group, files: Mapping[str, Path], target: Path, now: int) -> Group:
    """Write the history of a group; return the group with what its data showed.

    Of several rows of one entity and moment the last counts. Without `offline` only the newest
    row of each entity is kept.

    Args:
        group: the definition.
        files: its data.
        target: the file to replace in one step.
        now: microseconds since 1970; what is known later is not newest yet.

    Raises:
        LocalError: lists everything in which the data is not what the group declares.
    """
    import pyarrow.parquet as pq

    table, keys = _read(group, files)
    made = replace(group, keys=keys)
    table = table.take(matching.last_rows(table, made))
    if not group.offline:
        table = table.take(matching.newest_rows(table, made, now))
    table = table.replace_schema_metadata({VERSION_KEY: made.version.encode()})
    part = target.with_suffix(".part")
    pq.write_table(table, part)
    part.chmod(FILE_MODE)
    part.replace(target)
    return replace(made, rows=table.num_rows)


def read_history(path: Path, version: str) -> Table:
    """Return the rows of a history.

    Raises:
        LocalError: the file is gone, or holds another version.
    """
    import pyarrow.parquet as pq

    if not path.exists():
        raise LocalError(f"`{path}` is gone", remedy="run `mlops-iac up --refresh`")
    table = pq.ParquetFile(path).read()
    found = (table.schema.metadata or {}).get(VERSION_KEY, b"").decode()
    if found != version:
        raise LocalError(
            f"the features of `{path.parent.name}` are of version `{found}`, not `{version}`",
            remedy="run `mlops-iac up`: the definition and what is stored go together",
        )
    return table


def _read(group: Group, files: Mapping[str, Path]) -> tuple[Table, dict[str, str]]:
    import pyarrow as pa

    wanted = [*group.entities, group.event_time, *group.features]
    tables = {
        name: read_table(path, group.format, group.features, only=wanted)
        for name, path in sorted(files.items())
    }
    faults = [
        fault for name, table in tables.items() for fault in _column_faults(group, name, table)
    ]
    _refuse(group, faults)
    keys = {name: _key_kind(name, tables) for name in group.entities}
    typed = [_typed(group, keys, table) for table in tables.values()]
    whole = pa.concat_tables(typed)
    _refuse(group, _row_faults(group, whole))
    return whole, keys


def _column_faults(group: Group, name: str, table: Table) -> Iterator[str]:
    kinds = {
        **dict.fromkeys(group.entities, KEY_KINDS),
        group.event_time: (TIMESTAMP,),
        **{feature: (kind,) for feature, kind in group.features.items()},
    }
    for column, allowed in kinds.items():
        if column not in table.schema.names:
            yield f"`{name}` has no column `{column}`"
            continue
        found = table.schema.field(column).type
        if kind_of(found, allowed) is None:
            yield f"column `{column}` of `{name}` is `{found}`, not `{'` or `'.join(allowed)}`"


def _key_kind(name: str, tables: Mapping[str, Table]) -> str:
    found = {kind_of(table.schema.field(name).type, KEY_KINDS) for table in tables.values()}
    # Files that differ are text together: every whole number is a text, not the other way round.
    return STRING if STRING in found else INTEGER


def _typed(group: Group, keys: Mapping[str, str], table: Table) -> Table:
    import pyarrow as pa

    kinds = {**keys, **group.features}
    try:
        columns = {name: converted(table[name], kind) for name, kind in kinds.items()}
        return pa.table({group.event_time: moments(table[group.event_time], up=True), **columns})
    except pa.ArrowInvalid as error:
        raise LocalError(
            f"the data of feature group `{group.name}` holds a value that its type cannot: {error}",
            remedy="correct the data, or the declared types",
        ) from error


def _row_faults(group: Group, table: Table) -> Iterator[str]:
    if not table.num_rows:
        yield "there are no rows"
    for column in (*group.entities, group.event_time):
        if missing := table[column].null_count:
            yield f"{missing} rows have no `{column}`"
    for column, kind in group.features.items():
        if kind == TIMESTAMP and group.online and (count := _fractions(table[column])):
            # feast/type_map.py, _python_datetime_to_int_timestamp: whole seconds.
            yield (
                f"{count} values of `{column}` have parts of a second, which an online store does "
                "not keep: round them, or set `online: false`"
            )


def _fractions(column: Column) -> int:
    import pyarrow as pa

    counted = column.cast(pa.int64())
    whole = functions().multiply(functions().divide(counted, _MICROSECONDS), _MICROSECONDS)
    return functions().sum(functions().not_equal(counted, whole)).as_py() or 0


def _refuse(group: Group, faults: "Iterator[str] | list[str]") -> None:
    found = list(faults)
    if found:
        raise LocalError(
            f"the data is not what feature group `{group.name}` declares: " + "; ".join(found),
            remedy="correct the data, or `entities`, `event_time` and `features`",
        )
