"""The newest values in Table Storage: rows are put, what another filling has put goes.

Each row tells which filling has put it, so a filling that was killed leaves nothing behind that
the next one does not find.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, islice
from typing import Any

from mlops_iac.runtime.features.group import FeatureSet
from mlops_iac_azure.errors import AzureError
from mlops_iac_azure.features.entities import VERSION, address, entity
from mlops_iac_azure.session import Place, tables

BATCH = 100
"""Operations of one transaction, all in one partition."""
_PARALLEL = 8

Operation = tuple[str, Mapping[str, Any]]


class OnlineError(AzureError):
    """The online store does not take the values; it goes on serving those of before."""

    code = "azure.online"


def table_of(where: Place, account: str, table: str) -> Any:
    """Return Azure's own client of a table."""
    return tables(where, account).get_table_client(table)


def replace_rows(
    client: Any, group: FeatureSet, rows: Iterable[Mapping[str, Any]], version: str
) -> int:
    """Make a table hold these rows and no others; return how many were deleted.

    Args:
        client: of the table.
        group: the definition.
        rows: one for each entity.
        version: the filling.

    Raises:
        OnlineError: a row is larger than an entity may be, or the table is gone.
    """
    made = (entity(group, row, version) for row in rows)
    _submit(client, [("upsert", each) for each in made], {"mode": "replace"})
    others = client.query_entities(
        f"{VERSION} ne @version",
        parameters={"version": version},
        select=["PartitionKey", "RowKey"],
    )
    gone = [("delete", _key(each)) for each in others]
    _submit(client, gone, {})
    return len(gone)


def find(client: Any, values: Sequence[str | int]) -> Mapping[str, Any] | None:
    """Return the row of an entity, or `None`."""
    from azure.core.exceptions import ResourceNotFoundError

    partition, key = address(values)
    try:
        return client.get_entity(partition, key)
    except ResourceNotFoundError as error:
        if getattr(error, "error_code", "") == "TableNotFound":
            raise
        return None


def _submit(client: Any, operations: Sequence[Operation], how: Mapping[str, Any]) -> None:
    with ThreadPoolExecutor(_PARALLEL) as pool:
        for _ in pool.map(lambda batch: _send(client, batch, how), _batches(operations)):
            pass


def _send(client: Any, batch: Sequence[Operation], how: Mapping[str, Any]) -> None:
    from azure.core.exceptions import HttpResponseError

    try:
        client.submit_transaction([(*operation, dict(how)) for operation in batch])
    except HttpResponseError as error:
        raise OnlineError(
            f"table `{client.table_name}` does not take the rows: {error.message}",
            remedy="make the features shorter (1 MiB a row, 64 KiB a text), and run it again",
        ) from error


def _batches(operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    ordered = sorted(operations, key=_partition)
    for _, same in groupby(ordered, key=_partition):
        while batch := list(islice(same, BATCH)):
            yield batch


def _partition(operation: Operation) -> str:
    return operation[1]["PartitionKey"]


def _key(found: Mapping[str, Any]) -> dict[str, str]:
    return {name: found[name] for name in ("PartitionKey", "RowKey")}
