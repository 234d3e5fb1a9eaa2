"""Which row of a history counts, as row numbers: DuckDB decides, Arrow moves the values.

DuckDB sees keys and times only, as text and whole numbers. So no value changes its type, its zone
or its missing parts on the way, and rows stay in their order.
"""

from typing import TYPE_CHECKING

from mlops_iac.runtime.features.arrow import Rows, Table
from mlops_iac.runtime.features.group import FeatureSet

if TYPE_CHECKING:
    import duckdb

_MICROSECONDS = 1_000_000


def last_rows(table: Table, group: FeatureSet) -> Rows:
    """Return one row for each entity and moment, the last of several; sorted by both."""
    keys = _keys(group)
    return _rows(
        _connection(history=_narrow(table, group)),
        f"select max(row) as row from history group by {keys}, moment order by {keys}, moment",  # noqa: S608
    )


def newest_rows(table: Table, group: FeatureSet, now: int) -> Rows:
    """Return the newest row of each entity that is known at `now`, in microseconds since 1970.

    A row that is older than the group's `ttl` is newest all the same: its age is judged by who
    reads it.
    """
    keys = _keys(group)
    return _rows(
        _connection(history=_narrow(table, group)),
        f"select arg_max(row, moment) as row from history where moment <= {now} "  # noqa: S608
        f"group by {keys} order by {keys}",
    )


def known_rows(history: Table, asked: Table, group: FeatureSet) -> Rows:
    """Return for each asked row the row of the history that is known at its time, or null.

    That is the newest one of the same entity that is not later, unless it is older than `ttl`. A
    row without an entity or a time has none.

    Args:
        history: one row for each entity and moment.
        asked: entities and event time, typed as in the history.
        group: their names, and `ttl`.
    """
    same = " and ".join(f"a.key{i} = h.key{i}" for i in range(len(group.entities)))
    row = "h.row"
    if group.ttl is not None:
        # The difference of two moments may leave 64 bits.
        age = "a.moment::hugeint - h.moment::hugeint"
        row = f"case when {age} <= {group.ttl * _MICROSECONDS} then h.row end"
    return _rows(
        _connection(history=_narrow(history, group), asked=_narrow(asked, group)),
        f"select {row} as row from asked a asof left join history h "  # noqa: S608
        f"on {same} and a.moment >= h.moment order by a.row",
    )


def _narrow(table: Table, group: FeatureSet) -> Table:
    import pyarrow as pa

    keys = {f"key{i}": table[name] for i, name in enumerate(group.entities)}
    moment = table[group.event_time].cast(pa.int64())
    return pa.table({**keys, "moment": moment, "row": pa.array(range(table.num_rows), pa.int64())})


def _keys(group: FeatureSet) -> str:
    return ", ".join(f"key{i}" for i in range(len(group.entities)))


def _connection(**tables: Table) -> "duckdb.DuckDBPyConnection":
    import duckdb

    made = duckdb.connect(config={"autoinstall_known_extensions": False})
    for name, table in tables.items():
        made.register(name, table)
    return made


def _rows(connection: "duckdb.DuckDBPyConnection", query: str) -> Rows:
    with connection:
        return connection.sql(query).to_arrow_table()["row"].combine_chunks()
