"""BigQuery's jobs: queries, by DuckDB, and loads from objects."""

import copy
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from tests.clouds.gcp.calls import Body, Call, CloudError, Status, invalid, not_found
from tests.clouds.gcp.services import columns, objects
from tests.clouds.gcp.services.columns import quoted
from tests.clouds.gcp.world import World

_READERS = {
    "CSV": "read_csv('{}', header = true)",
    "NEWLINE_DELIMITED_JSON": "read_json('{}', format = 'newline_delimited')",
    "PARQUET": "read_parquet('{}')",
}


@dataclass
class Result:
    """What a statement answers."""

    fields: list[Body]
    rows: list[tuple[Any, ...]]


def connection(world: World) -> duckdb.DuckDBPyConnection:
    """Return the cloud's database."""
    return world.state("database", _database)


def _database() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(":memory:")
    made.execute("SET TimeZone = 'UTC'")
    return made


def translated(text: str, project: str) -> str:
    """Return a query of BigQuery as DuckDB takes it.

    Raises:
        CloudError: when it is no SQL of BigQuery.
    """
    try:
        tree = sqlglot.parse_one(text, read="bigquery")
    except sqlglot.errors.SqlglotError as error:
        raise _wrong(str(error)) from None
    for table in tree.find_all(exp.Table):
        if table.catalog and table.catalog != project:
            raise _wrong(f"Access to project `{table.catalog}` is not the test cloud's.")
        table.set("catalog", None)
    return tree.sql(dialect="duckdb")


def _wrong(message: str) -> CloudError:
    return CloudError(Status.INVALID_ARGUMENT, message, reason="invalidQuery")


def run(world: World, sql: str, values: Any = None) -> Result:
    """Do a statement of DuckDB.

    Raises:
        CloudError: with DuckDB's words.
    """
    try:
        return fetch(connection(world).execute(sql, values))
    except duckdb.CatalogException as error:
        raise CloudError(Status.NOT_FOUND, f"Not found: {error}") from None
    except duckdb.Error as error:
        raise _wrong(str(error)) from None


def fetch(done: duckdb.DuckDBPyConnection) -> Result:
    """Return what a statement answers."""
    fields = [columns.field_of(one[0], one[1]) for one in done.description or []]
    return Result(fields, done.fetchall())


def cells(fields: list[Body], row: tuple[Any, ...], *, whole: bool) -> list[Body]:
    """Return a row as it is answered."""
    return [columns.cell(one, value, whole=whole) for one, value in zip(fields, row, strict=True)]


def _values(asked: Body) -> Any:
    given = asked.get("queryParameters") or []
    values = [_value(one["parameterType"], one["parameterValue"]) for one in given]
    if asked.get("parameterMode", "").upper() == "NAMED":
        return {one["name"]: value for one, value in zip(given, values, strict=True)}
    return values or None


def _value(kind: Body, value: Body) -> Any:
    if kind["type"] == "ARRAY":
        return [_value(kind["arrayType"], one) for one in value.get("arrayValues", [])]
    text = value.get("value")
    if text is None:
        return None
    readers: dict[str, Any] = {"INT64": int, "FLOAT64": float, "BOOL": lambda one: one == "true"}
    return readers.get(kind["type"], str)(text)


def _do(world: World, asked: Body) -> Result:
    if asked.get("useLegacySql", True):
        raise invalid("The test cloud has no legacy SQL: set `useLegacySql` to false.")
    sql = translated(asked["query"], world.project)
    result = run(world, sql, _values(asked))
    _learn(world)
    return result


def _learn(world: World) -> None:
    """Describe tables that a statement made, forget those that it dropped."""
    from tests.clouds.gcp.services import warehouse

    listed = connection(world).execute(
        "SELECT table_schema, table_name FROM information_schema.tables"
    )
    have = {(str(dataset), str(table)) for dataset, table in listed.fetchall()}
    for dataset, table in sorted(have):
        name = warehouse.table_name(world, dataset, table)
        if world.store.get("bigquery", name) is None:
            where = f"{quoted(dataset)}.{quoted(table)}"
            fields = fetch(connection(world).execute(f"FROM {where} LIMIT 0")).fields
            warehouse.register(world, dataset, table, {"schema": {"fields": fields}})
    for record in world.store.everything():
        own = record.body.get("tableReference", {})
        made = record.schema == "Table" and record.body.get("schema", {}).get("fields")
        if made and (own["datasetId"], own["tableId"]) not in have:
            world.store.remove("bigquery", record.name)


def _jobs(world: World) -> dict[str, Body]:
    return world.state("bigquery jobs", dict)


def _reference(world: World, number: str) -> Body:
    return {"projectId": world.project, "jobId": number, "location": "europe-west4"}


def _answered(world: World, number: str, result: Result, whole: bool) -> Body:
    rows = [{"f": cells(result.fields, row, whole=whole)} for row in result.rows]
    return {
        "kind": "bigquery#queryResponse",
        "jobReference": _reference(world, number),
        "jobComplete": True,
        "totalRows": str(len(rows)),
        "schema": {"fields": result.fields},
        **({"rows": rows} if rows else {}),
        "cacheHit": False,
    }


def query(world: World, call: Call) -> Body:
    """Answer a query at once."""
    if call.body.get("dryRun"):
        translated(call.body["query"], world.project)
        return _answered(world, "", Result([], []), whole=False)
    result = _do(world, call.body)
    number = f"job_{world.store.number()}"
    _jobs(world)[number] = {"result": result, "configuration": {"query": {}}}
    whole = bool(call.body.get("formatOptions", {}).get("useInt64Timestamp"))
    return _answered(world, number, result, whole)


def insert(world: World, call: Call) -> Body:
    """Begin a job; it has ended when it is answered, well or with its error."""
    asked = call.body["configuration"]
    number = call.body.get("jobReference", {}).get("jobId") or f"job_{world.store.number()}"
    if number in _jobs(world):
        raise CloudError(Status.ALREADY_EXISTS, f"Already Exists: Job {world.project}:{number}")
    job: Body = {"configuration": copy.deepcopy(asked), "result": Result([], []), "error": None}
    try:
        job["result"] = _load(world, asked["load"]) if "load" in asked else _query(world, asked)
    except CloudError as error:
        job["error"] = error
    _jobs(world)[number] = job
    return _told(world, number)


def _query(world: World, asked: Body) -> Result:
    if "query" not in asked:
        raise invalid(f"The test cloud does not do jobs of {sorted(asked)}.")
    wanted = asked["query"]
    target = wanted.get("destinationTable")
    if not target:
        return _do(world, wanted)
    text = translated(wanted["query"], world.project)
    return _written(world, target, text, wanted.get("writeDisposition", "WRITE_EMPTY"), wanted)


def _written(world: World, target: Body, text: str, how: str, asked: Body) -> Result:
    """Let a table be, or also have, what a query answers."""
    from tests.clouds.gcp.services import warehouse

    warehouse.find(world, warehouse.dataset_name(world, target["datasetId"]))
    where = f"{quoted(target['datasetId'])}.{quoted(target['tableId'])}"
    name = warehouse.table_name(world, target["datasetId"], target["tableId"])
    there = world.store.get("bigquery", name) is not None
    values = _values(asked)
    if not there and asked.get("createDisposition") == "CREATE_NEVER":
        raise CloudError(Status.NOT_FOUND, f"Not found: Table {name}", reason="notFound")
    if there and how == "WRITE_EMPTY" and run(world, f"FROM {where} LIMIT 1").rows:
        raise CloudError(Status.ALREADY_EXISTS, f"Already Exists: Table {name}")
    if there and how != "WRITE_TRUNCATE":
        if how == "WRITE_TRUNCATE_DATA":
            run(world, f"DELETE FROM {where}")  # noqa: S608  names of the store itself, quoted
        run(world, f"INSERT INTO {where} BY NAME {text}", values)
    else:
        run(world, f"CREATE OR REPLACE TABLE {where} AS {text}", values)
        if there:
            world.store.remove("bigquery", name)
    _learn(world)
    return run(world, f"FROM {where}")


_KEEPING = frozenset({"WRITE_APPEND", "WRITE_TRUNCATE_DATA"})
"""Dispositions that keep a table's schema."""


def _require_fit(world: World, target: Body, fields: list[Body]) -> None:
    """Refuse rows whose columns are not those of the table that is there.

    Raises:
        CloudError: as https://cloud.google.com/bigquery/docs/error-messages has it.
    """
    from tests.clouds.gcp.services import warehouse

    name = warehouse.table_name(world, target["datasetId"], target["tableId"])
    record = world.store.get("bigquery", name)
    if record is None:
        return
    have = columns.types(record.body["schema"]["fields"])
    for one, kind in columns.types(fields).items():
        if have.get(one) != kind:
            told = f"Cannot add fields (field: {one})"
            if one in have:
                told = f"Field {one} has changed type from {have[one]} to {kind}"
            raise invalid(f"Provided Schema does not match Table {name}. {told}")


def _load(world: World, asked: Body) -> Result:
    kind = asked.get("sourceFormat", "CSV")
    if kind not in _READERS:
        raise invalid(f"The test cloud loads {sorted(_READERS)}, not `{kind}`.")
    with tempfile.TemporaryDirectory() as folder:
        for index, (bucket, name) in enumerate(_sources(world, asked["sourceUris"])):
            stored = objects.shelf(world).find(bucket, name)
            (Path(folder) / f"{index:06}").write_bytes(stored.content)
        text = "SELECT * FROM " + _READERS[kind].format(f"{folder}/*")  # noqa: S608
        how = asked.get("writeDisposition", "WRITE_APPEND")
        if kind == "PARQUET" and how in _KEEPING:
            fields = run(world, f"{text} LIMIT 0").fields
            _require_fit(world, asked["destinationTable"], fields)
        _written(world, asked["destinationTable"], text, how, asked)
    return Result([], [])


def _sources(world: World, uris: list[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for uri in uris:
        bucket, _, name = uri.removeprefix("gs://").partition("/")
        head, star, tail = name.partition("*")
        names = [one["name"] for one in objects.below(world, bucket)]
        found += [
            (bucket, one)
            for one in names
            if one == name or (star and one.startswith(head) and one.endswith(tail))
        ]
    if not found:
        raise not_found(f"{uris}")
    return found


def _job(world: World, call: Call) -> tuple[str, Body]:
    number = call.text("jobId")
    if number not in _jobs(world):
        raise CloudError(Status.NOT_FOUND, f"Not found: Job {world.project}:{number}")
    return number, _jobs(world)[number]


def _told(world: World, number: str) -> Body:
    job = _jobs(world)[number]
    error: CloudError | None = job.get("error")
    status: Body = {"state": "DONE"}
    if error is not None:
        told = {"reason": error.reason, "message": error.message}
        status |= {"errorResult": told, "errors": [told]}
    now = str(int(world.clock.now().timestamp() * 1000))
    reference = _reference(world, number)
    return {
        "kind": "bigquery#job",
        "id": f"{world.project}:{reference['location']}.{number}",
        "jobReference": reference,
        "configuration": copy.deepcopy(job["configuration"]),
        "status": status,
        "statistics": {"creationTime": now, "startTime": now, "endTime": now},
    }


def get(world: World, call: Call) -> Body:
    """Answer how a job stands."""
    return _told(world, _job(world, call)[0])


def cancel(world: World, call: Call) -> Body:
    """Answer that the job has ended."""
    told = _told(world, _job(world, call)[0])
    return {"kind": "bigquery#jobCancelResponse", "job": told}


def results(world: World, call: Call) -> Body:
    """Answer the rows of a query.

    Raises:
        CloudError: the query's own.
    """
    number, job = _job(world, call)
    if job.get("error"):
        raise job["error"]
    whole = bool(call.params.get("formatOptions.useInt64Timestamp"))
    told = _answered(world, number, job["result"], whole)
    told["kind"] = "bigquery#getQueryResultsResponse"
    if call.params.get("maxResults") == 0:
        told.pop("rows", None)
    return told
