"""What calls leave: rows in BigQuery, counts in Cloud Monitoring.

https://cloud.google.com/vertex-ai/docs/predictions/online-prediction-logging: Vertex AI makes the
table itself.
"""

from collections.abc import Mapping
from typing import Any

from tests.clouds.gcp.work.api import Api, RefusedError
from tests.clouds.gcp.work.pools import stamp

RESPONSES = "aiplatform.googleapis.com/prediction/online/response_count"
REQUESTS = "run.googleapis.com/request_count"
_FIELDS: tuple[tuple[str, str, str], ...] = (
    ("endpoint", "STRING", "NULLABLE"),
    ("deployed_model_id", "STRING", "NULLABLE"),
    ("logging_time", "TIMESTAMP", "NULLABLE"),
    ("request_id", "NUMERIC", "NULLABLE"),
    ("request_payload", "STRING", "REPEATED"),
    ("response_payload", "STRING", "REPEATED"),
)
_TAKEN, _ABSENT = 409, 404


def keep(api: Api, uri: str, row: Mapping[str, Any]) -> None:
    """Add a row to the table of a `bq://project.dataset.table`, which is made when it is not there.

    Raises:
        RefusedError: there is no such dataset.
    """
    project, dataset, table = uri.removeprefix("bq://").split(".")
    tables = f"bigquery/v2/projects/{project}/datasets/{dataset}/tables"
    body = {"rows": [{"json": row}]}
    try:
        api.call("POST", "bigquery", f"{tables}/{table}/insertAll", body)
    except RefusedError as error:
        if error.code != _ABSENT:
            raise
        _make(api, tables, table)
        api.call("POST", "bigquery", f"{tables}/{table}/insertAll", body)


def _make(api: Api, tables: str, table: str) -> None:
    *_, project, _, dataset, _ = tables.split("/")
    fields = [{"name": name, "type": kind, "mode": mode} for name, kind, mode in _FIELDS]
    reference = {"projectId": project, "datasetId": dataset, "tableId": table}
    try:
        api.call(
            "POST", "bigquery", tables, {"tableReference": reference, "schema": {"fields": fields}}
        )
    except RefusedError as error:
        # Another call was faster.
        if error.code != _TAKEN:
            raise


def count(api: Api, endpoint: str, deployed: str, status: int) -> None:
    """Count an answer of a deployed model."""
    labels = {"response_code": str(status), "deployed_model_id": deployed}
    source = {"endpoint_id": endpoint, "location": api.region}
    _count(api, RESPONSES, labels, "aiplatform.googleapis.com/Endpoint", source)


def count_service(api: Api, service: str, revision: str, status: int) -> None:
    """Count an answer of a revision of a service."""
    labels = {"response_code": str(status), "response_code_class": f"{status // 100}xx"}
    source = {"service_name": service, "revision_name": revision, "location": api.region}
    _count(api, REQUESTS, labels, "cloud_run_revision", source)


def _count(
    api: Api,
    metric: str,
    labels: Mapping[str, str],
    resource: str,
    source: Mapping[str, str],
) -> None:
    one = {
        "metric": {"type": metric, "labels": labels},
        "resource": {"type": resource, "labels": source},
        "points": [{"interval": {"endTime": stamp()}, "value": {"int64Value": "1"}}],
    }
    api.call("POST", "monitoring", f"v3/projects/{api.project}/timeSeries", {"timeSeries": [one]})
