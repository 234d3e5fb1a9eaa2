"""A stack with a monitor and a policy, in the test cloud. Not a test."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mlops_iac_azure import documents, facts, place, rest, serving
from mlops_iac_azure.jobs.runs import BUCKET, COMPONENT, PIPELINE
from mlops_iac_azure.kept import store_of
from mlops_iac_azure.monitors.preparing import Watched
from mlops_iac_azure.policies.world import world_of
from mlops_iac_azure.serving import captures
from mlops_iac_azure.session import Place

from mlops_iac.loop.store import Store
from mlops_iac.loop.world import CloudWorld
from mlops_iac.runtime.policy import Rules
from tests.providers.azure.serving.world import Shop

RULES = Rules(
    on=frozenset({"data_drift"}), promotion="automatic", max_runs=9, period_s=1e6, watch_s=60.0
)


@dataclass
class Loop:
    """Monitor `watch` and policy `renew` of a shop."""

    shop: Shop

    def __post_init__(self) -> None:
        serving.save(self.shop.work(), self.shop.deployment())

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
            captures=facts.captures(self.shop.scope()),
            tag="flights-watch",
            wants_truth=True,
            trust_pickle=False,
        )

    def world(self, **rules: Any) -> CloudWorld:
        document = {
            "name": "renew",
            "endpoint": "score",
            "monitor": "watch",
            "pipeline": "again",
            "tag": "flights-renew",
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
        name = pipeline or f"flights-{component}"
        job = {
            "jobType": "Pipeline",
            "displayName": name,
            "jobs": {},
            "tags": {COMPONENT: component, f"{PIPELINE}{name}": "", BUCKET: self.bucket},
        }
        told = {"bucket": self.bucket, "job": component, "pipeline": name, "pipeline_job": job}
        self.put(place.definition_key(component), told)

    def capture(
        self,
        deployed: str,
        at: datetime,
        rows: Sequence[Any],
        answers: Sequence[Any] | None,
        request: str,
    ) -> None:
        """Capture a request and its answer as a data collector does; no answer when `None`."""
        self._line(deployed, captures.REQUEST, at, {"instances": list(rows)}, request)
        if answers is not None:
            told = {"predictions": list(answers)}
            self._line(deployed, captures.RESPONSE, at, told, request)

    def _line(self, deployed: str, collection: str, at: datetime, data: Any, request: str) -> None:
        event = {
            "specversion": "1.0",
            "id": f"{request}-{collection}",
            "type": f"azureml.inference.{collection}",
            "datacontenttype": "application/json",
            "time": at.astimezone(UTC).isoformat(),
            "data": data,
            "correlationid": f"c-{request}",
            "xrequestid": request,
        }
        folder = captures.folder("score", deployed, collection)
        path = f"{folder}/{at.astimezone(UTC):%Y/%m/%d/%H}/instance.jsonl"
        bucket = self.watched.captures
        held = documents.read_bytes(self.where, bucket, path)
        before = b"" if held is None else held[0]
        line = json.dumps(event).encode() + b"\n"
        documents.write_bytes(self.where, bucket, path, before + line)

    def points(self, metric: str) -> dict[tuple[str, ...], float]:
        """Return the points of one of our metrics by their dimensions."""
        names = {"findings": ("component", "finding"), "news": ("component", "level")}[metric]
        wanted = " and ".join(f"{name} eq '*'" for name in names)
        told = rest.call(
            self.where,
            "GET",
            f"{self.where.workspace_id}/providers/Microsoft.Insights/metrics",
            query={
                "metricnames": metric,
                "metricnamespace": "mlops-iac",
                "aggregation": "Total",
                "interval": "full",
                "$filter": wanted,
            },
        )
        (found,) = told["value"]
        return {
            tuple(each["value"] for each in series["metadatavalues"]): series["data"][0]["total"]
            for series in found["timeseries"]
        }
