"""CloudWatch's alarms: their first state, what a change of state sets off, alarms of alarms."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tests.clouds.aws.calls import Answer, Call, iso
from tests.clouds.aws.events import emit, publish
from tests.clouds.aws.store import now
from tests.clouds.aws.world import World

_STATE = re.compile(r'(ALARM|OK|INSUFFICIENT_DATA)\("?([^")]+)"?\)')
_LOGIC: Mapping[str, str] = {
    "AND": "and",
    "OR": "or",
    "NOT": "not",
    "TRUE": "True",
    "FALSE": "False",
}


def put_alarm(world: World, call: Call) -> Answer:
    """Make or change an alarm. A new one has no data yet, an old one keeps its state."""
    name = call.params["AlarmName"]
    old = _alarms(world, call.region).get(name)
    before = old.state_value if old else "INSUFFICIENT_DATA"
    answer = world.forward(call)
    if not answer.is_error:
        _alarms(world, call.region)[name].state_value = before
    return answer


def put_composite(world: World, call: Call) -> None:
    """Make or change an alarm of alarms; it is judged at once."""
    params = call.params
    name = params["AlarmName"]
    backend: Any = world.backend("cloudwatch", call.region)
    old = backend.alarms.get(name)
    alarm = backend.put_metric_alarm(
        name=name,
        # Those of a metric, which an alarm of alarms has not.
        **dict.fromkeys(_OF_A_METRIC),
        description=params.get("AlarmDescription", ""),
        dimensions=[],
        alarm_actions=params.get("AlarmActions", []),
        ok_actions=params.get("OKActions", []),
        insufficient_data_actions=params.get("InsufficientDataActions", []),
        actions_enabled=params.get("ActionsEnabled", True),
        rule=params["AlarmRule"],
        tags=params.get("Tags", []),
    )
    alarm.state_value = old.state_value if old else "INSUFFICIENT_DATA"
    _judge(world, call.region, alarm, "its rule was set")


_OF_A_METRIC = (
    "namespace",
    "metric_name",
    "comparison_operator",
    "evaluation_periods",
    "period",
    "threshold",
    "statistic",
)


def set_state(world: World, call: Call) -> Answer:
    """Change an alarm's state and tell it; alarms made of it follow."""
    name = call.params["AlarmName"]
    alarm = _alarms(world, call.region).get(name)
    before = (alarm.state_value, alarm.state_reason) if alarm else ("", "")
    answer = world.forward(call)
    if not answer.is_error:
        _changed(world, call.region, name, before)
    return answer


def in_alarm(world: World, region: str, names: Iterable[str]) -> list[str]:
    """Return those of the alarms that are in ALARM now."""
    alarms = _alarms(world, region)
    return [name for name in names if name in alarms and alarms[name].state_value == "ALARM"]


def _alarms(world: World, region: str) -> dict[str, Any]:
    return world.backend("cloudwatch", region).alarms


def _changed(world: World, region: str, name: str, before: tuple[str, str]) -> None:
    alarm = _alarms(world, region)[name]
    if alarm.state_value == before[0]:
        return
    detail = _detail(alarm, before)
    source = "aws.cloudwatch"
    emit(world, region, "CloudWatch Alarm State Change", detail, alarm.alarm_arn, source=source)
    if alarm.actions_enabled:
        _act(world, alarm, detail)
    _follow(world, region, name)


def _detail(alarm: Any, before: tuple[str, str]) -> Mapping[str, Any]:
    moment = iso(now())
    return {
        "alarmName": alarm.name,
        "state": {"value": alarm.state_value, "reason": alarm.state_reason, "timestamp": moment},
        "previousState": {"value": before[0], "reason": before[1], "timestamp": moment},
        "configuration": {"description": alarm.description or ""},
    }


def _act(world: World, alarm: Any, detail: Mapping[str, Any]) -> None:
    by_state = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}
    for arn in by_state.get(alarm.state_value, alarm.insufficient_data_actions) or []:
        if arn.split(":")[2] == "sns":
            publish(world, {"Arn": arn}, detail)


def _follow(world: World, region: str, changed: str) -> None:
    """Judge the alarms whose rule names `changed` anew."""
    for alarm in list(_alarms(world, region).values()):
        if alarm.rule and changed in [name for _, name in _STATE.findall(alarm.rule)]:
            _judge(world, region, alarm, f"{changed} changed")


def _judge(world: World, region: str, alarm: Any, reason: str) -> None:
    state = "ALARM" if _holds(_alarms(world, region), alarm.rule) else "OK"
    before = (alarm.state_value, alarm.state_reason)
    if state != before[0]:
        alarm.update_state(reason, "{}", state)
        _changed(world, region, alarm.name, before)


def _holds(alarms: Mapping[str, Any], rule: str) -> bool:
    def judged(found: re.Match[str]) -> str:
        state, name = found[1], found[2]
        return str(name in alarms and alarms[name].state_value == state)

    spelt = _STATE.sub(judged, rule)
    words: list[str] = re.findall(r"True|False|AND|OR|NOT|TRUE|FALSE|[()]", spelt)
    return bool(eval(" ".join(_LOGIC.get(word, word) for word in words)))  # noqa: S307 - only the words above
