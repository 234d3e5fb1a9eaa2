"""What deploying asks of a serverless endpoint; the counterpart of `serving.machines`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from mlops_iac.registry import Version
from mlops_iac.rolling import InService, Work
from mlops_iac_gcp import lro
from mlops_iac_gcp.faults import found
from mlops_iac_gcp.serving import copies, documents
from mlops_iac_gcp.serving.cloud_run.filling import filled
from mlops_iac_gcp.serving.cloud_run.states import (
    API,
    SERVICES,
    deployed,
    look,
    settled,
)
from mlops_iac_gcp.serving.cloud_run.takeover import (
    FRAME,
    Takeover,
    revision_trouble,
    served,
)
from mlops_iac_gcp.serving.documents import Deployment

__all__ = ["deploy", "deployed", "drift", "history", "labels", "settle", "trouble", "undeploy"]


def labels(work: Work, deployment: Deployment) -> Mapping[str, str] | None:
    """Return the labels of a service, or `None` when there is none."""
    now = look(work, deployment)
    return None if now is None else now.labels


def settle(work: Work, deployment: Deployment) -> None:
    """Wait until nothing is under way on a service."""
    settled(work, deployment)


def deploy(
    work: Work, deployment: Deployment, version: Version, challenger: Version | None
) -> Mapping[str, int]:
    """Serve a version, and a challenger beside it; return the split of the traffic."""
    wish = filled(deployment, version, challenger)
    before = settled(work, deployment)
    if before is not None:
        copies.require_ours(deployment, deployment.endpoint, before.labels)
    return Takeover(work, deployment, wish, before).run()


def history(work: Work, deployment: Deployment) -> Sequence[InService]:
    """Return the versions that were served, the last one first."""
    now = look(work, deployment)
    return [] if now is None else served(now)


def trouble(work: Work, deployment: Deployment, since: datetime) -> str | None:
    """Return in one line what is wrong with what is served, or `None`."""
    now = look(work, deployment)
    main = None if now is None else now.main()
    return None if main is None else revision_trouble(work, deployment, main.id, since)


def undeploy(work: Work, deployment: Deployment) -> None:
    """Remove the service with its revisions, and the document."""
    now = settled(work, deployment)
    if now is not None:
        copies.require_ours(deployment, deployment.endpoint, now.labels)
        params = {"name": deployment.endpoint}
        found(lro.run, work.place, API, f"{SERVICES}.delete", params, pause=work.pause)
    documents.forget(work, deployment)


def drift(
    work: Work, deployment: Deployment, version: Version, challenger: Version | None
) -> str | None:
    """Return in one line how a service differs from what is declared, or `None`."""
    wish = filled(deployment, version, challenger)
    now = look(work, deployment)
    if now is None or not set(wish.split) <= {item.stem for item in now.running}:
        return "the endpoint serves the version with other settings than the declared ones"
    if {item.stem or item.id: item.share for item in now.running} != dict(wish.split):
        return "its traffic is split in another way than declared"
    declared = deployment.body("services.create")
    changed = [key for key in FRAME if now.told.get(key) != declared[key]]
    return f"its {changed[0]} is not the declared one" if changed else None
