"""What is told beyond reports: points of a custom metric, and tags by which events find a run.

https://learn.microsoft.com/azure/azure-monitor/essentials/metrics-store-custom-rest-api
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mlops_iac_azure import rest
from mlops_iac_azure.session import Place

NAMESPACE = "mlops-iac"
FINDINGS, NEWS = "findings", "news"
"""Metrics: what checks find, and what policies tell."""
COMPONENT, FINDING, LEVEL = "component", "finding", "level"
"""Dimensions: the monitor's or policy's name; `alarm`, `rows` or a signal; `info` or worse."""
ALARM = "alarm"
"""1 when a signal raises the alarm, else 0."""
ALARM_TAG = "mlops_iac_alarm"
"""Tag of a check that raises the alarm. Event Grid's filters take a `.` for a member."""
SERVICE = "metrics"


def measure(where: Place, component: str, values: Mapping[str, float]) -> None:
    """Write one point of each finding of a monitor."""
    series = [_point([component, name], value) for name, value in sorted(values.items())]
    _write(where, FINDINGS, [COMPONENT, FINDING], series)


def announce(where: Place, component: str, level: str) -> None:
    """Count a piece of news of a policy; its text is in the policy's log and events."""
    _write(where, NEWS, [COMPONENT, LEVEL], [_point([component, level], 1.0)])


def tag(where: Place, run: str, name: str, value: str) -> None:
    """Tag a run that is under way; its events carry the tag, twice is the same."""
    rest.call(
        where,
        "POST",
        f"/mlflow/v1.0{where.workspace_id}/api/2.0/mlflow/runs/set-tag",
        {"run_id": run, "run_uuid": run, "key": name, "value": value},
        service="mlflow",
        repeatable=True,
        doing=f"tag run `{run}`",
    )


def _write(
    where: Place, metric: str, dimensions: list[str], series: Sequence[Mapping[str, Any]]
) -> None:
    data = {
        "metric": metric,
        "namespace": NAMESPACE,
        "dimNames": dimensions,
        "series": series,
    }
    rest.call(
        where,
        "POST",
        f"{where.workspace_id}/metrics",
        {"time": datetime.now(UTC).isoformat(), "data": {"baseData": data}},
        service=SERVICE,
        doing=f"write metric `{metric}`",
    )


def _point(dimensions: list[str], value: float) -> dict[str, Any]:
    return {"dimValues": dimensions, "min": value, "max": value, "sum": value, "count": 1}
