"""A look at a version that takes a part of the traffic: does it answer, and without errors?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mlops_iac.rolling import Work
from mlops_iac_gcp import rest
from mlops_iac_gcp.serving.documents import Deployment
from mlops_iac_gcp.serving.states import Running

RESPONSES = "aiplatform.googleapis.com/prediction/online/response_count"
"""https://cloud.google.com/monitoring/api/metrics_gcp_a_b#gcp-aiplatform."""
ERROR_SHARE = 0.05
"""More than one answer in twenty with a server's error is a version that fails."""
VISIBLE_SECONDS = 240
"""Sampled each minute, visible up to three minutes later: a shorter look sees nothing."""
_SERVER_ERROR = "5"


def trouble(work: Work, deployment: Deployment, running: Running, since: datetime) -> str | None:
    """Return in one line what is wrong with a version that gets traffic, or `None`."""
    if running.message:
        return f"Vertex AI says: {running.message}"
    if running.available == 0 and int(running.resources.get("minReplicaCount", 0)):
        return "no replica of it answers"
    wanted = {
        "metric.type": RESPONSES,
        "resource.labels.endpoint_id": deployment.endpoint.rpartition("/")[2],
        "metric.labels.deployed_model_id": running.id,
    }
    return errors_of(work, deployment, wanted, since)


def errors_of(
    work: Work, deployment: Deployment, wanted: Mapping[str, str], since: datetime
) -> str | None:
    """Return in one line that too many answers are errors, or `None`.

    Args:
        work: what deploying may use.
        deployment: the endpoint.
        wanted: the metric that counts answers, and the labels of what is looked at.
        since: when it began to get traffic.
    """
    answers, errors = _counted(work, deployment, wanted, since)
    if answers and errors / answers > ERROR_SHARE:
        return f"{errors} of {answers} requests ended with a server error"
    return None


def _counted(
    work: Work, deployment: Deployment, wanted: Mapping[str, str], since: datetime
) -> tuple[int, int]:
    """Return how many requests were answered, and how many of them with 5xx."""
    series = _series(work, deployment, wanted, since)
    counts = [(_code(item), _sum(item)) for item in series]
    errors = sum(count for code, count in counts if code.startswith(_SERVER_ERROR))
    return sum(count for _, count in counts), errors


def _series(
    work: Work, deployment: Deployment, wanted: Mapping[str, str], since: datetime
) -> list[Mapping[str, Any]]:
    project = "/".join(deployment.endpoint.split("/")[:2])
    params = {
        "name": project,
        "filter": " AND ".join(f'{key}="{value}"' for key, value in wanted.items()),
        "interval.startTime": since.isoformat(),
        "interval.endTime": work.now().isoformat(),
    }
    answer = rest.call(work.place, "monitoring.v3", "projects.timeSeries.list", params)
    return answer.get("timeSeries", [])


def _code(item: Mapping[str, Any]) -> str:
    return item.get("metric", {}).get("labels", {}).get("response_code", "")


def _sum(item: Mapping[str, Any]) -> int:
    return sum(int(point["value"].get("int64Value", 0)) for point in item.get("points", ()))
