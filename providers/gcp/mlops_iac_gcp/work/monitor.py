"""`python -m mlops_iac_gcp.work monitor`: one check of an endpoint's traffic.

It takes the traffic out of BigQuery, so that the job that judges, which loads the model, reads
nothing but its own run's folder; then it keeps the report and tells of it. An alarm is a finished
run. A failed one says nothing about the traffic, which the next one looks at again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mlops_iac.errors import NothingToDoError
from mlops_iac.loop import logged
from mlops_iac.loop.preparing import Prepared
from mlops_iac_gcp import place, serving
from mlops_iac_gcp.kept import reports_of
from mlops_iac_gcp.monitors import telling
from mlops_iac_gcp.monitors.preparing import Watched, prepared
from mlops_iac_gcp.monitors.reports import keep
from mlops_iac_gcp.serving import Work
from mlops_iac_gcp.session import storage
from mlops_iac_gcp.work.job import done
from mlops_iac_gcp.work.launch import Launch, read, reporting, say

NEW, OLDER, LABELS = "traffic.jsonl", "older.jsonl", "labels.json"


def main(arguments: Sequence[str]) -> int:
    """Do one check; return the exit code."""
    launch = read(arguments)
    with reporting(launch) as told:
        told.update(checked(launch))
    return 0


def checked(launch: Launch) -> dict[str, Any]:
    """Do a check; return what it has come to, and `nothing` with the reason when it had none."""
    watched = Watched.of(launch.document["watched"])
    deployment = serving.load(launch.where, launch.bucket, watched.endpoint)
    work = Work(place=launch.where, log=say, pause=launch.pause)
    try:
        found = prepared(work, watched, deployment, datetime.now(UTC))
    except NothingToDoError as error:
        say(f"{watched.monitor}: {error.message}")
        return {"nothing": error.message}
    ended = done(replace(launch, document=_with_task(launch, found)))
    return {**ended, **_told(launch, watched, found, ended["metrics"])}


def _with_task(launch: Launch, found: Prepared) -> dict[str, Any]:
    task = {
        **launch.document["task"],
        "traffic": _put(launch, NEW, logged.lines(found.new)),
        "older": _put(launch, OLDER, logged.lines(found.older)),
        "told": _put(launch, LABELS, json.dumps(found.labels)),
        "span": {"from": found.since.isoformat(), "to": found.until.isoformat()},
        "model": {**found.model, "path": place.mounted(found.model["path"])},
    }
    return {**launch.document, "task": task}


def _put(launch: Launch, name: str, text: str) -> str:
    """Write what the job reads; return where its container sees it."""
    path = f"{launch.base}/{name}"
    storage(launch.where).bucket(launch.bucket).blob(path).upload_from_string(text)
    return place.mounted(place.uri(launch.bucket, path))


def _told(
    launch: Launch, watched: Watched, found: Prepared, metrics: Mapping[str, float]
) -> dict[str, Any]:
    report = keep(launch.where, launch.bucket, watched.monitor, launch.base, found.until)
    telling.measure(launch.where, watched.metric, metrics)
    if report["alarm"]:
        telling.publish(
            launch.where,
            watched.topic,
            {"monitor": watched.monitor, "alarms": report["alarms"], "reason": report["reason"]},
        )
    say(f"{watched.monitor}: {report['reason']}")
    folder = reports_of(launch.where, launch.bucket, watched.monitor).folder(found.until)
    return {"reason": report["reason"], "folder": folder}
