"""Google's own clients live a full life against the cloud.

Proves that the cloud is what Google's code expects: addresses, operations, uploads, errors.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import bigquery, storage
from google.oauth2.credentials import Credentials

from tests.clouds.gcp.running import Cloud
from tests.clouds_gcp.asking import IMAGE, MACHINE

BIG = 600 * 1024


@pytest.fixture
def bucket(cloud: Cloud) -> Iterator[Any]:
    """A bucket as Google's client has it."""
    options = {"api_endpoint": f"{cloud.address}/storage"}
    client = storage.Client(cloud.project, Credentials(cloud.token), client_options=options)
    yield client.create_bucket("some-bucket", location=cloud.region)
    client.close()


@pytest.fixture
def warehouse(cloud: Cloud) -> Iterator[Any]:
    """BigQuery as Google's client has it, with a dataset `d`."""
    options = {"api_endpoint": f"{cloud.address}/bigquery"}
    client = bigquery.Client(cloud.project, Credentials(cloud.token), client_options=options)
    client.create_dataset("d")
    yield client
    client.close()


def test_an_object_is_written_read_and_deleted(bucket: Any) -> None:
    blob = bucket.blob("a/b c.txt")
    blob.metadata = {"by": "us"}
    blob.upload_from_string("hello", content_type="text/plain")
    found = bucket.get_blob("a/b c.txt")
    assert (found.content_type, found.metadata) == ("text/plain", {"by": "us"})
    assert (found.download_as_bytes(), found.download_as_bytes(start=1, end=2)) == (b"hello", b"el")
    found.delete()
    assert bucket.get_blob("a/b c.txt") is None


def test_a_big_object_comes_in_pieces(bucket: Any) -> None:
    blob = bucket.blob("big", chunk_size=256 * 1024)
    blob.upload_from_string(b"z" * BIG)
    assert bucket.blob("big").download_as_bytes() == b"z" * BIG


def test_of_two_who_write_by_a_generation_one_is_refused(bucket: Any) -> None:
    first = bucket.blob("state.json")
    first.upload_from_string("1", if_generation_match=0)
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("state.json").upload_from_string("2", if_generation_match=0)
    second = bucket.blob("state.json")
    second.upload_from_string("2", if_generation_match=first.generation)
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("state.json").delete(if_generation_match=first.generation)
    assert second.generation > first.generation


def test_a_bucket_lists_its_folders_keeps_versions_and_goes_when_empty(bucket: Any) -> None:
    bucket.versioning_enabled = True
    bucket.patch()
    for name in ("runs/1/a", "runs/2/b", "runs/2/b"):
        bucket.blob(name).upload_from_string(name)
    listed = bucket.client.list_blobs(bucket, prefix="runs/", delimiter="/")
    assert ([*listed], listed.prefixes) == ([], {"runs/1/", "runs/2/"})
    assert len([*bucket.list_blobs(versions=True)]) == 3
    with pytest.raises(exceptions.Conflict, match="not empty"):
        bucket.delete()
    bucket.delete_blobs([*bucket.list_blobs(versions=True)], preserve_generation=True)
    bucket.delete()


def test_a_policy_that_another_has_changed_is_refused(bucket: Any) -> None:
    mine, others = (bucket.get_iam_policy(requested_policy_version=3) for _ in range(2))
    viewer = {"role": "roles/storage.objectViewer", "members": {"user:a@example.com"}}
    others.bindings.append(viewer)
    bucket.set_iam_policy(others)
    mine.bindings.append({**viewer, "members": {"user:b@example.com"}})
    with pytest.raises(exceptions.Conflict):
        bucket.set_iam_policy(mine)


def test_rows_are_judged_kept_once_and_queried(warehouse: Any) -> None:
    fields = [bigquery.SchemaField("id", "STRING", mode="REQUIRED")]
    fields += [bigquery.SchemaField("x", "FLOAT64"), bigquery.SchemaField("at", "TIMESTAMP")]
    table = warehouse.create_table(bigquery.Table(f"{warehouse.project}.d.t", fields))
    rows = [{"id": one, "x": 1.5, "at": "2026-01-01T00:00:00Z"} for one in ("a", "b")]
    for _ in range(2):
        assert warehouse.insert_rows_json(table, rows, row_ids=["1", "2"]) == []
    [refused] = warehouse.insert_rows_json(table, [{"id": "c", "y": 1}])
    assert refused["errors"][0]["message"] == "no such field: y."

    asked = [bigquery.ScalarQueryParameter("least", "FLOAT64", 1.0)]
    config = bigquery.QueryJobConfig(query_parameters=asked)
    query = f"SELECT id, at FROM `{warehouse.project}.d.t` WHERE x > @least ORDER BY id"  # noqa: S608
    found = [row["id"] for row in warehouse.query(query, job_config=config).result()]
    assert found == ["a", "b"]
    assert [row["at"].year for row in warehouse.list_rows(table)] == [2026, 2026]
    with pytest.raises(exceptions.BadRequest, match="nope"):
        warehouse.query_and_wait("SELECT nope FROM d.t")
    with pytest.raises(exceptions.BadRequest, match="still in use"):
        warehouse.delete_dataset("d")


def test_a_tables_columns_are_added_and_never_changed(warehouse: Any) -> None:
    name = f"{warehouse.project}.d.t"
    table = warehouse.create_table(bigquery.Table(name, [bigquery.SchemaField("id", "STRING")]))
    table.schema = [*table.schema, bigquery.SchemaField("x", "INT64")]
    table = warehouse.update_table(table, ["schema"])
    table.schema = [bigquery.SchemaField("id", "INT64"), table.schema[1]]
    with pytest.raises(exceptions.BadRequest, match="has changed type"):
        warehouse.update_table(table, ["schema"])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # importing Vertex's SDK warns about its own future
def test_vertexs_own_sdk_lives_a_full_life(cloud: Cloud) -> None:
    from google.cloud import aiplatform

    aiplatform.init(
        project=cloud.project,
        location=cloud.region,
        api_transport="rest",
        credentials=Credentials(cloud.token),
        api_endpoint=f"{cloud.address}/aiplatform",
        staging_bucket="gs://some-bucket",
    )
    model = aiplatform.Model.upload(display_name="churn", serving_container_image_uri=IMAGE)
    second = aiplatform.Model.upload(
        display_name="churn",
        serving_container_image_uri=IMAGE,
        parent_model=model.resource_name,
        is_default_version=False,
        version_aliases=["challenger"],
    )
    assert (model.version_id, second.version_id, second.version_aliases) == (
        "1",
        "2",
        ["challenger"],
    )
    endpoint = aiplatform.Endpoint.create(display_name="churn", endpoint_id="7")
    machine = MACHINE["machineSpec"]["machineType"]
    more = {"accelerator_type": "NVIDIA_TESLA_T4", "accelerator_count": 1}
    endpoint.deploy(model, machine_type=machine, traffic_percentage=100, **more)
    answer = endpoint.predict(instances=[[1.0, 2.0]])
    assert (answer.predictions, answer.model_version_id) == ([[1.0, 2.0]], "1")
    [deployed] = endpoint.list_models()
    assert deployed.dedicated_resources.machine_spec.accelerator_type.name == "NVIDIA_TESLA_T4"
    with pytest.raises(exceptions.BadRequest, match="has deployed models"):
        endpoint.delete()
    endpoint.undeploy_all()
    endpoint.delete()
    model.delete()
    assert aiplatform.Model.list() == []
