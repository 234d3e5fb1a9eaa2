"""What deploying asks of an endpoint of Vertex AI; see `serving.cloud_run.service` too."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from mlops_iac.errors import OperationError
from mlops_iac.registry import Version
from mlops_iac.rolling import InService, Work
from mlops_iac_gcp import lro
from mlops_iac_gcp.serving import capacity, copies, documents, health, traffic
from mlops_iac_gcp.serving.documents import Deployment
from mlops_iac_gcp.serving.filling import filled
from mlops_iac_gcp.serving.states import ENDPOINTS, Endpoint, deployed, look, settled
from mlops_iac_gcp.serving.takeover import Takeover, take_off

__all__ = ["deploy", "deployed", "drift", "history", "labels", "settle", "trouble", "undeploy"]


def labels(work: Work, deployment: Deployment) -> Mapping[str, str] | None:
    """Return the labels of an endpoint, or `None` when there is none."""
    now = look(work, deployment)
    return None if now is None else now.labels


def settle(work: Work, deployment: Deployment) -> None:
    """Wait until nothing is under way on an endpoint."""
    settled(work, deployment)


def deploy(
    work: Work, deployment: Deployment, version: Version, challenger: Version | None
) -> Mapping[str, int]:
    """Serve a version, and a challenger beside it; return the split of the traffic."""
    wish = filled(deployment, version, challenger)
    before = _frame(work, deployment)
    for part in wish.all:
        copies.make(work, deployment, part)
    _set_timeout(work, deployment, before)
    Takeover(work, deployment, wish, before).run()
    copies.note_served(work, wish.main.deployed["model"])
    copies.sweep(work, deployment, [part.copy_id for part in wish.all])
    return wish.split


def history(work: Work, deployment: Deployment) -> Sequence[InService]:
    """Return the versions that were served, the last one first."""
    return [
        InService(version=copy.version, since=copy.since)
        for copy in copies.history(work, deployment)
        if copy.served and copy.version is not None
    ]


def trouble(work: Work, deployment: Deployment, since: datetime) -> str | None:
    """Return in one line what is wrong with what is served, or `None`."""
    now = look(work, deployment)
    main = None if now is None else now.main()
    return None if main is None else health.trouble(work, deployment, main, since)


def undeploy(work: Work, deployment: Deployment) -> None:
    """Take everything off an endpoint: traffic, deployed models, copies, then the document.

    The endpoint itself is the frame's.
    """
    now = settled(work, deployment)
    if now is not None:
        copies.require_ours(deployment, now.name, now.labels)
        if now.split:
            traffic.move(work, deployment, {})
        for running in now.running:
            take_off(work, deployment, running.id)
    copies.sweep(work, deployment, ())
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
    found = (capacity.drift(part, running[part.id]) for part in wish.all)
    return next((difference for difference in found if difference), None)


def _frame(work: Work, deployment: Deployment) -> Endpoint:
    now = settled(work, deployment)
    if now is None:
        raise OperationError(
            f"there is no endpoint `{deployment.component}`", remedy="run `mlops-iac up` first"
        )
    copies.require_ours(deployment, now.name, now.labels)
    return now


def _set_timeout(work: Work, deployment: Deployment, now: Endpoint) -> None:
    """Set how long a prediction may take: `update` takes it, and the frame's resource does not."""
    body = deployment.body("endpoints.update")
    if now.timeout != body["endpoint"]["clientConnectionConfig"]["inferenceTimeout"]:
        params = {"name": deployment.endpoint}
        api = deployment.api("endpoints.update")
        lro.run(
            work.place,
            api,
            f"{ENDPOINTS}.update",
            params,
            body,
            repeatable=True,
            pause=work.pause,
        )
