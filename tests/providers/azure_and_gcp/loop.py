"""A stack with a monitor and a policy, in a test cloud. Not a test.

`Loop` has the words in which tests of both clouds speak; what a cloud has of its own is below them,
in `tests/providers/{azure,gcp}/loop/world.py`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mlops_iac.loop.preparing import Prepared
from mlops_iac.loop.store import Store
from mlops_iac.loop.world import CloudWorld
from mlops_iac.runtime import tree_digest
from mlops_iac.runtime.policy import Rules
from mlops_iac.specs import ModelMonitor, Pipeline, RetrainingPolicy
from tests.providers.azure_and_gcp.shop import Shop

RULES = Rules(
    on=frozenset({"data_drift"}), promotion="automatic", max_runs=9, period_s=1e6, watch_s=60.0
)


@dataclass(frozen=True)
class Asked:
    """A request to what is served, with its answers."""

    deployed: str
    at: datetime
    rows: Sequence[Any]
    answers: Sequence[Any]
    request: str


@dataclass
class Loop(ABC):
    """Monitor `watch` and policy `renew` of a shop."""

    shop: Shop

    def __post_init__(self) -> None:
        self.shop.save()

    @property
    def where(self) -> Any:
        return self.shop.place

    @property
    def bucket(self) -> str:
        return self.shop.model.bucket

    @property
    def store(self) -> Store:
        return self.shop.adapter.kept.store_of(self.where, self.bucket, "renew")

    @property
    @abstractmethod
    def watched(self) -> Any:
        """What the monitor looks at."""

    @property
    @abstractmethod
    def named(self) -> Mapping[str, Any]:
        """What the cloud's own things of the policy are called."""

    def world(self, **rules: Any) -> CloudWorld:
        document = {
            "name": "renew",
            "endpoint": "score",
            "monitor": "watch",
            "pipeline": "again",
            **self.named,
            "rules": {**RULES.document(), **rules},
        }
        return self.shop.adapter.policies.world_of(
            self.where, self.bucket, document, lambda _: None
        )

    def site(self) -> Any:
        """Return what the verbs on the monitor need."""
        wishes: dict[str, dict[str, Any]] = {
            "watch": {"endpoint": "score", "signals": ("data_drift",)},
            "again": {"steps": ["delay"]},
            "renew": {"monitor": "watch", "pipeline": "again"},
        }
        kinds = {"watch": ModelMonitor, "again": Pipeline, "renew": RetrainingPolicy}
        more = [kind(name, **wishes[name]) for name, kind in kinds.items()]
        return self.shop.site(*more, of="watch", capture={"percent": 100})

    def put(self, path: str, document: Mapping[str, Any]) -> None:
        self.shop.write(path, document)

    def report(self, until: datetime, *signals: str, alarm: bool | None = True) -> str:
        """Leave a report as a check does; return its folder."""
        folder = self.shop.adapter.place.reports_prefix("watch")
        folder = f"{folder}/{until:%Y/%m/%d/%H-%M-%S-%f}"
        span = {"from": (until - timedelta(hours=1)).isoformat(), "to": until.isoformat()}
        self.put(f"{folder}/report.json", {"alarm": alarm, "alarms": list(signals), "span": span})
        return folder

    def end(self, run: Any, **told: Any) -> None:
        """Leave what the last step of a check tells."""
        key = self.shop.adapter.place.step_report_key("watch", run.id, "watch")
        self.put(key, {"step": "watch", "status": "finished", "ended": "x", **told})

    def executions(self, pipeline: str) -> list[Any]:
        return [*self.shop.adapter.runs.executions(self.where, pipeline)]

    @abstractmethod
    def define(self, component: str = "again", pipeline: str | None = None) -> None:
        """Leave what runs of a pipeline are started by."""

    def serve(self, model: Path) -> str:
        """Serve a model as version 1; return the id of what is deployed."""
        folder = "runs/delay/run-1/model"
        self.keep(model, folder)
        self.shop.serve(self.shop.register(digest=tree_digest(model), folder=folder))
        return self.shop.now().id

    @abstractmethod
    def keep(self, model: Path, folder: str) -> None:
        """Put a model into the store, if a check is to find it there."""

    @abstractmethod
    def prepared(self, folder: Path) -> Prepared:
        """Return what a check looks at now; what it needs of files comes to a folder."""

    @abstractmethod
    def log(self, *asked: Asked) -> None:
        """Log requests as the cloud does; once a test."""

    @abstractmethod
    def fail(self) -> None:
        """Let what is served have answered with errors of the server."""

    def followed(self) -> set[str] | None:
        """Return the runs for whose end the policy waits; `None` where the cloud tells of it."""
        return None
