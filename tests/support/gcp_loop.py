"""The stack `churn` on the Google Cloud test cloud: README's loop, and what its customers do."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from mlops_iac_gcp import names
from mlops_iac_gcp.jobs import runs as executions
from mlops_iac_gcp.operations import GcpOperations
from mlops_iac_gcp.session import storage

from mlops_iac.operations import Run
from tests.support.churn import LAKE, manifest
from tests.support.churn_loop import ChurnLoop
from tests.support.gcp_stack import GcpStack


class ChurnStack(ChurnLoop, GcpStack):
    """The stack, its engine, its cloud and its customers; the cloud's variables must be set."""

    declared = manifest(json.dumps(GcpStack.platform), f"gs://{LAKE}")
    verbs = GcpOperations

    def make_lake(self) -> None:
        """Make the bucket of somebody else, empty."""
        storage(self.place).create_bucket(LAKE, location=self.cloud.region)

    def put(self, key: str, content: bytes) -> None:
        """Write an object into the lake."""
        storage(self.place).bucket(LAKE).blob(key).upload_from_string(content)

    def schedule(self, component: str) -> str:
        """Return the name of a component's schedule."""
        title = self.scope.physical_name(names.DISPLAY, component)
        found = self.cloud.call("GET", f"aiplatform/v1/{self.cloud.location}/schedules")
        return next(one["name"] for one in found["schedules"] if one["displayName"] == title)

    def check(self) -> Run:
        """Let the monitor's schedule start its next check; return that once it has ended."""
        told = self.cloud.control("fire", schedule=self.schedule("watch"))
        run = told["started"].rpartition("/")[2]
        (started,) = (each for each in self.operations.runs("watch") if each.id == run)
        return self.operations.wait(started)

    def documents(self, prefix: str) -> list[Mapping[str, Any]]:
        """Return the JSON objects of the stack's bucket whose paths begin so, in their order."""
        found = storage(self.place).bucket(self.bucket).list_blobs(prefix=prefix)
        kept = sorted((blob for blob in found if blob.name.endswith(".json")), key=_name)
        return [json.loads(blob.download_as_bytes()) for blob in kept]

    def told(self) -> list[Mapping[str, Any]]:
        """Return the arguments of the executions of the policy's workflow, messages decoded."""
        found = self.cloud.control("resources", service="workflowexecutions")
        return [_decoded(json.loads(one["body"]["argument"])) for one in found]

    def ends(self) -> set[str]:
        """Return how the runs of all pipelines stand."""
        found = self.cloud.control("resources", service="aiplatform")
        jobs = [one["body"]["state"] for one in found if "/pipelineJobs/" in one["name"]]
        return {executions.STATUSES.get(state, "running") for state in jobs}


def _name(blob: Any) -> str:
    return blob.name


def _decoded(event: Mapping[str, Any]) -> Mapping[str, Any]:
    if "data" not in event:
        return event
    return json.loads(base64.b64decode(event["data"]["message"]["data"]))
