"""Columns of a group's table, of the view of its newest rows, and values as Bigtable serves them.

Stands on the standard library: what runs in containers reads it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mlops_iac.runtime.columns import BOOLEAN, INTEGER, NUMBER, STRING, TIMESTAMP
from mlops_iac.runtime.features.arrow import Table
from mlops_iac.runtime.features.group import FeatureSet

MOMENT = "feature_timestamp"
"""Column in which Vertex AI's registry looks for the event time; pulumi-gcp 10.2 lacks
`timeSeries`, which would name another one (discovery aiplatform.v1, FeatureGroupBigQuery)."""
TYPES: Mapping[str, str] = {STRING: "STRING", INTEGER: "INTEGER", NUMBER: "FLOAT",
                            BOOLEAN: "BOOLEAN", TIMESTAMP: "TIMESTAMP"}  # fmt: skip
"""BigQuery's type of each of ours, as `tables.get` spells it."""
HISTORY, LATEST = "history", "latest"
"""Table with the rows, and view of the newest one of each entity; alone in the group's dataset."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def types_of(
    entities: Sequence[str], event_time: str, features: Mapping[str, str]
) -> dict[str, str]:
    """Return BigQuery's type of every column of a group's table, in their order.

    Entities are text: of what type they are is known when the data is read, and the type of a
    column never changes.
    """
    return {
        **dict.fromkeys(entities, "STRING"),
        event_time: "TIMESTAMP",
        MOMENT: "TIMESTAMP",
        **{name: TYPES[kind] for name, kind in features.items()},
    }


def schema(types: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the table's schema. Only a column that may be empty can be added later."""
    return [{"name": name, "type": kind, "mode": "NULLABLE"} for name, kind in types.items()]


def latest_query(table: str, group: FeatureSet) -> str:
    """Return the query that answers the newest row of each entity, as of when it is asked.

    Feature views hold no times (discovery aiplatform.v1, FeatureValue): they are microseconds.

    Args:
        table: the history, `project.dataset.table`.
        group: the definition.
    """
    kinds = {
        **dict.fromkeys(group.entities, STRING),
        group.event_time: TIMESTAMP,
        **group.features,
    }
    chosen = ", ".join(_selected(name, kind) for name, kind in kinds.items())
    keys = ", ".join(f"h.`{name}`" for name in group.entities)
    return (
        f"SELECT {chosen} FROM `{table}` AS h "  # noqa: S608  names are of letters, digits and `_`
        f"WHERE h.`{group.event_time}` <= CURRENT_TIMESTAMP() "
        f"QUALIFY ROW_NUMBER() OVER (PARTITION BY {keys} ORDER BY h.`{group.event_time}` DESC) = 1"
    )


def _selected(name: str, kind: str) -> str:
    return f"UNIX_MICROS(h.`{name}`) AS `{name}`" if kind == TIMESTAMP else f"h.`{name}`"


def stored(history: Table, group: FeatureSet) -> Table:
    """Return a history with the columns and types of the group's table."""
    import pyarrow as pa

    columns = {name: history[name].cast(pa.string()) for name in group.entities}
    columns |= dict.fromkeys((group.event_time, MOMENT), history[group.event_time])
    return pa.table({**columns, **{name: history[name] for name in group.features}})


def data_key(values: Sequence[str | int]) -> dict[str, Any]:
    """Return what an entity is asked for by: its one column, or all in their order."""
    texts = [str(value) for value in values]
    return {"key": texts[0]} if len(texts) == 1 else {"compositeKey": {"parts": texts}}


def value_of(served: Mapping[str, Any], kind: str) -> Any:
    """Return a served value in its own type, a time as `datetime`; `None` for no value."""
    found = next((item for name, item in served.items() if name.endswith("Value")), None)
    return None if found is None else _READ[kind](found)


def moment_of(microseconds: str | int) -> datetime:
    """Return a time from its microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=int(microseconds))


# Google's JSON has 64-bit numbers as text, and what is not finite as `NaN`, `Infinity`.
_READ: Mapping[str, Callable[[Any], Any]] = {
    STRING: str,
    INTEGER: int,
    NUMBER: float,
    BOOLEAN: bool,
    TIMESTAMP: moment_of,
}
