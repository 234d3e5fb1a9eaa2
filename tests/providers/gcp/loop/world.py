"""A stack with a monitor and a policy, in the test cloud. Not a test."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mlops_iac_gcp import documents, lro, place, serving
from mlops_iac_gcp.kept import store_of
from mlops_iac_gcp.monitors.preparing import Watched
from mlops_iac_gcp.policies.world import world_of
from mlops_iac_gcp.session import Place

from mlops_iac.loop.store import Store
from mlops_iac.loop.world import CloudWorld
from mlops_iac.runtime.policy import Rules
from tests.providers.gcp.serving.world import Shop

RULES = Rules(
    on=frozenset({"data_drift"}), promotion="automatic", max_runs=9, period_s=1e6, watch_s=60.0
)
_FIELDS = (
    ("endpoint", "STRING", "NULLABLE"),
    ("deployed_model_id", "STRING", "NULLABLE"),
    ("logging_time", "TIMESTAMP", "NULLABLE"),
    ("request_id", "NUMERIC", "NULLABLE"),
    ("request_payload", "STRING", "REPEATED"),
    ("response_payload", "STRING", "REPEATED"),
)


@dataclass
class Loop:
    """Monitor `watch` and policy `renew` of a shop."""

    shop: Shop

    def __post_init__(self) -> None:
        serving.save(self.shop.work(), self.shop.deployment())
        for topic in ("watch", "renew"):
            self.ask("PUT", f"pubsub/v1/{self.topic(topic)}", {})
            name = f"projects/{self.where.project}/subscriptions/{topic}"
            self.ask("PUT", f"pubsub/v1/{name}", {"topic": self.topic(topic)})
        workflows = f"workflows/v1/{self.where.parent}/workflows"
        made = self.ask("POST", f"{workflows}?workflowId=renew", {"sourceContents": "main: {}"})
        lro.wait(self.where, "workflows.v1", made, pause=lambda _: None)

    @property
    def where(self) -> Place:
        return self.shop.place

    @property
    def bucket(self) -> str:
        return self.shop.model.bucket

    @property
    def store(self) -> Store:
        return store_of(self.where, self.bucket, "renew")

    @property
    def watched(self) -> Watched:
        return Watched(
            monitor="watch",
            endpoint="score",
            table=f"{self.where.project}.logged.requests",
            metric="custom.googleapis.com/mlops-iac/watch",
            topic=self.topic("watch"),
            wants_truth=True,
            trust_pickle=False,
        )

    @property
    def workflow(self) -> str:
        return f"{self.where.parent}/workflows/renew"

    def topic(self, name: str) -> str:
        return f"projects/{self.where.project}/topics/{name}"

    def ask(self, verb: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self.shop.cloud.call(verb, path, body)

    def world(self, **rules: Any) -> CloudWorld:
        document = {
            "name": "renew",
            "endpoint": "score",
            "monitor": "watch",
            "pipeline": "again",
            "topic": self.topic("renew"),
            "workflow": self.workflow,
            "rules": {**RULES.document(), **rules},
        }
        return world_of(self.where, self.bucket, document, lambda _: None)

    def put(self, path: str, document: Mapping[str, Any]) -> None:
        documents.write(self.where, self.bucket, path, document)

    def report(self, until: datetime, *signals: str, alarm: bool | None = True) -> None:
        """Leave a report as a check does."""
        folder = f"{place.reports_prefix('watch')}/{until:%Y/%m/%d/%H-%M-%S-%f}"
        span = {"from": (until - timedelta(hours=1)).isoformat(), "to": until.isoformat()}
        self.put(f"{folder}/report.json", {"alarm": alarm, "alarms": list(signals), "span": span})

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

    def log(self, rows: Sequence[Mapping[str, Any]], dataset: str = "logged") -> None:
        """Log requests as Vertex AI does."""
        datasets = f"bigquery/bigquery/v2/projects/{self.where.project}/datasets"
        reference = {"datasetId": dataset, "projectId": self.where.project}
        table = {**reference, "tableId": "requests"}
        fields = [{"name": name, "type": kind, "mode": mode} for name, kind, mode in _FIELDS]
        self.ask("POST", datasets, {"datasetReference": reference})
        self.ask(
            "POST",
            f"{datasets}/{dataset}/tables",
            {"tableReference": table, "schema": {"fields": fields}},
        )
        self.ask(
            "POST",
            f"{datasets}/{dataset}/tables/requests/insertAll",
            {"rows": [{"json": row} for row in rows]},
        )

    def followed(self) -> list[str]:
        """Return the runs for whose end the policy's workflow was told to wait."""
        found = self.ask("GET", f"workflowexecutions/v1/{self.workflow}/executions?view=FULL")
        return [json.loads(each["argument"])["run"] for each in found.get("executions", ())]

    def heard(self, topic: str) -> list[Any]:
        """Return what was published, decoded."""
        name = f"projects/{self.where.project}/subscriptions/{topic}"
        told = self.ask("POST", f"pubsub/v1/{name}:pull", {"maxMessages": 10})
        found = told.get("receivedMessages", ())
        return [json.loads(base64.b64decode(each["message"]["data"])) for each in found]


def logged(
    deployed: str, at: datetime, number: int, rows: Sequence[Any], answers: Sequence[Any]
) -> dict[str, Any]:
    """Return a row of Vertex AI's table: one text for each row and each answer."""
    return {
        "endpoint": "1",
        "deployed_model_id": deployed,
        "logging_time": at.astimezone(UTC).isoformat(),
        "request_id": str(number),
        "request_payload": [json.dumps(row) for row in rows],
        "response_payload": [json.dumps(answer) for answer in answers],
    }


PIPELINE: Mapping[str, Any] = {
    "pipelineInfo": {"name": "flights-again", "description": "Pipeline again: x"},
    "schemaVersion": "2.1.0",
    "sdkVersion": "kfp-2.16.0",
    "root": {"dag": {"tasks": {}}},
    "components": {},
    "deploymentSpec": {"executors": {}},
}
