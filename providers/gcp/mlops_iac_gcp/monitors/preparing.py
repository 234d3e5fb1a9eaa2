"""What a monitor watches, and how a check sees it on Google Cloud."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlops_iac.loop import preparing
from mlops_iac.loop.preparing import Asked, Prepared, Window
from mlops_iac_gcp import registry, serving
from mlops_iac_gcp.kept import labels_of, reports_of
from mlops_iac_gcp.monitors import traffic
from mlops_iac_gcp.serving import Deployed, Deployment, Work


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a monitor watches, as its launcher is told."""

    monitor: str
    endpoint: str
    """The component."""
    table: str
    """Of the logged requests, `project.dataset.table`."""
    metric: str
    topic: str
    wants_truth: bool
    trust_pickle: bool

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Watched":
        """Return what a document tells."""
        return cls(**told)


@dataclass(frozen=True, kw_only=True)
class Logged:
    """The endpoint with its logged requests; implements `mlops_iac.loop.preparing.Traffic`."""

    work: Work
    watched: Watched
    deployment: Deployment

    def served(self) -> Deployed | None:
        """Return what is served now, or `None`."""
        return serving.deployed(self.work, self.deployment)

    def model(self, served: Deployed) -> dict[str, Any]:
        """Return what the runtime's check is told of the served version."""
        version = registry.version(self.work.place, self.deployment.model, served.version)
        return {
            "version": str(served.version),
            "path": version.artifact,
            "digest": served.digest,
            "trust_pickle": self.watched.trust_pickle,
        }

    def fetch(self, window: Window) -> list[dict[str, Any]]:
        """Return logged requests, newest first."""
        return traffic.fetch(self.work.place, self.watched.table, window)


def prepared(work: Work, watched: Watched, deployment: Deployment, now: datetime) -> Prepared:
    """Return what a check of now judges.

    Raises:
        NothingToDoError: nothing is served, or no traffic came since the last verdict.
    """
    asked = Asked(
        endpoint=watched.endpoint,
        wants_truth=watched.wants_truth,
        reports=reports_of(work.place, deployment.bucket, watched.monitor),
        labels=labels_of(work.place, deployment.bucket, watched.endpoint),
    )
    seen = Logged(work=work, watched=watched, deployment=deployment)
    return preparing.prepared(seen, asked, now)
