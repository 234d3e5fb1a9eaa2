"""A stack with a monitor and a policy, in the test cloud. Not a test."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlops_iac_gcp import lro, place
from mlops_iac_gcp.monitor_steps import capture_dataset
from mlops_iac_gcp.monitors.preparing import Watched, prepared

from mlops_iac.loop.preparing import Prepared
from tests.clouds.gcp.work.serving.records import RESPONSES
from tests.providers.azure_and_gcp import loop
from tests.providers.azure_and_gcp.loop import RULES, Asked

__all__ = ["RULES", "Asked", "Loop"]

_FIELDS = (
    ("endpoint", "STRING", "NULLABLE"),
    ("deployed_model_id", "STRING", "NULLABLE"),
    ("logging_time", "TIMESTAMP", "NULLABLE"),
    ("request_id", "NUMERIC", "NULLABLE"),
    ("request_payload", "STRING", "REPEATED"),
    ("response_payload", "STRING", "REPEATED"),
)


@dataclass
class Loop(loop.Loop):
    """Monitor `watch` and policy `renew` of a shop."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for topic in ("watch", "renew"):
            self.ask("PUT", f"pubsub/v1/{self.topic(topic)}", {})
            name = f"projects/{self.where.project}/subscriptions/{topic}"
            self.ask("PUT", f"pubsub/v1/{name}", {"topic": self.topic(topic)})
        workflows = f"workflows/v1/{self.where.parent}/workflows"
        made = self.ask("POST", f"{workflows}?workflowId=renew", {"sourceContents": "main: {}"})
        lro.wait(self.where, "workflows.v1", made, pause=lambda _: None)

    @property
    def watched(self) -> Watched:
        return Watched(
            monitor="watch",
            endpoint="score",
            table=f"{self.where.project}.{self.dataset}.requests",
            metric="custom.googleapis.com/mlops-iac/watch",
            topic=self.topic("watch"),
            wants_truth=True,
            trust_pickle=False,
        )

    @property
    def named(self) -> Mapping[str, Any]:
        return {"topic": self.topic("renew"), "workflow": self.workflow}

    @property
    def dataset(self) -> str:
        return capture_dataset(self.shop.scope(), "score")

    @property
    def workflow(self) -> str:
        return f"{self.where.parent}/workflows/renew"

    def topic(self, name: str) -> str:
        return f"projects/{self.where.project}/topics/{name}"

    def ask(self, verb: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self.shop.cloud.call(verb, path, body)

    def define(self, component: str = "again", pipeline: str | None = None) -> None:
        """Leave what runs of a pipeline are started by."""
        template = f"pipelines/{component}/x.json"
        self.put(template, PIPELINE)
        self.put(
            place.definition_key(component),
            {
                "bucket": self.bucket,
                "job": component,
                "pipeline": f"flights-{component}",
                "template": template,
                "pipeline_job": {
                    "displayName": f"flights-{component}" if pipeline is None else pipeline,
                    "labels": {"mlops-iac-component": component},
                    "runtimeConfig": {"gcsOutputDirectory": f"gs://{self.bucket}/runs/tasks"},
                },
            },
        )

    def keep(self, model: Path, folder: str) -> None:
        """Only a check's job reads it, and none runs here."""

    def prepared(self, folder: Path) -> Prepared:  # noqa: ARG002  its files stay in the bucket
        shop = self.shop
        return prepared(shop.work(), self.watched, shop.deployment(), datetime.now(UTC))

    def log(self, *asked: Asked) -> None:
        datasets = f"bigquery/bigquery/v2/projects/{self.where.project}/datasets"
        reference = {"datasetId": self.dataset, "projectId": self.where.project}
        table = {**reference, "tableId": "requests"}
        fields = [{"name": name, "type": kind, "mode": mode} for name, kind, mode in _FIELDS]
        self.ask("POST", datasets, {"datasetReference": reference})
        self.ask(
            "POST",
            f"{datasets}/{self.dataset}/tables",
            {"tableReference": table, "schema": {"fields": fields}},
        )
        self.ask(
            "POST",
            f"{datasets}/{self.dataset}/tables/requests/insertAll",
            {"rows": [{"json": logged(one)} for one in asked]},
        )

    def fail(self) -> None:
        labels = {"response_code": "503", "deployed_model_id": self.shop.now().id}
        endpoint = self.shop.deployment().endpoint.rpartition("/")[2]
        resource = {"endpoint_id": endpoint, "location": self.where.region}
        now = datetime.now(UTC).isoformat()
        one = {
            "metric": {"type": RESPONSES, "labels": labels},
            "resource": {"type": "aiplatform.googleapis.com/Endpoint", "labels": resource},
            "points": [{"interval": {"endTime": now}, "value": {"int64Value": "9"}}],
        }
        self.ask("POST", f"monitoring/v3/projects/{self.where.project}/timeSeries",
                 {"timeSeries": [one]})  # fmt: skip

    def followed(self) -> set[str]:
        """Return the runs for whose end the policy's workflow was told to wait."""
        found = self.ask("GET", f"workflowexecutions/v1/{self.workflow}/executions?view=FULL")
        return {json.loads(each["argument"])["run"] for each in found.get("executions", ())}

    def heard(self, topic: str) -> list[Any]:
        """Return what was published, decoded."""
        name = f"projects/{self.where.project}/subscriptions/{topic}"
        told = self.ask("POST", f"pubsub/v1/{name}:pull", {"maxMessages": 10})
        found = told.get("receivedMessages", ())
        return [json.loads(base64.b64decode(each["message"]["data"])) for each in found]


def logged(asked: Asked) -> dict[str, Any]:
    """Return a row of Vertex AI's table: one text for each row and each answer."""
    return {
        "endpoint": "1",
        "deployed_model_id": asked.deployed,
        "logging_time": asked.at.astimezone(UTC).isoformat(),
        "request_id": asked.request,
        "request_payload": [json.dumps(row) for row in asked.rows],
        "response_payload": [json.dumps(answer) for answer in asked.answers],
    }


PIPELINE: Mapping[str, Any] = {
    "pipelineInfo": {"name": "flights-again", "description": "Pipeline again: x"},
    "schemaVersion": "2.1.0",
    "sdkVersion": "kfp-2.16.0",
    "root": {"dag": {"tasks": {}}},
    "components": {},
    "deploymentSpec": {"executors": {}},
}
