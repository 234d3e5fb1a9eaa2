"""A container's output, as it comes, in Cloud Logging."""

import queue
import threading
from collections.abc import Mapping
from typing import Any

from tests.clouds.gcp.work.api import Api


class LogStream:
    """Collects lines; a thread of its own hands over what has come since the last time."""

    def __init__(self, api: Api, log: str, resource: Mapping[str, Any]) -> None:
        self.lines: list[str] = []
        self._api = api
        self._common = {"logName": f"projects/{api.project}/logs/{log}", "resource": resource}
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    def add(self, line: str) -> None:
        """Take a line."""
        self.lines.append(line)
        self._waiting.put(line)

    def close(self) -> None:
        """Write the rest and wait for it."""
        self._waiting.put(None)
        self._writer.join()

    def _write(self) -> None:
        ended = False
        while not ended:
            batch = [self._waiting.get()]
            while not self._waiting.empty():
                batch.append(self._waiting.get())
            ended = None in batch
            self._put([line for line in batch if line])

    def _put(self, batch: list[str]) -> None:
        if batch:
            entries = [{"severity": "INFO", "jsonPayload": {"message": line}} for line in batch]
            body = {**self._common, "entries": entries}
            self._api.call("POST", "logging", "v2/entries:write", body)


def job_stream(api: Api, job: str, replica: str) -> LogStream:
    """Return the log of a job's replica, where Vertex AI keeps it."""
    labels = {"job_id": job, "project_id": api.project, "task_name": replica}
    return LogStream(api, replica, {"type": "ml_job", "labels": labels})


def endpoint_stream(api: Api, endpoint: str) -> LogStream:
    """Return the log of an endpoint's containers, where Vertex AI keeps it."""
    labels = {"endpoint_id": endpoint, "location": api.region, "resource_container": api.project}
    resource = {"type": "aiplatform.googleapis.com/Endpoint", "labels": labels}
    return LogStream(api, "aiplatform.googleapis.com%2Fprediction_container", resource)


def revision_stream(api: Api, service: str, revision: str) -> LogStream:
    """Return the log of a revision's containers, where Cloud Run keeps it."""
    labels = {"service_name": service, "revision_name": revision, "location": api.region}
    resource = {"type": "cloud_run_revision", "labels": {**labels, "project_id": api.project}}
    return LogStream(api, "run.googleapis.com%2Fstdout", resource)
