"""A look at a version that takes a part of the traffic: does it answer, and without errors?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mlops_iac.rolling import Work
from mlops_iac_azure import rest
from mlops_iac_azure.serving.documents import Deployment
from mlops_iac_azure.serving.states import Running

ERROR_SHARE = 0.05
"""More than one answer in twenty with a server's error is a version that fails."""
VISIBLE_SECONDS = 240
"""Counted each minute, visible up to three minutes later: a shorter look sees nothing.

https://learn.microsoft.com/azure/azure-monitor/essentials/metrics-troubleshoot
"""
_SERVER_ERROR = "5"


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A metric that counts answers, and how it tells whose and how they ended."""

    metric: str
    namespace: str
    aggregation: str
    """What is told of each minute: the number itself."""
    whose: str
    """Dimension that names what answered."""
    code: str
    """Dimension with the class of the HTTP status."""


# learn.microsoft.com, supported metrics of workspaces/onlineEndpoints: RequestsPerMinute is told as
# an average, of the one number of a minute.
REQUESTS = Counted(
    metric="RequestsPerMinute",
    namespace="Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
    aggregation="Average",
    whose="deployment",
    code="statusCodeClass",
)


def trouble(work: Work, deployment: Deployment, running: Running, since: datetime) -> str | None:
    """Return in one line what is wrong with a version that gets traffic, or `None`."""
    if running.message:
        return f"Azure ML says: {running.message}"
    return errors_of(work, deployment, REQUESTS, running.id, since)


def errors_of(
    work: Work, deployment: Deployment, counted: Counted, name: str, since: datetime
) -> str | None:
    """Return in one line that too many answers are errors, or `None`.

    Args:
        work: what deploying may use.
        deployment: the endpoint.
        counted: the metric.
        name: deployment or revision that is looked at.
        since: when it began to get traffic.
    """
    series = _series(work, deployment, counted, name, since)
    counts = [(_code(item), _sum(item, counted.aggregation.lower())) for item in series]
    answers = sum(count for _, count in counts)
    errors = sum(count for code, count in counts if code.startswith(_SERVER_ERROR))
    if answers and errors / answers > ERROR_SHARE:
        return f"{errors} of {answers} requests ended with a server error"
    return None


def _series(
    work: Work, deployment: Deployment, counted: Counted, name: str, since: datetime
) -> list[Mapping[str, Any]]:
    query = {
        "metricnames": counted.metric,
        "metricnamespace": counted.namespace,
        "timespan": f"{_told(since)}/{_told(work.now())}",
        "interval": "PT1M",
        "aggregation": counted.aggregation,
        "$filter": f"{counted.whose} eq '{name}' and {counted.code} eq '*'",
    }
    path = f"{deployment.endpoint}/providers/Microsoft.Insights/metrics"
    answer = rest.call(work.place, "GET", path, query=query, pause=work.pause)
    return [item for metric in answer.get("value", ()) for item in metric.get("timeseries", ())]


def _told(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _code(item: Mapping[str, Any]) -> str:
    values = {each["name"]["value"].lower(): each["value"] for each in item["metadatavalues"]}
    return next((value for name, value in values.items() if name.startswith("statuscode")), "")


def _sum(item: Mapping[str, Any], member: str) -> int:
    return round(sum(point.get(member) or 0 for point in item.get("data", ())))
