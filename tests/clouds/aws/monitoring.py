"""Model Monitor: job definitions, schedules of them, executions on demand."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.clouds.aws.calls import Call, CloudError
from tests.clouds.aws.crud import (
    asked,
    begin,
    creating,
    deleting,
    describing,
    invalid,
    listed,
    listing,
    operations,
)
from tests.clouds.aws.hooks import RunKind, RunState
from tests.clouds.aws.kinds import (
    DATA_QUALITY,
    ENDPOINT,
    MODEL_QUALITY,
    MONITORING_EXECUTION,
    MONITORING_SCHEDULE,
)
from tests.clouds.aws.store import Kind, Members, Record, now
from tests.clouds.aws.world import Handler, World

_DEFINITIONS: Mapping[str, Kind] = {"DataQuality": DATA_QUALITY, "ModelQuality": MODEL_QUALITY}
# Hourly, daily, or every N hours; SageMaker's "cron expression for monitoring schedule".
_CRON = re.compile(r"cron\(0 (\*|[01]?\d|2[0-3])(/([1-9]|1\d|2[0-4]))? \? \* \* \*\)")
_STATUS: Mapping[RunState, str] = {
    RunState.SUCCEEDED: "Completed",
    RunState.FAILED: "Failed",
    RunState.STOPPED: "Stopped",
}


def definitions() -> dict[str, Handler]:
    """Return the operations of job definitions."""
    return {
        name: handler
        for words, kind in _DEFINITIONS.items()
        for name, handler in operations(
            kind,
            create=creating(kind, None, lambda _, call, words=words: _endpoint(call.params, words)),
            delete=deleting(kind, _unscheduled),
        ).items()
    }


def _endpoint(params: Mapping[str, Any], words: str) -> Members:
    """Return the endpoint that is watched, as lists tell it."""
    given = params[f"{words}JobInput"].get("EndpointInput")
    return {"EndpointName": given["EndpointName"]} if given else {}


def _unscheduled(world: World, record: Record) -> None:
    for schedule in world.store.all(MONITORING_SCHEDULE, record.region):
        config = schedule.members["MonitoringScheduleConfig"]
        if config.get("MonitoringJobDefinitionName") == record.key:
            raise CloudError("ResourceInUse", f"{record.arn} is in use by {schedule.arn}")


def schedules() -> dict[str, Handler]:
    """Return the operations of monitoring schedules."""
    return {
        "CreateMonitoringSchedule": _create,
        "DescribeMonitoringSchedule": describing(MONITORING_SCHEDULE),
        "ListMonitoringSchedules": listing(MONITORING_SCHEDULE),
        "UpdateMonitoringSchedule": _update,
        "DeleteMonitoringSchedule": deleting(MONITORING_SCHEDULE, _idle),
        "StartMonitoringSchedule": _start,
        "StopMonitoringSchedule": _stop,
        "ListMonitoringExecutions": _list_executions,
    }


def _create(world: World, call: Call) -> Members:
    more = _judged(world, call)
    name = call.params["MonitoringScheduleName"]
    record = world.store.add(MONITORING_SCHEDULE, call.region, name, {**call.params, **more})
    begin(world, record)
    return {"MonitoringScheduleArn": record.arn}


def _update(world: World, call: Call) -> Members:
    record = asked(world, call, MONITORING_SCHEDULE)
    if record.status == "Pending":
        raise CloudError("ResourceInUse", f"{record.arn} is Pending")
    config = call.params["MonitoringScheduleConfig"]
    record.change(MonitoringScheduleConfig=config, **_judged(world, call))
    begin(world, record)
    return {"MonitoringScheduleArn": record.arn}


def _judged(world: World, call: Call) -> Members:
    """Refuse a schedule that could not run; return what lists tell of it."""
    config = call.params["MonitoringScheduleConfig"]
    _judge_times(config.get("ScheduleConfig", {}))
    if ("MonitoringJobDefinitionName" in config) == ("MonitoringJobDefinition" in config):
        raise invalid("Give one of MonitoringJobDefinition and MonitoringJobDefinitionName.")
    if "MonitoringJobDefinition" in config:
        return {}
    if config.get("MonitoringType") not in _DEFINITIONS:
        raise invalid("MonitoringType must name the type of the job definition.")
    kind = _DEFINITIONS[config["MonitoringType"]]
    definition = world.store.get(kind, call.region, config["MonitoringJobDefinitionName"])
    endpoint = definition.members.get("EndpointName")
    return {
        "MonitoringJobDefinitionName": definition.key,
        "MonitoringType": config["MonitoringType"],
        **({"EndpointName": endpoint} if endpoint else {}),
    }


def _judge_times(schedule: Mapping[str, str]) -> None:
    expression = schedule.get("ScheduleExpression", "NOW")
    if expression == "NOW":
        if not {"DataAnalysisStartTime", "DataAnalysisEndTime"} <= schedule.keys():
            raise invalid("NOW needs DataAnalysisStartTime and DataAnalysisEndTime.")
    elif not _CRON.fullmatch(expression):
        raise invalid(
            f"ScheduleExpression {expression} is none that monitoring supports: hourly, daily or "
            "every N hours, at minute 0."
        )


def _idle(world: World, record: Record) -> None:
    running = [one for one in _executions(world, record) if one.status == "InProgress"]
    if running:
        raise CloudError("ResourceInUse", f"{record.arn} has an execution that runs")
    for one in _executions(world, record):
        world.store.remove(one)


def _start(world: World, call: Call) -> Members:
    record = asked(world, call, MONITORING_SCHEDULE)
    if record.status != "Stopped":
        raise invalid(f"{record.arn} is {record.status}, not Stopped.")
    record.become("Scheduled")
    return {}


def _stop(world: World, call: Call) -> Members:
    record = asked(world, call, MONITORING_SCHEDULE)
    if record.status != "Scheduled":
        raise invalid(f"{record.arn} is {record.status}, not Scheduled.")
    record.become("Stopped")
    return {}


def _executions(world: World, schedule: Record) -> list[Record]:
    found = world.store.all(MONITORING_EXECUTION, schedule.region)
    return [one for one in found if one.members["MonitoringScheduleName"] == schedule.key]


def _list_executions(world: World, call: Call) -> Members:
    name = call.params.get("MonitoringScheduleName")
    if name is not None:
        world.store.get(MONITORING_SCHEDULE, call.region, name)
    found = world.store.all(MONITORING_EXECUTION, call.region)
    return listed(call, MONITORING_EXECUTION, found)


def watchers(world: World, endpoint: Record) -> list[str]:
    """Return the schedules that watch an endpoint."""
    found = world.store.all(MONITORING_SCHEDULE, endpoint.region)
    return [one.key for one in found if one.members.get("EndpointName") == endpoint.key]


def execute(world: World, region: str, name: str, start: datetime, end: datetime) -> Record:
    """Run a schedule's job once, for the traffic of a time; return the execution.

    Raises:
        CloudError: when there is no such schedule, it is stopped, or its endpoint is not there.
    """
    schedule = world.store.get(MONITORING_SCHEDULE, region, name)
    if schedule.status != "Scheduled":
        raise invalid(f"{schedule.arn} is {schedule.status}.")
    config = schedule.members["MonitoringScheduleConfig"]
    definition = _definition(world, schedule)
    if "EndpointName" in schedule.members:
        world.store.get(ENDPOINT, region, schedule.members["EndpointName"])
    record = _execution(world, schedule, end)
    request = {
        "MonitoringSchedule": schedule.described(),
        "JobDefinition": definition,
        "JobDefinitionType": config.get("MonitoringType", ""),
        "ScheduledTime": record.members["ScheduledTime"],
        "StartTime": start,
        "EndTime": end,
    }

    def heard(state: RunState, told: Mapping[str, Any]) -> None:
        if record.status == "InProgress":
            record.become(_STATUS.get(state, "InProgress"))
            record.change(**told)

    world.begin(RunKind.MONITORING, record, request, heard)
    return record


def _definition(world: World, schedule: Record) -> Members:
    config = schedule.members["MonitoringScheduleConfig"]
    if "MonitoringJobDefinition" in config:
        return config["MonitoringJobDefinition"]
    kind = _DEFINITIONS[config["MonitoringType"]]
    name = config["MonitoringJobDefinitionName"]
    return world.store.get(kind, schedule.region, name).described()


def _execution(world: World, schedule: Record, due: datetime) -> Record:
    key = f"{schedule.key}-{round(now().timestamp() * 1e6):x}"
    told = ("MonitoringScheduleName", "MonitoringJobDefinitionName", "MonitoringType")
    members = {
        name: schedule.members[name] for name in (*told, "EndpointName") if name in schedule.members
    }
    scheduled = {"ScheduledTime": due}
    record = world.store.add(MONITORING_EXECUTION, schedule.region, key, {**members, **scheduled})
    record.become("InProgress")
    schedule.change(LastMonitoringExecutionSummary=record.members)
    return record
