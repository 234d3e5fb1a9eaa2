"""Numbers in CloudWatch, and the alarms that watch them.

An alarm is judged in the moment a number comes, over its newest period alone. Limits: missing
data, several periods, anomaly detection, and metric math other than `MAX`, `MIN` and `SUM` of a
list of metrics.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_MATH: Mapping[str, Callable[[Sequence[float]], float]] = {"MAX": max, "MIN": min, "SUM": sum}
_EXPRESSION = re.compile(r"(MAX|MIN|SUM)\(\[?([\w\s,]+?)\]?\)")


def put_metrics(cloudwatch: Any, namespace: str, data: Sequence[Mapping[str, Any]]) -> None:
    """Store numbers as PutMetricData takes them, and let the alarms look."""
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[*data])
    names = {datum["MetricName"] for datum in data}
    for page in cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"]):
        for alarm in page["MetricAlarms"]:
            if names & {metric["MetricName"] for metric, *_ in _watched(alarm).values()}:
                _judge(cloudwatch, alarm)


def datum(name: str, value: float, dimensions: Mapping[str, str]) -> dict[str, Any]:
    """Return a number of this moment as PutMetricData takes it."""
    listed = [{"Name": key, "Value": text} for key, text in dimensions.items()]
    return {
        "MetricName": name,
        "Value": value,
        "Dimensions": listed,
        "Timestamp": datetime.now(UTC),
    }


def _watched(alarm: Mapping[str, Any]) -> dict[str, tuple[Mapping[str, Any], int, str]]:
    """Return the metrics of an alarm by their ids: metric, period, statistic."""
    if "MetricName" in alarm:
        return {"": (alarm, alarm["Period"], alarm["Statistic"])}
    stats = [
        (query["Id"], query["MetricStat"]) for query in alarm["Metrics"] if "MetricStat" in query
    ]
    return {name: (stat["Metric"], stat["Period"], stat["Stat"]) for name, stat in stats}


def _judge(cloudwatch: Any, alarm: Mapping[str, Any]) -> None:
    values = {name: _newest(cloudwatch, *watched) for name, watched in _watched(alarm).items()}
    value = _combined(alarm, {name: v for name, v in values.items() if v is not None})
    if value is None:
        return
    is_loud = _COMPARED[alarm["ComparisonOperator"]](value, alarm["Threshold"])
    state = "ALARM" if is_loud else "OK"
    if state != alarm["StateValue"]:
        cloudwatch.set_alarm_state(
            AlarmName=alarm["AlarmName"],
            StateValue=state,
            StateReason=_reason(alarm, value, is_loud),
        )


def _reason(alarm: Mapping[str, Any], value: float, is_loud: bool) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", alarm["ComparisonOperator"]).lower()
    was = "was" if is_loud else "was not"
    return (
        f"Threshold Crossed: 1 out of the last 1 datapoints [{value}] {was} "
        f"{words.replace(' threshold', '')} the threshold ({alarm['Threshold']})."
    )


def _newest(cloudwatch: Any, metric: Mapping[str, Any], period: int, stat: str) -> float | None:
    now = datetime.now(UTC)
    answer = cloudwatch.get_metric_statistics(
        Namespace=metric["Namespace"],
        MetricName=metric["MetricName"],
        Dimensions=metric.get("Dimensions", []),
        StartTime=now - timedelta(seconds=period),
        EndTime=now + timedelta(seconds=1),
        Period=period,
        Statistics=[stat],
    )
    points = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])
    return float(points[-1][stat]) if points else None


def _combined(alarm: Mapping[str, Any], values: Mapping[str, float]) -> float | None:
    if not values:
        return None
    expression = next((q["Expression"] for q in alarm.get("Metrics", []) if "Expression" in q), "")
    if not expression:
        return next(iter(values.values()))
    match = _EXPRESSION.fullmatch(expression.strip())
    if match is None:
        raise NotImplementedError(f"the test cloud does no metric math as `{expression}`")
    names = [name.strip() for name in match[2].split(",")]
    wanted = values if names == ["METRICS"] else {n: values[n] for n in names if n in values}
    return _MATH[match[1]]([*wanted.values()]) if wanted else None
