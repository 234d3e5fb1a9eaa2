"""Buckets, objects, repositories, datasets and tables.

Ids and deletions: terraform-provider-google, `google/services/{storage,bigquery}`; magic-modules.
"""

from collections.abc import Mapping

from tests.clouds.gcp.plugins.client import Body, Client
from tests.clouds.gcp.plugins.rows import Row, View
from tests.clouds.plugins.assets import content

_LIVE = {"LIVE": True, "ARCHIVED": False}


def _bucket_rules(view: View) -> Body:
    """Return the lifecycle with `withState` as the API spells it."""
    lifecycle = view["body"].get("lifecycle")
    if not lifecycle:
        return {}
    wished = view["input"]["lifecycleRules"]
    rules: list[Body] = []
    for rule, given in zip(lifecycle["rule"], wished, strict=True):
        state = given["condition"].get("withState")
        live = {"isLive": _LIVE[state]} if state in _LIVE else {}
        rules.append({**rule, "condition": {**rule["condition"], **live}})
    return {"lifecycle": {"rule": rules}}


def _states(found: Body, told: View) -> Body:
    states = {live: name for name, live in _LIVE.items()}
    found_rules = (found.get("lifecycle") or {}).get("rule", [])
    rules: list[Body] = []
    for rule, given in zip(found_rules, told.get("lifecycleRules", []), strict=True):
        live = rule["condition"].get("isLive")
        named = {"withState": states[live]} if live in states else {}
        rules.append({**given, "condition": {**given["condition"], **named}})
    return {"lifecycleRules": rules} if rules else {}


def _empty_bucket(view: View, client: Client) -> None:
    if not view["input"].get("forceDestroy"):
        return
    while True:
        params = {"bucket": view["name"], "versions": True}
        found = client("storage.v1", "objects.list", params).get("items", [])
        for item in found:
            where = {"bucket": view["name"], "object": item["name"]}
            where["generation"] = item["generation"]
            client("storage.v1", "objects.delete", where)
        if not found:
            return


def _upload(view: View, client: Client) -> Body:
    inputs = view["input"]
    data = content(inputs["source"]) if "source" in inputs else inputs.get("content", "").encode()
    return client.upload(inputs["bucket"], view["body"], data)


def _dataset_reference(view: View) -> Body:
    return {"datasetReference": {"datasetId": view["datasetId"], "projectId": view["project"]}}


def _table_reference(view: View) -> Body:
    keys = {"datasetId": view["datasetId"], "tableId": view["tableId"]}
    return {"tableReference": {**keys, "projectId": view["project"]}}


_DATASET = {"projectId": "{project}"}

STORAGE: Mapping[str, Row] = {
    "gcp:storage/bucket:Bucket": Row(
        api="storage.v1",
        methods="buckets",
        id="{name}",
        create="insert",
        params={"bucket": "{name}"},
        immutable="customPlacementConfig enableObjectRetention hierarchicalNamespace location name",
        outputs={"url": "gs://{name}"},
        prepare=_bucket_rules,
        told=_states,
        empty=_empty_bucket,
    ),
    "gcp:storage/bucketObject:BucketObject": Row(
        api="storage.v1",
        methods="objects",
        id="{bucket}-{name}",
        params={"object": "{name}"},
        outputs={"outputName": "{name}", "md5hash": "{found[md5Hash]}"},
        # Only these change without another upload, which this row does not part.
        immutable="bucket name content source contentType",
        make=_upload,
    ),
    "gcp:artifactregistry/repository:Repository": Row(
        api="artifactregistry.v1",
        methods="projects.locations.repositories",
        id="projects/{project}/locations/{location}/repositories/{repositoryId}",
        params={"repositoryId": "{repositoryId}"},
        immutable="format kmsKeyName mode",
        outputs={
            "name": "{repositoryId}",
            "registryUri": "{location}-docker.pkg.dev/{project}/{repositoryId}",
        },
    ),
    "gcp:bigquery/dataset:Dataset": Row(
        api="bigquery.v2",
        methods="datasets",
        id="projects/{project}/datasets/{datasetId}",
        create="insert",
        params={**_DATASET, "deleteContents": "{input[deleteContentsOnDestroy]}"},
        immutable="location externalDatasetReference",
        prepare=_dataset_reference,
        # The accesses change with each member; the provider reads them into another output.
        silent="accesses",
    ),
    "gcp:bigquery/table:Table": Row(
        api="bigquery.v2",
        methods="tables",
        id="projects/{project}/datasets/{datasetId}/tables/{tableId}",
        create="insert",
        params=_DATASET,
        immutable="encryptionConfiguration rangePartitioning tableReplicationInfo",
        prepare=_table_reference,
        protected=True,
    ),
}
