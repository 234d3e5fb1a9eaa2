"""How a service is now, and waiting until it moves no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_iac.container_contract import MODEL_DIGEST
from mlops_iac.rolling import CHALLENGER, MAIN, Deployed, Work
from mlops_iac.rolling.patience import patience
from mlops_iac.rolling.revisions import Running, read
from mlops_iac_gcp import rest
from mlops_iac_gcp.errors import DeploymentError
from mlops_iac_gcp.faults import found
from mlops_iac_gcp.serving.documents import Deployment
from mlops_iac_gcp.serving.states import DEPLOYED

API = "run.v2"
SERVICES = "projects.locations.services"
SERVED = "mlops-iac/served"
"""Annotation of a service: `VERSION@TIME` of what it has served, the last one first."""
_FAILED = "CONDITION_FAILED"


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service as Cloud Run describes it."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    traffic: Sequence[Mapping[str, Any]]
    """What was asked for."""
    running: Sequence[Running]
    told: Mapping[str, Any]
    address: str
    is_changing: bool

    @property
    def split(self) -> Mapping[str, int]:
        """Percent of the traffic by the name of the revision."""
        return {item.id: item.share for item in self.running if item.share}

    def main(self) -> Running | None:
        """Return what is served: of two versions that with more traffic."""
        return self._most(MAIN)

    def challenger(self) -> Running | None:
        """Return what is beside it."""
        return self._most(CHALLENGER)

    def _most(self, role: str) -> Running | None:
        ours = [item for item in self.running if item.role == role]
        return max(ours, key=lambda item: item.share, default=None)


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A revision as Cloud Run describes it."""

    id: str
    trouble: str
    """What Cloud Run says is wrong with it; empty when nothing."""
    digest: str | None


def look(work: Work, deployment: Deployment) -> Service | None:
    """Return a service, or `None` when there is none."""
    told = found(rest.call, work.place, API, f"{SERVICES}.get", {"name": deployment.endpoint})
    if told is None:
        return None
    return Service(
        labels=told.get("labels", {}),
        annotations=told.get("annotations", {}),
        traffic=told.get("traffic", ()),
        running=[_running(deployment, item) for item in told.get("trafficStatuses", ())],
        told=told,
        address=told.get("uri", ""),
        is_changing=told.get("reconciling", False),
    )


def settled(work: Work, deployment: Deployment) -> Service | None:
    """Return a service as soon as it is being changed no more; `None` when there is none.

    Raises:
        DeploymentError: it is, after the time of one operation; it goes on by itself.
    """
    wait = patience(work, deployment, DeploymentError)
    while (now := look(work, deployment)) is not None and now.is_changing:
        next(wait)
    return now


def deployed(work: Work, deployment: Deployment) -> Deployed | None:
    """Return what a service serves, or `None` when it serves nothing of ours."""
    now = look(work, deployment)
    main = None if now is None else now.main()
    if now is None or main is None:
        return None
    beside = now.challenger()
    known = revision(work, deployment, main.id)
    return Deployed(
        endpoint=deployment.endpoint,
        status=DEPLOYED if known is None else known.trouble or DEPLOYED,
        id=main.id,
        version=main.version,
        digest=None if known is None else known.digest,
        challenger=None if beside is None else beside.version,
        split=now.split,
    )


def revision(work: Work, deployment: Deployment, name: str) -> Revision | None:
    """Return a revision, or `None` when there is none."""
    params = {"name": f"{deployment.endpoint}/revisions/{name}"}
    told = found(rest.call, work.place, API, f"{SERVICES}.revisions.get", params)
    return None if told is None else _revision(told)


def revisions(work: Work, deployment: Deployment, stem: str) -> list[Revision]:
    """Return the revisions of one version and content: several when some have failed."""
    params = {"parent": deployment.endpoint}
    items = rest.listed(work.place, API, f"{SERVICES}.revisions.list", params, "revisions")
    return [
        _revision(item)
        for item in items
        if read(_suffix(deployment, item["name"].rpartition("/")[2]))[0] == stem
    ]


def _running(deployment: Deployment, item: Mapping[str, Any]) -> Running:
    name = item.get("revision", "").rpartition("/")[2]
    return Running.named(name, _suffix(deployment, name), int(item.get("percent", 0)))


def _suffix(deployment: Deployment, name: str) -> str:
    return name.removeprefix(f"{service_id(deployment)}-")


def service_id(deployment: Deployment) -> str:
    """Return a service's name within its region."""
    return deployment.endpoint.rpartition("/")[2]


def _revision(told: Mapping[str, Any]) -> Revision:
    failed = [item for item in told.get("conditions", ()) if item.get("state") == _FAILED]
    said = (item.get("message") or item.get("reason") or "it is not ready" for item in failed)
    containers = told.get("containers", ())
    values = {
        item["name"]: item.get("value", "") for each in containers for item in each.get("env", ())
    }
    return Revision(
        id=told["name"].rpartition("/")[2],
        trouble=next(iter(said), ""),
        digest=values.get(MODEL_DIGEST),
    )
