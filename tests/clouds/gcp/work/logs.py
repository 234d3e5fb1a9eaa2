"""A container's output, as it comes, in Cloud Logging."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.clouds.gcp.work.api import Api
from tests.clouds.lines import LogStream


def stream(api: Api, log: str, resource: Mapping[str, Any]) -> LogStream:
    """Return a log of a resource."""
    common = {"logName": f"projects/{api.project}/logs/{log}", "resource": resource}

    def put(lines: Sequence[str]) -> None:
        entries = [{"severity": "INFO", "jsonPayload": {"message": one}} for one in lines if one]
        if entries:
            api.call("POST", "logging", "v2/entries:write", {**common, "entries": entries})

    return LogStream(put)


def job_stream(api: Api, job: str, replica: str) -> LogStream:
    """Return the log of a job's replica, where Vertex AI keeps it."""
    labels = {"job_id": job, "project_id": api.project, "task_name": replica}
    return stream(api, replica, {"type": "ml_job", "labels": labels})


def endpoint_stream(api: Api, endpoint: str) -> LogStream:
    """Return the log of an endpoint's containers, where Vertex AI keeps it."""
    labels = {"endpoint_id": endpoint, "location": api.region, "resource_container": api.project}
    resource = {"type": "aiplatform.googleapis.com/Endpoint", "labels": labels}
    return stream(api, "aiplatform.googleapis.com%2Fprediction_container", resource)


def revision_stream(api: Api, service: str, revision: str) -> LogStream:
    """Return the log of a revision's containers, where Cloud Run keeps it."""
    labels = {"service_name": service, "revision_name": revision, "location": api.region}
    resource = {"type": "cloud_run_revision", "labels": {**labels, "project_id": api.project}}
    return stream(api, "run.googleapis.com%2Fstdout", resource)
