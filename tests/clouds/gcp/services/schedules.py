"""Vertex AI's schedules and Cloud Scheduler's jobs: what they start when the clock is moved."""

import copy
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from tests.clouds.clock import stamp
from tests.clouds.gcp import standard
from tests.clouds.gcp.calls import Body, Call, CloudError, Request, invalid, precondition
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.routes import by_id
from tests.clouds.gcp.services import jobs
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = "aiplatform"
_CRON = re.compile(r"(?:(?:CRON_)?TZ=(\S+)\s+)?(\S+) (\S+) (\S+) (\S+) (\S+)")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ACTIVE = "ACTIVE"
STARTED = frozenset({"createModelMonitoringJobRequest", "createPipelineJobRequest"})
"""What a schedule may start here."""


def trigger(cron: str) -> CronTrigger:
    """Return the times of a schedule in Unix's dialect, whose zone stands before it.

    Raises:
        CloudError: for what is no schedule.
    """
    found = _CRON.fullmatch(cron.strip())
    if found is None:
        raise invalid(f"Invalid cron expression `{cron}`.")
    zone, minute, hour, day, month, weekday = found.groups()
    # Unix counts days from Sunday as 0, APScheduler from Monday.
    days = re.sub(r"(?<!/)\b[0-7]\b", lambda one: _WEEKDAYS[int(one[0])], weekday.lower())
    try:
        return CronTrigger(
            minute=minute,
            hour=hour,
            day=day,
            month=month.lower(),
            day_of_week=days,
            timezone=ZoneInfo(zone or "UTC"),
        )
    except (ValueError, LookupError) as error:
        raise invalid(f"Invalid cron expression `{cron}`: {error}") from None


def following(cron: str, after: datetime) -> datetime | None:
    """Return a schedule's first time after a moment."""
    return trigger(cron).get_next_fire_time(None, after + timedelta(microseconds=1))


def _create(world: World, call: Call) -> Body:
    if not call.body.get("cron"):
        raise invalid("`cron` is required.")
    asked = [one for one in STARTED if one in call.body]
    if len(asked) != 1:
        raise invalid(f"A schedule starts one of {sorted(STARTED)}, got {asked}.")
    _judge_parent(world, call, call.body[asked[0]])
    told = standard.create(world, call, made=_next(world, call.body["cron"]))
    record = world.find(SERVICE, told["name"])
    record.body["startedRunCount"] = "0"
    return standard.shown(world, record, call.route.api, call.route.request)


def _judge_parent(world: World, call: Call, asked: Body) -> None:
    have, want = (world.canonical(SERVICE, one) for one in (asked["parent"], call.text("parent")))
    if "modelMonitoringJob" in asked:
        world.find(SERVICE, have)
    elif have != want:
        raise invalid(f"`create_pipeline_job_request.parent` must be `{want}`, got `{have}`.")


def _next(world: World, cron: str) -> Body:
    moment = following(cron, world.clock.now())
    return {"nextRunTime": stamp(moment)} if moment else {}


def _patch(world: World, call: Call) -> Body:
    if "cron" in call.body:
        trigger(call.body["cron"])
    standard.patch(world, call)
    record = world.find(SERVICE, call.text("name"))
    record.body |= _next(world, record.body["cron"])
    return standard.shown(world, record, call.route.api, call.route.request)


def _set_state(state: str, only: str) -> Any:
    def change(world: World, call: Call) -> Body:
        record = world.find(SERVICE, call.text("name"))
        if record.body["state"] != only:
            raise precondition(f"Schedule `{record.name}` is {record.body['state']}.")
        record.body["state"] = state
        return {}

    return change


def due(world: World, start: datetime, end: datetime) -> Iterator[tuple[datetime, Record]]:
    """Yield what is due between two moments."""
    for record in world.store.everything():
        if record.service == SERVICE and record.collection == "schedules":
            moment = following(record.body["cron"], start)
            while moment is not None and moment <= end:
                yield moment, record
                moment = following(record.body["cron"], moment)


def fire(world: World, record: Record, moment: datetime) -> Body:
    """Start what a schedule starts; tell what came of it."""
    told = {"schedule": record.name, "time": stamp(moment)}
    limit = int(record.body.get("maxRunCount", 0))
    count = int(record.body.get("startedRunCount", 0))
    if record.body["state"] != _ACTIVE or (limit and count >= limit):
        return {**told, "skipped": record.body["state"]}
    running = [one for one in _runs(world, record) if not jobs.is_over(one)]
    if len(running) >= int(record.body["maxConcurrentRunCount"]):
        return {**told, "skipped": "maxConcurrentRunCount"}
    try:
        job = _start(world, record, moment)
    except CloudError as error:
        answer = {"scheduledRunTime": stamp(moment), "runResponse": error.message}
        record.body["lastScheduledRunResponse"] = answer
        return {**told, "error": error.message}
    record.body["startedRunCount"] = str(count + 1)
    record.body["lastScheduledRunResponse"] = {
        "scheduledRunTime": stamp(moment),
        "runResponse": job,
    }
    record.body |= _next(world, record.body["cron"])
    if limit and count + 1 >= limit:
        record.body["state"] = "COMPLETED"
    return {**told, "started": job}


def _runs(world: World, record: Record) -> list[Record]:
    return [
        one
        for one in world.store.everything()
        if record.name in {one.body.get("scheduleName"), one.body.get("schedule")}
    ]


def _start(world: World, record: Record, moment: datetime) -> str:
    if "createModelMonitoringJobRequest" in record.body:
        return _start_monitoring(world, record, moment)
    asked = record.body["createPipelineJobRequest"]
    body = copy.deepcopy(asked["pipelineJob"])
    # Vertex makes a job's id of the pipeline's and the time.
    title = re.sub(r"[^-a-z0-9]", "-", record.body["displayName"].lower()).strip("-")
    own = asked.get("pipelineJobId") or f"{title}-{moment.astimezone(UTC):%Y%m%d%H%M%S}"
    params = {"parent": record.name.rsplit("/", 2)[0], "pipelineJobId": own}
    route = by_id(SERVICE, "v1")["projects.locations.pipelineJobs.create"]
    call = Call(route, params, body, Request("POST", "", [], {}, b""), record.name)
    return jobs.create(world, call, scheduleName=record.name)["name"]


def _start_monitoring(world: World, record: Record, moment: datetime) -> str:
    asked = record.body["createModelMonitoringJobRequest"]
    params = {"parent": world.canonical(SERVICE, asked["parent"])}
    method = "projects.locations.modelMonitors.modelMonitoringJobs.create"
    body = copy.deepcopy(asked["modelMonitoringJob"])
    request = Request("POST", "", [], {}, b"")
    call = Call(by_id(SERVICE, "v1beta1")[method], params, body, request, record.name)
    made = {"schedule": record.name, "scheduleTime": stamp(moment)}
    return jobs.create(world, call, **made)["name"]


PARTS = (
    Part(
        "schedules",
        SERVICE,
        {
            "projects.locations.schedules.create": _create,
            "projects.locations.schedules.patch": _patch,
            "projects.locations.schedules.pause": _set_state("PAUSED", _ACTIVE),
            "projects.locations.schedules.resume": _set_state(_ACTIVE, "PAUSED"),
        },
        "start pipeline or monitoring jobs when the clock moves; so many at once and in all",
    ),
)
