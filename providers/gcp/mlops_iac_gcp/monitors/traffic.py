"""What Vertex AI has logged of an endpoint in BigQuery: requests with their answers.

Table: https://cloud.google.com/vertex-ai/docs/predictions/online-prediction-logging
"""

from typing import Any

from mlops_iac.loop.preparing import Window
from mlops_iac_gcp.faults import told
from mlops_iac_gcp.session import Place, bigquery

MOST_REQUESTS = 200_000
"""So many of the newest requests are read of one check."""
_QUERY = """
SELECT logging_time, request_id, request_payload, response_payload
FROM `{table}`
WHERE deployed_model_id = @deployed AND logging_time >= @since AND logging_time < @until
ORDER BY logging_time DESC
LIMIT {most}
"""


def fetch(where: Place, table: str, window: Window) -> list[dict[str, Any]]:
    """Return logged requests, newest first; none while Vertex AI has not made the table.

    Args:
        where: project and region.
        table: `project.dataset.table`.
        window: which.
    """
    from google.api_core.exceptions import NotFound
    from google.cloud.bigquery import QueryJobConfig, ScalarQueryParameter

    asked = (
        ("deployed", "STRING", window.deployed),
        ("since", "TIMESTAMP", window.since),
        ("until", "TIMESTAMP", window.until),
    )
    config = QueryJobConfig(query_parameters=[ScalarQueryParameter(*each) for each in asked])
    query = _QUERY.format(table=table, most=MOST_REQUESTS)
    with told("reading the logged requests"):
        try:
            rows = bigquery(where).query(query, job_config=config).result()
        except NotFound:
            return []
        return [_logged(row) for row in rows]


def _logged(row: Any) -> dict[str, Any]:
    return {
        "at": row["logging_time"].isoformat(),
        "request": str(int(row["request_id"])),  # NUMERIC, which is a Decimal here
        "asked": list(row["request_payload"]),
        "answered": list(row["response_payload"]),
    }
