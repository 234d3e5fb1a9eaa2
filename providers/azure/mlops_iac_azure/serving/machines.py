"""What deploying asks of an online endpoint; see `serving.container_apps.app` too."""

from collections.abc import Mapping
from datetime import datetime

from mlops_iac.errors import OperationError
from mlops_iac.registry import Version
from mlops_iac.rolling import Work
from mlops_iac_azure.serving import assets, capacity, documents, health, history, traffic
from mlops_iac_azure.serving.documents import Deployment
from mlops_iac_azure.serving.filling import filled
from mlops_iac_azure.serving.states import Endpoint, deployed, look, settled
from mlops_iac_azure.serving.takeover import Takeover, take_off

__all__ = ["deploy", "deployed", "drift", "labels", "prepare", "settle", "trouble", "undeploy"]


def labels(work: Work, deployment: Deployment) -> Mapping[str, str] | None:
    """Return the tags of an endpoint, or `None` when there is none."""
    now = look(work, deployment)
    return None if now is None else now.labels


def prepare(work: Work, deployment: Deployment) -> None:
    """Do nothing: the frame has made the endpoint."""
    del work, deployment


def settle(work: Work, deployment: Deployment) -> None:
    """Wait until nothing is under way on an endpoint."""
    settled(work, deployment)


def deploy(
    work: Work, deployment: Deployment, version: Version, challenger: Version | None
) -> Mapping[str, int]:
    """Serve a version, and a challenger beside it; return the split of the traffic."""
    wish = filled(deployment, version, challenger)
    Takeover(work, deployment, wish, _frame(work, deployment)).run()
    history.note(work, deployment, version.number)
    return wish.split


def trouble(work: Work, deployment: Deployment, since: datetime) -> str | None:
    """Return in one line what is wrong with what is served, or `None`."""
    now = look(work, deployment)
    main = None if now is None else now.main()
    return None if main is None else health.trouble(work, deployment, main, since)


def undeploy(work: Work, deployment: Deployment) -> None:
    """Take everything off an endpoint: traffic, settings, deployments, assets, then the document.

    The endpoint itself is the frame's.
    """
    now = settled(work, deployment)
    if now is not None:
        assets.require_ours(deployment, now.name, now.labels)
        if now.split or now.mirror:
            traffic.move(work, deployment, {}, {})
        for running in now.running:
            take_off(work, deployment, running.id)
    capacity.sweep(work, deployment)
    assets.sweep(work, deployment)
    history.forget(work, deployment)
    documents.forget(work, deployment)


def drift(
    work: Work, deployment: Deployment, version: Version, challenger: Version | None
) -> str | None:
    """Return in one line how an endpoint differs from what is declared, or `None`."""
    wish = filled(deployment, version, challenger)
    endpoint = look(work, deployment)
    running = {} if endpoint is None else {item.id: item for item in endpoint.running}
    if endpoint is None or not {part.id for part in wish.all} <= running.keys():
        return "the endpoint serves the version with other settings than the declared ones"
    if dict(endpoint.split) != dict(wish.split):
        return "its traffic is split in another way than declared"
    if dict(endpoint.mirror) != dict(wish.mirror):
        return "its traffic is copied in another way than declared"
    found = (capacity.drift(work, deployment, part, running[part.id]) for part in wish.all)
    return next((difference for difference in found if difference), None)


def _frame(work: Work, deployment: Deployment) -> Endpoint:
    now = settled(work, deployment)
    if now is None:
        raise OperationError(
            f"there is no endpoint `{deployment.component}`", remedy="run `mlops-iac up` first"
        )
    assets.require_ours(deployment, now.name, now.labels)
    return now
