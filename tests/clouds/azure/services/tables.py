"""Table Storage: tables, entities, queries in pages, transactions.

https://learn.microsoft.com/rest/api/storageservices/table-service-rest-api. A table is ARM's record
`…/tableServices/default/tables/<name>`, whoever made it.
"""

import copy
import re
from collections.abc import Mapping
from urllib.parse import unquote

from tests.clouds.azure.calls import Answer, Body, CloudError, Deferred, told
from tests.clouds.azure.services import accounts, planes, table_batches
from tests.clouds.azure.services.planes import Asked, Operation, Refusal, with_headers
from tests.clouds.azure.services.table_filters import compiled
from tests.clouds.azure.services.table_store import Key, tables
from tests.clouds.azure.store import Record

_TYPE = "Microsoft.Storage/storageAccounts/tableServices/tables"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{2,62}")
_ONE = re.compile(
    r"(?P<table>\w+)\(PartitionKey='(?P<partition>(?:[^']|'')*)',\s*RowKey='(?P<row>(?:[^']|'')*)'\)"
)
_MANY = re.compile(r"(?P<table>\w+)(?:\(\))?")
_TABLE = re.compile(r"Tables\('(?P<table>\w+)'\)")
_PAGE = 1000
_AFTER = "x-ms-continuation-"


def _id(asked: Asked, table: str) -> str:
    return f"{accounts.account(asked.world, asked.name).id}/tableServices/default/tables/{table}"


def _existing(asked: Asked, table: str) -> str:
    if asked.world.store.get(_id(asked, table)) is None:
        raise Refusal(404, "TableNotFound", "The table specified does not exist.")
    return table


# Tables


def _create(asked: Asked) -> Answer:
    name = asked.request.json().get("TableName", "")
    if not _NAME.fullmatch(name) or name.lower() == "tables":
        message = "The specified resource name contains invalid characters."
        raise Refusal(400, "InvalidResourceName", message)
    if asked.world.store.get(_id(asked, name)):
        raise Refusal(409, "TableAlreadyExists", "The table specified already exists.")
    asked.world.store.add(Record(_id(asked, name), _TYPE, {"properties": {"tableName": name}}))
    return _made(asked, {"TableName": name})


def _made(asked: Asked, body: Body, **headers: str) -> Answer:
    prefer = asked.header("prefer")
    applied = {"Preference-Applied": prefer} if prefer else {}
    if prefer == "return-no-content":
        return Answer(204, b"", {**applied, **headers})
    return with_headers(told(_metadata(asked, body), 201), {**applied, **headers})


def _metadata(asked: Asked, body: Body) -> Body:
    if "nometadata" in asked.header("accept"):
        return {name: value for name, value in body.items() if not name.startswith("odata.")}
    return {"odata.metadata": f"{asked.world.address}/table/{asked.name}/$metadata", **body}


def _list(asked: Asked) -> Answer:
    keeps = compiled(asked.query.get("$filter", ""))
    account = accounts.account(asked.world, asked.name)
    names = sorted(one.name for one in asked.world.store.children(account.id, _TYPE))
    found: list[Body] = [{"TableName": one} for one in names if keeps({"TableName": one})]
    after = asked.query.get("nexttablename", "")
    found = [one for one in found if one["TableName"] >= after]
    size = _size(asked)
    headers = {f"{_AFTER}NextTableName": found[size]["TableName"]} if len(found) > size else {}
    return with_headers(told(_metadata(asked, {"value": found[:size]})), headers)


def _size(asked: Asked) -> int:
    asked_for = int(asked.query.get("$top") or _PAGE)
    return min(asked_for, asked.world.pace.get("page") or _PAGE, _PAGE)


def _delete_table(asked: Asked) -> Answer:
    found = _TABLE.fullmatch(asked.path)
    assert found is not None
    record = asked.world.store.get(_id(asked, found["table"]))
    if record is None:
        raise Refusal(404, "ResourceNotFound", "The specified resource does not exist.")
    asked.world.store.remove(record.id)
    tables(asked.world).drop(asked.name, record.name)
    return Answer(204)


def _acl(asked: Asked) -> Answer:
    _existing(asked, asked.path.removesuffix("()"))
    body = b"<SignedIdentifiers/>" if asked.verb == "GET" else b""
    return Answer(200 if asked.verb == "GET" else 204, body, {"Content-Type": "application/xml"})


# Entities


def place(asked: Asked) -> tuple[str, Key]:
    """Return table and key of the entity that is meant."""
    found = _ONE.fullmatch(asked.path)
    assert found is not None
    key = (found["partition"].replace("''", "'"), found["row"].replace("''", "'"))
    return _existing(asked, found["table"]), key


def _sent(asked: Asked) -> Body:
    return asked.request.json()


def _insert(asked: Asked) -> Answer:
    table = _existing(asked, asked.path.removesuffix("()"))
    now = asked.world.clock.now()
    kept = tables(asked.world).insert(asked.name, table, _sent(asked), now)
    return _made(asked, kept, ETag=kept["odata.etag"])


def _change(asked: Asked) -> Answer:
    table, (partition, row) = place(asked)
    entity = {**_sent(asked), "PartitionKey": partition, "RowKey": row}
    match = asked.request.headers.get("if-match")
    now, merge = asked.world.clock.now(), asked.verb != "PUT"
    kept = tables(asked.world).change(asked.name, table, entity, match, now, merge=merge)
    return Answer(204, b"", {"ETag": kept["odata.etag"]})


def _delete(asked: Asked) -> Answer:
    table, key = place(asked)
    match = asked.request.headers.get("if-match")
    if match is None:
        raise Refusal(400, "MissingRequiredHeader", "`If-Match` is required.")
    tables(asked.world).delete(asked.name, table, key, match)
    return Answer(204)


def _get(asked: Asked) -> Answer:
    table, key = place(asked)
    found = tables(asked.world).find(asked.name, table, key)
    return with_headers(told(_shown(asked, found)), {"ETag": found["odata.etag"]})


def _shown(asked: Asked, entity: Body) -> Body:
    """Return an entity as it is asked for: some of its properties, with or without their types."""
    wanted = [one.strip() for one in asked.query.get("$select", "").split(",") if one.strip()]
    if wanted and wanted != ["*"]:
        kept = {*wanted, *(f"{one}@odata.type" for one in wanted), "odata.etag"}
        entity = {name: value for name, value in entity.items() if name in kept}
    return _metadata(asked, copy.deepcopy(entity))


def _query(asked: Asked) -> Answer:
    table = _existing(asked, asked.path.removesuffix("()"))
    found = tables(asked.world).query(asked.name, table, compiled(asked.query.get("$filter", "")))
    after = asked.query.get("nextpartitionkey", ""), asked.query.get("nextrowkey", "")
    found = [one for one in found if (one["PartitionKey"], one["RowKey"]) >= after]
    size = _size(asked)
    headers: dict[str, str] = {}
    if len(found) > size:
        headers[f"{_AFTER}NextPartitionKey"] = found[size]["PartitionKey"]
        headers[f"{_AFTER}NextRowKey"] = found[size]["RowKey"]
    rows = [_shown(asked, one) for one in found[:size]]
    for row in rows:
        row.pop("odata.metadata", None)
    return with_headers(told(_metadata(asked, {"value": rows})), headers)


# Transactions


def _batch(asked: Asked) -> Answer:
    """Do all changes of a transaction, or none."""
    try:
        changes = table_batches.changes(asked)
    except CloudError as error:
        return table_batches.answered([refused(error)])
    state = tables(asked.world)
    before = copy.deepcopy(state.tables)
    done: list[Answer] = []
    for number, change in enumerate(changes):
        try:
            answer = _find(change).do(change)
            assert isinstance(answer, Answer)
            done.append(answer)
        except CloudError as error:
            state.tables = before
            error.message = f"{number}:{error.message}"
            return table_batches.answered([refused(error)])
    return table_batches.answered(done)


def refused(error: CloudError) -> Answer:
    """Return a refusal as Table Storage writes it."""
    message = {"lang": "en-US", "value": error.message}
    body = {"odata.error": {"code": error.code, "message": message}}
    return with_headers(told(body, error.status), {"x-ms-error-code": error.code, **error.headers})


_ENTITY: Mapping[str, Operation] = {
    "GET": Operation("GetEntity", _get),
    "PUT": Operation("UpdateEntity", _change),
    "PATCH": Operation("MergeEntity", _change),
    "MERGE": Operation("MergeEntity", _change),
    "DELETE": Operation("DeleteEntity", _delete),
}
_FIXED: Mapping[tuple[str, str], Operation] = {
    ("POST", "Tables"): Operation("CreateTable", _create),
    ("GET", "Tables"): Operation("QueryTables", _list),
    ("POST", "$batch"): Operation("Batch", _batch),
}
_COLLECTION: Mapping[str, Operation] = {
    "GET": Operation("QueryEntities", _query),
    "POST": Operation("InsertEntity", _insert),
}


_DOES: Mapping[str, tuple[str, bool]] = {
    "CreateTable": ("tables/write", False),
    "DeleteTable": ("tables/delete", False),
    "QueryTables": ("tables/read", False),
    "TableAcl": ("tables/getAcl/action", False),
    "GetEntity": ("tables/entities/read", True),
    "QueryEntities": ("tables/entities/read", True),
    "DeleteEntity": ("tables/entities/delete", True),
}
"""Actions below `tableServices/`, and whether each is a data action; any other writes an entity."""
_ANY = ("tables/entities/write", True)


def _judged(operation: Operation) -> Operation:
    """Return what is done of an account, by who may; a transaction's changes are judged alone."""
    action, is_data = _DOES.get(operation.name, _ANY)

    def do(asked: Asked) -> Answer | Deferred:
        if operation.name != "Batch":
            table = re.split(r"[(/]", asked.path)[0]
            scope = _id(asked, table) if is_data else accounts.account(asked.world, asked.name).id
            accounts.judge(asked, f"tableServices/{action}", scope, data=is_data)
        return operation.do(asked)

    return Operation(operation.name, do)


def _find(asked: Asked) -> Operation:
    return _judged(_asked_for(asked))


def _asked_for(asked: Asked) -> Operation:
    # A client may tunnel a verb that its library does not speak.
    verb = asked.header("x-http-method") or asked.verb
    found: Operation | None = None
    if asked.query.get("comp") == "acl":
        return Operation("TableAcl", _acl)
    if (verb, asked.path.removesuffix("()")) in _FIXED:
        found = _FIXED[verb, asked.path.removesuffix("()")]
    elif _TABLE.fullmatch(asked.path):
        found = Operation("DeleteTable", _delete_table) if verb == "DELETE" else None
    elif _ONE.fullmatch(asked.path):
        found = _ENTITY.get(verb)
    elif _MANY.fullmatch(asked.path):
        found = _COLLECTION.get(verb)
    if found is None:
        message = f"The test cloud does not do {verb} of `{unquote(asked.path)}`."
        raise Refusal(501, "NotImplemented", message)
    return found


SERVICE = planes.service("table", _find, refuse=refused, admit=accounts.admit)
