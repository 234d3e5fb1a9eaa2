"""The data collector: what a deployment was asked and has answered, as JSON lines in a container.

https://learn.microsoft.com/azure/machine-learning/how-to-collect-production-data (payload logging).
Limits: one file an hour; a payload is always within its line; nothing waits.
"""

import json
import random
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.clouds.azure.hooks import Invocation, Reply, Run
from tests.clouds.azure.work.api import Api
from tests.clouds.azure.work.data import Data, Spot

_FOLDER = "modelDataCollector"
_RATES = {"Year": "%Y", "Month": "%Y/%m", "Day": "%Y/%m/%d", "Hour": "%Y/%m/%d/%H"}
_MINUTE = "%Y/%m/%d/%H/%M"
_REQUEST, _RESPONSE = "request", "response"
_GOOD = 400


@dataclass
class Collector:
    """What keeps the calls of one deployment."""

    run: Run
    data: Data
    api: Api
    draw: random.Random = field(default_factory=lambda: random.Random(0))
    instance: str = field(default_factory=lambda: uuid.uuid4().hex)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def told(self) -> Mapping[str, Any]:
        """How the deployment collects."""
        return self.run.request["deployment"]["properties"].get("dataCollector") or {}

    def keep(self, invocation: Invocation, answer: Reply) -> None:
        """Keep a call and its answer, as far as they are collected."""
        if answer.status >= _GOOD:
            return
        share = self.draw.random()
        shared = {"correlationid": str(uuid.uuid4())}
        shared["xrequestid"] = invocation.headers.get("x-request-id", shared["correlationid"])
        with self._lock:
            asked = {"path": invocation.path, "method": invocation.method, **shared}
            self._keep(_REQUEST, share, invocation.body, asked, invocation.headers)
            self._keep(_RESPONSE, share, answer.body, {**shared}, answer.headers)

    def _keep(
        self,
        name: str,
        share: float,
        body: bytes,
        more: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> None:
        collection = (self.told.get("collections") or {}).get(name) or {}
        if collection.get("dataCollectionMode") != "Enabled":
            return
        if share >= float(collection.get("samplingRate", 1.0)):
            return
        kind = headers.get("content-type", "application/json").partition(";")[0]
        wanted = (self.told.get("requestLogging") or {}).get("captureHeaders") or ()
        event = {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": self.run.name,
            "type": f"azureml.inference.{name}",
            "datacontenttype": kind,
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "data": _payload(body),
            "contentrange": f"bytes 0-{max(len(body) - 1, 0)}/{len(body)}",
            **more,
            **{one.lower(): headers[one.lower()] for one in wanted if one.lower() in headers},
        }
        self._append(self._spot(name, collection), json.dumps(event))

    def _spot(self, name: str, collection: Mapping[str, Any]) -> Spot:
        known = collection.get("dataId")
        rate = _RATES.get(self.told.get("rollingRate") or "Hour", _MINUTE)
        file = f"{datetime.now(UTC).strftime(rate)}/{self.instance}.jsonl"
        if known:
            return self.data.spot(known, "data").below(file)
        parts = self.run.name.split("/")
        endpoint, deployment = parts[-3], parts[-1]
        return self.data.spot(
            f"azureml://datastores/workspaceblobstore/paths/{_FOLDER}/{endpoint}/{deployment}/"
            f"{name}/{file}"
        )

    def _append(self, spot: Spot, line: str) -> None:
        blob = self.api.container(spot.account, spot.container).get_blob_client(spot.path)
        if not blob.exists():
            blob.create_append_blob()
        blob.append_block(f"{line}\n".encode())


def _payload(body: bytes) -> Any:
    text = body.decode(errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        return text
