"""What a monitor watches, and how a check sees it on Azure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mlops_iac.loop import preparing
from mlops_iac.loop.preparing import Asked, Prepared, Window
from mlops_iac_azure import place, registry, serving
from mlops_iac_azure.kept import labels_of, reports_of
from mlops_iac_azure.monitors import traffic
from mlops_iac_azure.serving import Deployed, Deployment, Work
from mlops_iac_azure.work.moving import fetch_folder


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a monitor watches, as its steps are told."""

    monitor: str
    endpoint: str
    """The component."""
    captures: str
    """Bucket of what the endpoint's data collector writes."""
    tag: str
    """Value of the tag by which the end of a check with an alarm is told from others."""
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
    folder: Path
    """Where the model is put."""

    def served(self) -> Deployed | None:
        """Return what is served now, or `None`."""
        return serving.deployed(self.work, self.deployment)

    def model(self, served: Deployed) -> dict[str, Any]:
        """Return what the runtime's check is told of the served version, with its files here."""
        where = self.work.place
        version = registry.version(where, self.deployment.model, served.version)
        bucket, path = place.split(version.artifact)
        return {
            "version": str(served.version),
            "path": str(fetch_folder(where, bucket, path, self.folder)),
            "digest": served.digest,
            "trust_pickle": self.watched.trust_pickle,
        }

    def fetch(self, window: Window) -> list[dict[str, Any]]:
        """Return logged requests, newest first."""
        watched = self.watched
        return traffic.fetch(self.work.place, watched.captures, watched.endpoint, window)


def prepared(
    work: Work, watched: Watched, deployment: Deployment, folder: Path, now: datetime
) -> Prepared:
    """Return what a check of now judges; the model's files are in a folder of this machine.

    Raises:
        NothingToDoError: nothing is served, or no traffic came since the last verdict.
    """
    asked = Asked(
        endpoint=watched.endpoint,
        wants_truth=watched.wants_truth,
        reports=reports_of(work.place, deployment.bucket, watched.monitor),
        labels=labels_of(work.place, deployment.bucket, watched.endpoint),
    )
    seen = Logged(work=work, watched=watched, deployment=deployment, folder=folder)
    return preparing.prepared(seen, asked, now)
