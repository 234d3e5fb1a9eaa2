"""What deploying asks of a container app; the counterpart of `serving.machines`."""

from collections.abc import Mapping
from datetime import datetime

from mlops_iac.registry import Version
from mlops_iac.rolling import Work
from mlops_iac_azure import lro
from mlops_iac_azure.serving import assets, documents, history
from mlops_iac_azure.serving.container_apps import access
from mlops_iac_azure.serving.container_apps.filling import filled
from mlops_iac_azure.serving.container_apps.states import deployed, look, settled
from mlops_iac_azure.serving.container_apps.takeover import Takeover, revision_trouble
from mlops_iac_azure.serving.documents import APPS, Deployment

__all__ = ["deploy", "deployed", "drift", "labels", "prepare", "settle", "trouble", "undeploy"]


def labels(work: Work, deployment: Deployment) -> Mapping[str, str] | None:
    """Return the tags of an app, or `None` when there is none."""
    now = look(work, deployment)
    return None if now is None else now.labels


def prepare(work: Work, deployment: Deployment) -> None:
    """Make the token that callers bear."""
    access.make(work, deployment)


def settle(work: Work, deployment: Deployment) -> None:
    """Wait until nothing is under way on an app."""
    settled(work, deployment)


def deploy(
    work: Work, deployment: Deployment, version: Version, challenger: Version | None
) -> Mapping[str, int]:
    """Serve a version, and a challenger beside it; return the split of the traffic."""
    wish = filled(deployment, version, challenger)
    before = settled(work, deployment)
    if before is not None:
        assets.require_ours(deployment, deployment.endpoint, before.labels)
    return Takeover(work, deployment, wish, before).run()


def trouble(work: Work, deployment: Deployment, since: datetime) -> str | None:
    """Return in one line what is wrong with what is served, or `None`."""
    now = look(work, deployment)
    main = None if now is None else now.main()
    return None if main is None else revision_trouble(work, deployment, main.id, since)


def undeploy(work: Work, deployment: Deployment) -> None:
    """Remove the app with its revisions, its token and its document."""
    now = settled(work, deployment)
    if now is not None:
        assets.require_ours(deployment, deployment.endpoint, now.labels)
        lro.removed(work.place, deployment.endpoint, pause=work.pause, log=work.log)
    access.revoke(work, deployment)
    history.forget(work, deployment)
    documents.forget(work, deployment)


def drift(
    work: Work, deployment: Deployment, version: Version, challenger: Version | None
) -> str | None:
    """Return in one line how an app differs from what is declared, or `None`."""
    wish = filled(deployment, version, challenger)
    now = look(work, deployment)
    if now is None or not set(wish.split) <= {item.stem for item in now.running}:
        return "the endpoint serves the version with other settings than the declared ones"
    if {item.stem or item.id: item.share for item in now.running if item.share} != dict(wish.split):
        return "its traffic is split in another way than declared"
    return None if now.labels == deployment.body(APPS)["tags"] else "its tags are not the declared"
