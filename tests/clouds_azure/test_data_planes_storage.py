"""Azure's own storage clients live a full life against the cloud.

Proves that the cloud is what Azure's code expects of blobs and tables. Limits: no page blobs,
snapshots, versions or soft delete.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.data.tables import (
    EntityProperty,
    TableServiceClient,
    TableTransactionError,
    UpdateMode,
)
from azure.storage.blob import BlobServiceClient, ContentSettings, ExponentialRetry

from tests.clouds_azure.played import ACCOUNT, Played, played

SMALL = {"max_single_put_size": 64 * 1024, "max_block_size": 64 * 1024}
FEW = {"max_single_get_size": 100 * 1024, "max_chunk_get_size": 64 * 1024}


def _code(caught: Any) -> str:
    return caught.value.error_code


@pytest.fixture(scope="module")
def cloud() -> Iterator[Played]:
    """A cloud with an account `acct`."""
    with played() as made:
        made.make(ACCOUNT, "acct", {"allowSharedKeyAccess": False}, kind="StorageV2")
        yield made


@pytest.fixture(scope="module")
def service(cloud: Played) -> Iterator[Any]:
    """Blob Storage as Azure's client has it."""
    policy = ExponentialRetry(initial_backoff=0, increment_base=0, retry_total=2)
    address = f"{cloud.address}/blob/acct"
    options: Any = {**cloud.options, **SMALL, **FEW, "retry_policy": policy}
    with BlobServiceClient(address, **options) as made:
        yield made


@pytest.fixture
def container(service: BlobServiceClient, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A container of the test's own."""
    name = request.node.name.replace("_", "-")[:60].strip("-")
    made = service.create_container(name, metadata={"by": "us"})
    yield made
    made.delete_container()


def test_a_blob_is_written_read_and_deleted(container: Any) -> None:
    blob = container.get_blob_client("a/b c'ä.txt")
    settings = ContentSettings(content_type="text/plain", cache_control="no-store")
    blob.upload_blob(b"hello", metadata={"by": "us"}, content_settings=settings, tags={"x": "1"})
    found = blob.get_blob_properties()
    assert (found.size, found.metadata, found.tag_count) == (5, {"by": "us"}, 1)
    assert found.content_settings.content_type == "text/plain"
    assert found.content_settings.cache_control == "no-store"
    assert blob.get_blob_tags() == {"x": "1"}
    assert blob.download_blob().readall() == b"hello"
    assert blob.download_blob(offset=1, length=2).readall() == b"el"
    blob.delete_blob()
    assert not blob.exists()
    with pytest.raises(ResourceNotFoundError) as caught:
        blob.download_blob()
    assert _code(caught) == "BlobNotFound"


def test_a_big_blob_comes_and_goes_in_pieces(container: Any) -> None:
    content = bytes(range(256)) * 1500
    blob = container.upload_blob("big", content)
    assert blob.download_blob(max_concurrency=2).readall() == content
    committed, uncommitted = blob.get_block_list("all")
    assert (len(committed), len(uncommitted)) == (6, 0)
    assert container.upload_blob("nothing", b"").download_blob().readall() == b""


def test_of_two_who_write_by_an_etag_one_is_refused(container: Any) -> None:
    blob = container.get_blob_client("state.json")
    first = blob.upload_blob(b"1")
    with pytest.raises(ResourceExistsError):
        blob.upload_blob(b"2", overwrite=False)
    match = {"match_condition": MatchConditions.IfNotModified}
    second = blob.upload_blob(b"2", overwrite=True, etag=first["etag"], **match)
    for write in (
        lambda: blob.upload_blob(b"3", overwrite=True, etag=first["etag"], **match),
        lambda: blob.delete_blob(etag=first["etag"], **match),
    ):
        with pytest.raises(ResourceModifiedError):
            write()
    blob.set_blob_metadata({"x": "y"}, etag=second["etag"], **match)
    assert blob.get_blob_properties().etag != second["etag"]


def test_a_container_lists_its_folders_in_pages(container: Any) -> None:
    names = ["runs/1/a", "runs/2/b", "runs/2/c & d", "z"]
    for name in names:
        container.upload_blob(name, b"x", metadata={"n": name[-1]}, tags={"k": name[-1]})
    pages = container.list_blobs(results_per_page=2, include=["metadata", "tags"]).by_page()
    listed = [[one.name for one in page] for page in pages]
    assert listed == [names[:2], names[2:]]
    found = next(iter(container.list_blobs("runs/2/c", include=["metadata", "tags"])))
    assert (found.metadata, found.tags, found.size) == ({"n": "d"}, {"k": "d"}, 1)
    walked = [one.name for one in container.walk_blobs("runs/", delimiter="/")]
    assert walked == ["runs/1/", "runs/2/"]
    assert [one.name for one in container.find_blobs_by_tags("k='z'")] == ["z"]
    answers = container.delete_blobs("z", "runs/1/a", "not there", raise_on_any_failure=False)
    assert [one.status_code for one in answers] == [202, 202, 404]
    assert [*container.list_blob_names()] == names[1:3]


def test_a_blob_is_copied_appended_and_leased(container: Any) -> None:
    source = container.upload_blob("one", b"abc", metadata={"a": "b"})
    other = container.get_blob_client("other")
    assert other.start_copy_from_url(source.url)["copy_status"] == "success"
    assert other.get_blob_properties().copy.status == "success"
    assert other.get_blob_properties().metadata == {"a": "b"}
    other.upload_blob_from_url(source.url, overwrite=True)
    assert other.download_blob().readall() == b"abc"

    log = container.get_blob_client("log")
    for line in (b"1\n", b"2\n"):
        log.upload_blob(line, blob_type="AppendBlob")
    assert log.download_blob().readall() == b"1\n2\n"

    lease = source.acquire_lease(15)
    with pytest.raises(HttpResponseError) as caught:
        source.delete_blob()
    assert _code(caught) == "LeaseIdMissing"
    source.upload_blob(b"mine", overwrite=True, lease=lease)
    lease.release()
    source.delete_blob()


def test_who_has_no_token_of_storage_is_refused(cloud: Played, container: Any) -> None:
    address = f"{cloud.address}/blob/acct"
    for credential in (None, {"account_name": "acct", "account_key": "a2V5"}):
        with BlobServiceClient(
            address, credential=credential, connection_verify=cloud.authority
        ) as client:
            with pytest.raises((ClientAuthenticationError, HttpResponseError)) as caught:
                client.get_container_client(container.container_name).get_container_properties()
            assert caught.value.status_code in {401, 403}


def test_containers_are_the_resource_managers(cloud: Played, service: Any) -> None:
    kind = f"{ACCOUNT}/blobServices/containers"
    cloud.make(kind, "acct/default/from-arm")
    service.get_container_client("from-arm").upload_blob("x", b"1")
    assert "from-arm" in [one.name for one in service.list_containers(include_metadata=True)]
    with pytest.raises(ResourceExistsError):
        service.create_container("from-arm")
    with pytest.raises(ResourceNotFoundError) as caught:
        service.get_container_client("nowhere").upload_blob("x", b"1")
    assert _code(caught) == "ContainerNotFound"


# Tables


@pytest.fixture(scope="module")
def tables(cloud: Played) -> Iterator[Any]:
    """Table Storage as Azure's client has it."""
    address = f"{cloud.address}/table/acct"
    with TableServiceClient(endpoint=address, **cloud.options) as made:
        yield made


@pytest.fixture
def table(tables: Any) -> Iterator[Any]:
    """A table."""
    made = tables.create_table("Rows")
    yield made
    made.delete_table()


ROW = {
    "PartitionKey": "a'b",
    "RowKey": "1",
    "text": "it's",
    "whole": 7,
    "big": EntityProperty(2**40, "Edm.Int64"),
    "real": 1.5,
    "yes": True,
    "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    "raw": b"\x00\x01",
    "id": UUID("c9da6455-213d-42c9-9a79-3e9149a57833"),
}


def test_an_entity_keeps_its_types(table: Any) -> None:
    table.create_entity(ROW)
    found = table.get_entity("a'b", "1")
    assert {name: found[name] for name in ROW if name != "big"} == {
        name: value for name, value in ROW.items() if name != "big"
    }
    assert found["big"].value == 2**40
    with pytest.raises(ResourceExistsError):
        table.create_entity(ROW)


def test_an_entity_is_merged_replaced_and_deleted(table: Any) -> None:
    key = {"PartitionKey": "p", "RowKey": "r"}
    table.upsert_entity({**key, "x": 1, "y": 2})
    table.upsert_entity({**key, "y": 3}, mode=UpdateMode.MERGE)
    assert {**table.get_entity("p", "r")} == {**key, "x": 1, "y": 3}
    table.upsert_entity({**key, "y": 4}, mode=UpdateMode.REPLACE)
    before = table.get_entity("p", "r")
    assert {**before} == {**key, "y": 4}
    table.update_entity({**key, "y": 5})
    with pytest.raises(HttpResponseError) as caught:
        table.update_entity(
            {**key, "y": 6},
            etag=before.metadata["etag"],
            match_condition=MatchConditions.IfNotModified,
        )
    assert caught.value.status_code == 412
    table.delete_entity("p", "r")
    table.delete_entity("p", "r")  # the client passes over what is gone
    with pytest.raises(ResourceNotFoundError):
        table.get_entity("p", "r")
    with pytest.raises(ResourceNotFoundError):
        table.update_entity({**key, "y": 6})


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("x ge 3", ["3", "4"]),
        ("PartitionKey eq 'p' and (x eq 1 or x eq 4L) and not (y eq false)", ["4"]),
        ("at gt datetime'2026-01-03T00:00:00Z' and text ne 'no''t'", ["3", "4"]),
        ("RowKey ge '2' and RowKey lt '4'", ["2", "3"]),
        ("missing eq 1", []),
        ("y", ["2", "4"]),
    ],
)
def test_entities_are_queried(table: Any, asked: str, found: list[str]) -> None:
    for number in range(1, 5):
        at = datetime(2026, 1, number, 12, tzinfo=UTC)
        row = {"PartitionKey": "p", "RowKey": str(number), "x": number, "at": at, "text": "t"}
        table.create_entity({**row, "y": number % 2 == 0})
    assert [one["RowKey"] for one in table.query_entities(asked)] == found


def test_entities_are_queried_with_parameters_in_pages(table: Any) -> None:
    for number in range(5):
        table.create_entity({"PartitionKey": "p", "RowKey": str(number), "x": number, "y": 1})
    since = datetime(2020, 1, 1, tzinfo=UTC)
    pages = table.query_entities(
        "x ge @low and Timestamp gt @since",
        parameters={"low": 1, "since": since},
        select=["RowKey"],
        results_per_page=3,
    ).by_page()
    assert [[{**one} for one in page] for page in pages] == [
        [{"RowKey": "1"}, {"RowKey": "2"}, {"RowKey": "3"}],
        [{"RowKey": "4"}],
    ]
    with pytest.raises(HttpResponseError):
        next(iter(table.query_entities("x ge")))


def test_a_transaction_is_done_whole_or_not_at_all(table: Any) -> None:
    rows = [{"PartitionKey": "p", "RowKey": str(one), "x": one} for one in range(3)]
    told = table.submit_transaction([("upsert", rows[0]), ("create", rows[1])])
    assert all(one["etag"] for one in told)
    with pytest.raises(TableTransactionError) as caught:
        table.submit_transaction([("create", rows[2]), ("create", rows[1])])
    assert (caught.value.index, _code(caught)) == (1, "EntityAlreadyExists")
    assert [one["RowKey"] for one in table.list_entities()] == ["0", "1"]
    with pytest.raises(TableTransactionError):
        table.submit_transaction([("upsert", rows[0]), ("upsert", rows[0])])
    table.submit_transaction([("delete", rows[0]), ("update", rows[1], {"mode": "replace"})])
    assert [one["RowKey"] for one in table.list_entities()] == ["1"]


def test_tables_are_listed_and_made_once(tables: Any) -> None:
    tables.create_table_if_not_exists("Some")
    tables.create_table_if_not_exists("Some")
    with pytest.raises(ResourceExistsError):
        tables.create_table("some")
    assert [one.name for one in tables.query_tables("TableName eq 'Some'")] == ["Some"]
    tables.delete_table("Some")
    assert [*tables.list_tables()] == []
    with pytest.raises(ResourceNotFoundError, match="TableNotFound"):
        tables.get_table_client("Nowhere").create_entity({"PartitionKey": "p", "RowKey": "r"})
