"""BigQuery's types in DuckDB, and its values in JSON."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from tests.clouds.gcp.calls import Body, invalid

_TYPES: Mapping[str, str] = {
    "BIGNUMERIC": "DECIMAL(38, 9)",
    "BOOL": "BOOLEAN",
    "BOOLEAN": "BOOLEAN",
    "BYTES": "BLOB",
    "DATE": "DATE",
    "DATETIME": "TIMESTAMP",
    "FLOAT": "DOUBLE",
    "FLOAT64": "DOUBLE",
    "INT64": "BIGINT",
    "INTEGER": "BIGINT",
    "JSON": "JSON",
    "NUMERIC": "DECIMAL(38, 9)",
    "STRING": "VARCHAR",
    "TIME": "TIME",
    "TIMESTAMP": "TIMESTAMPTZ",
}
_FROM_DUCKDB: Mapping[str, str] = {
    "BIGINT": "INTEGER",
    "BLOB": "BYTES",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "DOUBLE": "FLOAT",
    "FLOAT": "FLOAT",
    "HUGEINT": "INTEGER",
    "INTEGER": "INTEGER",
    "JSON": "JSON",
    "SMALLINT": "INTEGER",
    "TIME": "TIME",
    "TIMESTAMP": "DATETIME",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
    "TINYINT": "INTEGER",
    "UBIGINT": "INTEGER",
    "VARCHAR": "STRING",
}
_RECORDS = frozenset({"RECORD", "STRUCT"})


def quoted(name: str) -> str:
    """Return a name as DuckDB takes it."""
    return '"' + name.replace('"', '""') + '"'


def type_of(field: Body) -> str:
    """Return a field's type in DuckDB.

    Raises:
        CloudError: for what is no type.
    """
    kind = field["type"].upper()
    if kind in _RECORDS:
        inner = ", ".join(f"{quoted(one['name'])} {type_of(one)}" for one in field["fields"])
        told = f"STRUCT({inner})"
    elif kind in _TYPES:
        told = _TYPES[kind]
    else:
        raise invalid(f"Invalid type `{field['type']}` of field `{field['name']}`.")
    return f"{told}[]" if field.get("mode") == "REPEATED" else told


def definition(field: Body) -> str:
    """Return a column's definition."""
    required = " NOT NULL" if field.get("mode") == "REQUIRED" else ""
    return f"{quoted(field['name'])} {type_of(field)}{required}"


def placeholder(field: Body) -> str:
    """Return what takes a value of JSON in an INSERT."""
    nested = field["type"].upper() in _RECORDS or field.get("mode") == "REPEATED"
    return f"CAST({'CAST(? AS JSON)' if nested else '?'} AS {type_of(field)})"


def given(field: Body, value: Any) -> Any:
    """Return a value of JSON as `placeholder` takes it."""
    kind = field["type"].upper()
    if value is None:
        return None
    if kind in _RECORDS or field.get("mode") == "REPEATED":
        return json.dumps(value)
    if kind == "BYTES":
        return base64.b64decode(value)
    if kind == "JSON" and not isinstance(value, str):
        return json.dumps(value)
    if kind == "TIMESTAMP" and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return value


def field_of(name: str, kind: Any) -> Body:
    """Return the field of a result's column.

    Raises:
        CloudError: for a type of DuckDB that BigQuery has not.
    """
    told = str(kind)
    if kind.id == "list":
        return {**field_of(name, kind.child), "mode": "REPEATED"}
    if kind.id == "struct":
        inner = [field_of(key, child) for key, child in kind.children]
        return {"name": name, "type": "RECORD", "mode": "NULLABLE", "fields": inner}
    if told.startswith("DECIMAL"):
        return {"name": name, "type": "NUMERIC", "mode": "NULLABLE"}
    if told not in _FROM_DUCKDB:
        raise invalid(f"The test cloud has no type for `{told}` of `{name}`.")
    return {"name": name, "type": _FROM_DUCKDB[told], "mode": "NULLABLE"}


def types(fields: list[Body]) -> dict[str, str]:
    """Return the type of each field by its name, each type under one of its names."""
    return {one["name"]: field_type(one["type"].upper()) for one in fields}


def field_type(kind: str) -> str:
    """Return a type as `tables.get` spells it: `FLOAT64` is `FLOAT`."""
    return _FROM_DUCKDB.get(_TYPES.get(kind, kind), kind)


def cell(field: Body, value: Any, *, whole: bool) -> Body:
    """Return a value as rows have it; times are in microseconds when `whole`."""
    if field.get("mode") == "REPEATED":
        # BigQuery has no NULL for a list: it is an empty one.
        one = {**field, "mode": "NULLABLE"}
        return {"v": [cell(one, item, whole=whole) for item in value or ()]}
    if value is not None and field["type"] in _RECORDS:
        inner = field["fields"]
        return {"v": {"f": [cell(one, value[one["name"]], whole=whole) for one in inner]}}
    return {"v": _scalar(value, whole=whole)}


def _scalar(value: Any, *, whole: bool) -> str | None:  # noqa: PLR0911
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime) and value.tzinfo:
        micros = round(value.timestamp() * 1_000_000)
        return str(micros) if whole else repr(micros / 1_000_000)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)
