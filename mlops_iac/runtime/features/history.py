"""A group's history: checked, typed, one row for each entity and moment, in one Parquet file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mlops_iac.runtime.columns import INTEGER, STRING, TIMESTAMP
from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.features import matching
from mlops_iac.runtime.features.arrow import Column, Table, functions
from mlops_iac.runtime.features.group import VERSION_KEY, FeatureSet
from mlops_iac.runtime.features.reading import converted, kind_of, moments, read_table

KEY_KINDS = (STRING, INTEGER)
"""What an entity may be: the types that Feast's keys can hold."""
_MICROSECONDS = 1_000_000
_FILE_MODE = 0o600


@dataclass(frozen=True, kw_only=True)
class History:
    """What the data of a group showed when its history was written."""

    keys: Mapping[str, str]
    """Type of each entity column."""
    rows: int


def write_history(
    group: FeatureSet, files: Mapping[str, Path], target: Path, *, version: str, now: int
) -> History:
    """Write the history of a group; return what its data showed.

    Of several rows of one entity and moment the last counts. Without `offline` only the newest
    row of each entity is kept.

    Args:
        group: the definition.
        files: its data.
        target: the file to replace in one step.
        version: the version of the group that the file says it holds.
        now: microseconds since 1970; what is known later is not newest yet.

    Raises:
        DataError: lists everything in which the data is not what the group declares.
    """
    import pyarrow.parquet as pq

    table, keys = _read(group, files)
    made = replace(group, keys=keys)
    table = table.take(matching.last_rows(table, made))
    if not group.offline:
        table = table.take(matching.newest_rows(table, made, now))
    table = table.replace_schema_metadata({VERSION_KEY: version.encode()})
    part = target.with_suffix(".part")
    pq.write_table(table, part)
    part.chmod(_FILE_MODE)
    part.replace(target)
    return History(keys=keys, rows=table.num_rows)


def read_history(path: Path, version: str) -> Table:
    """Return the rows of a history.

    Raises:
        DataError: the file is gone, or holds another version.
    """
    import pyarrow.parquet as pq

    if not path.exists():
        raise DataError(f"`{path}` is gone", remedy="run `mlops-iac up --refresh`")
    table = pq.ParquetFile(path).read()
    found = (table.schema.metadata or {}).get(VERSION_KEY, b"").decode()
    if found != version:
        raise DataError(
            f"the features of `{path.parent.name}` are of version `{found}`, not `{version}`",
            remedy="run `mlops-iac up`: the definition and what is stored go together",
        )
    return table


def _read(group: FeatureSet, files: Mapping[str, Path]) -> tuple[Table, dict[str, str]]:
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


def _column_faults(group: FeatureSet, name: str, table: Table) -> Iterator[str]:
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


def _typed(group: FeatureSet, keys: Mapping[str, str], table: Table) -> Table:
    import pyarrow as pa

    kinds = {**keys, **group.features}
    try:
        columns = {name: converted(table[name], kind) for name, kind in kinds.items()}
        return pa.table({group.event_time: moments(table[group.event_time], up=True), **columns})
    except pa.ArrowInvalid as error:
        raise DataError(
            f"the data of feature group `{group.name}` holds a value that its type cannot: {error}",
            remedy="correct the data, or the declared types",
        ) from error


def _row_faults(group: FeatureSet, table: Table) -> Iterator[str]:
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


def _refuse(group: FeatureSet, faults: "Iterator[str] | list[str]") -> None:
    found = list(faults)
    if found:
        raise DataError(
            f"the data is not what feature group `{group.name}` declares: " + "; ".join(found),
            remedy="correct the data, or `entities`, `event_time` and `features`",
        )
