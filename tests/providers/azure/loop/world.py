"""A stack with a monitor and a policy, in the test cloud. Not a test."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mlops_iac_azure import documents, facts, place, rest
from mlops_iac_azure.jobs.runs import BUCKET, COMPONENT, PIPELINE
from mlops_iac_azure.monitors.preparing import Watched, prepared
from mlops_iac_azure.serving import captures
from mlops_iac_azure.serving.health import REQUESTS
from mlops_iac_azure.work.moving import keep_folder

from mlops_iac.loop.preparing import Prepared
from tests.providers.azure_and_gcp import loop
from tests.providers.azure_and_gcp.loop import RULES, Asked

__all__ = ["RULES", "Asked", "Loop"]


@dataclass
class Loop(loop.Loop):
    """Monitor `watch` and policy `renew` of a shop."""

    @property
    def named(self) -> Mapping[str, Any]:
        return {"tag": "flights-renew"}

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

    def keep(self, model: Path, folder: str) -> None:
        keep_folder(self.where, self.bucket, folder, model)

    def prepared(self, folder: Path) -> Prepared:
        shop = self.shop
        return prepared(shop.work(), self.watched, shop.deployment(), folder, datetime.now(UTC))

    def log(self, *asked: Asked) -> None:
        for one in asked:
            self.capture(one)

    def capture(self, asked: Asked) -> None:
        """Capture a request as a data collector does; no answer when there are none."""
        self._line(asked, captures.REQUEST, {"instances": list(asked.rows)})
        if asked.answers:
            self._line(asked, captures.RESPONSE, {"predictions": list(asked.answers)})

    def _line(self, asked: Asked, collection: str, data: Any) -> None:
        at, request = asked.at, asked.request
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
        folder = captures.folder("score", asked.deployed, collection)
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

    def fail(self) -> None:
        a_minute_ago = datetime.now(UTC) - timedelta(minutes=1)
        one = {"dimValues": [self.shop.now().id, "5xx"], "min": 9, "max": 9, "sum": 9, "count": 1}
        data = {
            "metric": REQUESTS.metric,
            "namespace": REQUESTS.namespace,
            "dimNames": [REQUESTS.whose, REQUESTS.code],
            "series": [one],
        }
        self.shop.cloud.call(
            "POST",
            f"metrics{self.shop.deployment().endpoint}/metrics",
            {"time": a_minute_ago.isoformat(), "data": {"baseData": data}},
        )
