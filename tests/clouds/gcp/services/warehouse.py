"""BigQuery's datasets, tables and rows: DuckDB keeps the rows.

https://cloud.google.com/bigquery/docs/reference/rest
"""

import copy
import re
from typing import Any

import duckdb

from tests.clouds.gcp import masks, policies, standard
from tests.clouds.gcp.calls import Answer, Body, Call, CloudError, Status, exists, invalid
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.services import columns, queries
from tests.clouds.gcp.services.columns import quoted
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = "bigquery"
_ID = re.compile(r"\w{1,1024}")


def dataset_name(world: World, dataset: str) -> str:
    """Return a dataset's full name."""
    return f"projects/{world.project}/datasets/{dataset}"


def table_name(world: World, dataset: str, table: str) -> str:
    """Return a table's full name."""
    return f"{dataset_name(world, dataset)}/tables/{table}"


def find(world: World, name: str) -> Record:
    """Return a dataset or table.

    Raises:
        CloudError: NOT_FOUND.
    """
    record = world.store.get(SERVICE, name)
    if record is None:
        told = name.replace("/", ":")
        raise CloudError(Status.NOT_FOUND, f"Not found: {told}", reason="notFound")
    return record


def _dataset(world: World, call: Call) -> Record:
    return find(world, dataset_name(world, call.text("datasetId")))


def _table(world: World, call: Call) -> Record:
    _dataset(world, call)
    return find(world, table_name(world, call.text("datasetId"), call.text("tableId")))


def _shown(record: Record) -> Body:
    return {**copy.deepcopy(record.body), "etag": record.etag()}


def _times(world: World) -> Body:
    now = str(int(world.clock.now().timestamp() * 1000))
    return {"creationTime": now, "lastModifiedTime": now}


def _insert_dataset(world: World, call: Call) -> Body:
    own = call.body["datasetReference"]["datasetId"]
    if not _ID.fullmatch(own):
        raise invalid(f'Invalid dataset ID "{own}".')
    name = dataset_name(world, own)
    if world.store.get(SERVICE, name):
        raise exists(f"Dataset {world.project}:{own}")
    world.reserve(SERVICE, name)
    body = {"location": "US", **copy.deepcopy(call.body), **_times(world)}
    body |= {"kind": "bigquery#dataset", "id": f"{world.project}:{own}"}
    body["datasetReference"] = {"projectId": world.project, "datasetId": own}
    queries.connection(world).execute(f"CREATE SCHEMA {quoted(own)}")
    return _shown(world.store.add(Record(SERVICE, name, "Dataset", body)))


def _get_dataset(world: World, call: Call) -> Body:
    return _shown(_dataset(world, call))


def _list_datasets(world: World, call: Call) -> Body:
    found = world.store.children(SERVICE, f"projects/{world.project}", "datasets")
    keys = ("kind", "id", "datasetReference", "labels", "location", "friendlyName")
    items = [{key: one.body[key] for key in keys if key in one.body} for one in found]
    return {"kind": "bigquery#datasetList", **standard.paged(world, call, "datasets", items)}


def _delete_dataset(world: World, call: Call) -> Answer:
    record = _dataset(world, call)
    if [*world.store.below(SERVICE, record.name)] and not call.params.get("deleteContents"):
        message = f"Dataset {record.body['id']} is still in use"
        raise CloudError(Status.INVALID_ARGUMENT, message, reason="resourceInUse")
    queries.connection(world).execute(f"DROP SCHEMA {quoted(record.id)} CASCADE")
    world.store.remove(SERVICE, record.name)
    return Answer(204)


def _insert_table(world: World, call: Call) -> Body:
    dataset = _dataset(world, call)
    own = call.body["tableReference"]["tableId"]
    name = table_name(world, dataset.id, own)
    if world.store.get(SERVICE, name):
        raise exists(f"Table {world.project}:{dataset.id}.{own}")
    world.reserve(SERVICE, name)
    _create(world, dataset.id, own, call.body)
    return _shown(register(world, dataset.id, own, copy.deepcopy(call.body)))


def _create(world: World, dataset: str, table: str, asked: Body) -> None:
    where = f"{quoted(dataset)}.{quoted(table)}"
    if "view" in asked:
        text = queries.translated(asked["view"]["query"], world.project)
        queries.run(world, f"CREATE VIEW {where} AS {text}")
        return
    fields = asked.get("schema", {}).get("fields", [])
    if fields:
        inner = ", ".join(columns.definition(one) for one in fields)
        queries.connection(world).execute(f"CREATE TABLE {where} ({inner})")


def register(world: World, dataset: str, table: str, body: Body) -> Record:
    """Keep a table's description."""
    own = {"projectId": world.project, "datasetId": dataset, "tableId": table}
    told = {"kind": "bigquery#table", "id": f"{world.project}:{dataset}.{table}"}
    kind = "VIEW" if "view" in body else "EXTERNAL" if _external(body) else "TABLE"
    full: Body = {**body, **told, **_times(world), "tableReference": own, "type": kind}
    full["numRows"] = "0"
    return world.store.add(Record(SERVICE, table_name(world, dataset, table), "Table", full))


def _external(body: Body) -> bool:
    return "externalDataConfiguration" in body


def _get_table(world: World, call: Call) -> Body:
    record = _table(world, call)
    told = _shown(record)
    if record.body.get("schema", {}).get("fields"):
        told["numRows"] = str(_count(world, record))
    return told


def _where(record: Record) -> str:
    own = record.body["tableReference"]
    return f"{quoted(own['datasetId'])}.{quoted(own['tableId'])}"


def _count(world: World, record: Record) -> int:
    counted = queries.connection(world).execute(f"SELECT count(*) FROM {_where(record)}")  # noqa: S608
    return counted.fetchall()[0][0]


def _list_tables(world: World, call: Call) -> Body:
    found = world.store.children(SERVICE, _dataset(world, call).name, "tables")
    keys = ("kind", "id", "tableReference", "labels", "type", "creationTime")
    items = [{key: one.body[key] for key in keys if key in one.body} for one in found]
    told = {"kind": "bigquery#tableList", "totalItems": len(items)}
    return {**told, **standard.paged(world, call, "tables", items)}


def _change(world: World, call: Call) -> Body:
    record = _table(world, call) if "tableId" in call.params else _dataset(world, call)
    etag = call.request.headers.get("if-match", "")
    if etag and etag != record.etag():
        message = "Precondition check failed."
        raise CloudError(Status.FAILED_PRECONDITION, message, http=412, reason="conditionNotMet")
    _add_columns(world, record, call.body)
    world.store.remember(record)
    change = masks.settable(call.route.api, record.schema, call.body)
    if call.route.http != "PATCH":
        for key in change:
            record.body.pop(key, None)
    masks.merge(record.body, change)
    record.body["lastModifiedTime"] = _times(world)["lastModifiedTime"]
    return _shown(record)


def _add_columns(world: World, record: Record, asked: Body) -> None:
    """Give a table its new columns; those there are stay as they are."""
    wanted = (asked.get("schema") or {}).get("fields", [])
    have = {one["name"]: one for one in record.body.get("schema", {}).get("fields", [])}
    if not wanted:
        return
    lost = set(have) - {one["name"] for one in wanted}
    if lost:
        raise invalid(f"Provided Schema does not match Table {record.body['id']}: {sorted(lost)}.")
    for one in wanted:
        if one["name"] in have:
            if columns.type_of(one) != columns.type_of(have[one["name"]]):
                raise invalid(f"Field {one['name']} has changed type.")
            continue
        if one.get("mode") == "REQUIRED":
            raise invalid(f"Cannot add required fields to an existing schema: {one['name']}.")
        sql = f"ALTER TABLE {_where(record)} ADD COLUMN {columns.definition(one)}"
        queries.connection(world).execute(sql)


def _delete_table(world: World, call: Call) -> Answer:
    record = _table(world, call)
    kind = "VIEW" if record.body["type"] == "VIEW" else "TABLE"
    queries.connection(world).execute(f"DROP {kind} IF EXISTS {_where(record)}")
    world.store.remove(SERVICE, record.name)
    return Answer(204)


def _insert_all(world: World, call: Call) -> Body:
    record = _table(world, call)
    fields = {one["name"]: one for one in record.body.get("schema", {}).get("fields", [])}
    seen: set[str] = record.hidden.setdefault("seen", set())
    errors: list[Body] = []
    for index, row in enumerate(call.body.get("rows", [])):
        told = _row_errors(fields, row["json"], bool(call.body.get("ignoreUnknownValues")))
        if told:
            errors.append({"index": index, "errors": told})
    if errors and not call.body.get("skipInvalidRows"):
        return {"kind": "bigquery#tableDataInsertAllResponse", "insertErrors": errors}
    bad = {one["index"] for one in errors}
    for index, row in enumerate(call.body.get("rows", [])):
        key = row.get("insertId", "")
        if index not in bad and not (key and key in seen):
            append(world, record, row["json"])
        seen.add(key)
    told_: Body = {"kind": "bigquery#tableDataInsertAllResponse"}
    return {**told_, "insertErrors": errors} if errors else told_


def _row_errors(fields: dict[str, Body], row: Body, lenient: bool) -> list[Body]:
    unknown = [] if lenient else [name for name in row if name not in fields]
    missing = [
        name
        for name, one in fields.items()
        if one.get("mode") == "REQUIRED" and row.get(name) is None
    ]
    told = [(name, f"no such field: {name}.") for name in unknown]
    told += [(name, f"Missing required field: {name}.") for name in missing]
    return [
        {"reason": "invalid", "location": name, "debugInfo": "", "message": message}
        for name, message in told
    ]


def append(world: World, record: Record, row: Body) -> None:
    """Add a row to a table.

    Raises:
        CloudError: when a value is not of its column's type.
    """
    fields = [one for one in record.body["schema"]["fields"] if one["name"] in row]
    names = ", ".join(quoted(one["name"]) for one in fields)
    holes = ", ".join(columns.placeholder(one) for one in fields)
    values = [columns.given(one, row[one["name"]]) for one in fields]
    try:
        sql = f"INSERT INTO {_where(record)} ({names}) VALUES ({holes})"  # noqa: S608
        queries.connection(world).execute(sql, values)
    except duckdb.Error as error:
        raise invalid(f"Could not insert into {record.body['id']}: {error}") from None


def _rows(world: World, call: Call) -> Body:
    record = _table(world, call)
    whole = bool(call.params.get("formatOptions.useInt64Timestamp"))
    result = queries.fetch(queries.connection(world).execute(f"FROM {_where(record)}"))
    fields = record.body["schema"]["fields"]
    rows = [{"f": queries.cells(fields, row, whole=whole)} for row in result.rows]
    start = call.text("startIndex")
    told = standard.paged(world, call, "rows", rows[int(start or 0) :])
    token = told.pop("nextPageToken", None)
    page = {"pageToken": token} if token else {}
    return {"kind": "bigquery#tableDataList", "totalRows": str(len(rows)), **told, **page}


def _policy(world: World, call: Call) -> Body:
    return policies.read(world, SERVICE, world.canonical(SERVICE, call.text("resource")))


def _handlers() -> dict[str, Any]:
    return {
        "datasets.insert": _insert_dataset,
        "datasets.get": _get_dataset,
        "datasets.list": _list_datasets,
        "datasets.patch": _change,
        "datasets.update": _change,
        "datasets.delete": _delete_dataset,
        "tables.insert": _insert_table,
        "tables.get": _get_table,
        "tables.list": _list_tables,
        "tables.patch": _change,
        "tables.update": _change,
        "tables.delete": _delete_table,
        "tables.getIamPolicy": _policy,
        "tabledata.insertAll": _insert_all,
        "tabledata.list": _rows,
    }


def _service_account(world: World, call: Call) -> Body:
    del call
    address = f"bq-{world.number}@bigquery-encryption.iam.gserviceaccount.com"
    return {"kind": "bigquery#getServiceAccountResponse", "email": address}


PARTS = (
    Part(
        "tables",
        SERVICE,
        _handlers(),
        "rows are DuckDB's; a row is judged by its table's schema, one insert id counts once;"
        " columns are added, never changed; a dataset with tables stays",
    ),
    Part(
        "queries",
        SERVICE,
        {
            "projects.getServiceAccount": _service_account,
            "jobs.query": queries.query,
            "jobs.insert": queries.insert,
            "jobs.get": queries.get,
            "jobs.cancel": queries.cancel,
            "jobs.getQueryResults": queries.results,
        },
        "SQL of BigQuery, done by DuckDB in sqlglot's translation; loads of objects",
    ),
)
