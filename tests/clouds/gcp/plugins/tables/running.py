"""What runs by itself: services, schedules, databases. Ids: magic-modules."""

from collections.abc import Mapping
from typing import Any

from tests.clouds.gcp.plugins.client import Body, Client
from tests.clouds.gcp.plugins.rows import Row, View


def _job_name(view: View) -> Body:
    return {"name": view["name_"]}


def _pause_job(view: View, client: Client) -> None:
    paused = bool(view["input"].get("paused"))
    if paused == bool((view.get("old") or {}).get("paused")):
        return
    verb = "pause" if paused else "resume"
    name = {"name": view["name_"]}
    client("cloudscheduler.v1", f"projects.locations.jobs.{verb}", name, {})


def _schedule_parent(view: View) -> Body:
    """Return the request with its parent, which the provider fills."""
    kinds = ("createPipelineJobRequest", "createNotebookExecutionJobRequest")
    parent = f"projects/{view['project']}/locations/{view['location']}"
    return {
        kind: {"parent": parent, **view["body"][kind]} for kind in kinds if kind in view["body"]
    }


def _pause_schedule(view: View, client: Client) -> None:
    wish = view["input"].get("desiredState", "ACTIVE")
    where = "projects.locations.schedules"
    state = client("aiplatform.v1", f"{where}.get", {"name": view["name_"]})["state"]
    if wish == "PAUSED" and state == "ACTIVE":
        client("aiplatform.v1", f"{where}.pause", {"name": view["name_"]}, {})
    elif wish == "ACTIVE" and state == "PAUSED":
        client("aiplatform.v1", f"{where}.resume", {"name": view["name_"]}, {})


def _sql(methods: str, id_: str, **more: Any) -> Row:
    return Row(api="sqladmin.v1", methods=methods, id=id_, create="insert", **more)


RUNNING: Mapping[str, Row] = {
    "gcp:cloudrunv2/service:Service": Row(
        api="run.v2",
        methods="projects.locations.services",
        id="projects/{project}/locations/{location}/services/{name}",
        params={"serviceId": "{name}"},
        protected=True,
    ),
    "gcp:cloudscheduler/job:Job": Row(
        api="cloudscheduler.v1",
        methods="projects.locations.jobs",
        id="projects/{project}/locations/{region}/jobs/{name}",
        prepare=_job_name,
        settle=_pause_job,
    ),
    "gcp:colab/schedule:Schedule": Row(
        api="aiplatform.v1",
        methods="projects.locations.schedules",
        id="projects/{project}/locations/{location}/schedules/{made}",
        immutable="createNotebookExecutionJobRequest",
        outputs={"name": "{made}"},
        prepare=_schedule_parent,
        settle=_pause_schedule,
    ),
    "gcp:sql/databaseInstance:DatabaseInstance": _sql(
        "instances",
        "{name}",
        params={"instance": "{name}"},
        immutable="encryptionKeyName masterInstanceName name project region",
        silent="rootPassword",
        protected=True,
    ),
    "gcp:sql/database:Database": _sql(
        "databases",
        "projects/{project}/instances/{instance}/databases/{name}",
        params={"database": "{name}"},
    ),
    "gcp:sql/user:User": _sql(
        "users", "{name}//{instance}", update="", params={"name": "{name}"}, silent="password"
    ),
}
