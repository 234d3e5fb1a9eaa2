"""What is told beyond reports: metrics of Cloud Monitoring, messages, a run to wait for."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mlops_iac_gcp import rest
from mlops_iac_gcp.session import Place

FINDING = "finding"
"""Label of the metric: `alarm`, `rows`, or a signal."""
ALARM = "alarm"
"""1 when a signal raises the alarm, else 0."""
METRIC_ROOT = "custom.googleapis.com/mlops-iac"
_MONITORING = "monitoring.v3"


def measure(where: Place, metric: str, values: Mapping[str, float]) -> None:
    """Write one point of each value; Cloud Monitoring takes one of a moment once."""
    end = datetime.now(UTC).isoformat()
    series = [
        {
            "metric": {"type": metric, "labels": {FINDING: name}},
            "resource": {"type": "global", "labels": {"project_id": where.project}},
            "metricKind": "GAUGE",
            "valueType": "DOUBLE",
            "points": [{"interval": {"endTime": end}, "value": {"doubleValue": value}}],
        }
        for name, value in sorted(values.items())
    ]
    parameters = {"name": f"projects/{where.project}"}
    rest.call(where, _MONITORING, "projects.timeSeries.create", parameters, {"timeSeries": series})


def publish(where: Place, topic: str, message: Mapping[str, Any]) -> None:
    """Publish a message; who listens takes one that comes twice."""
    data = base64.b64encode(json.dumps(message, sort_keys=True).encode()).decode()
    rest.call(
        where,
        "pubsub.v1",
        "projects.topics.publish",
        {"topic": topic},
        {"messages": [{"data": data}]},
        repeatable=True,
    )


def follow(where: Place, workflow: str, run: str) -> None:
    """Have a policy's workflow wait for the end of a run; doing it twice wakes the policy twice."""
    rest.call(
        where,
        "workflowexecutions.v1",
        "projects.locations.workflows.executions.create",
        {"parent": workflow},
        {"argument": json.dumps({"run": run})},
        repeatable=True,
    )
