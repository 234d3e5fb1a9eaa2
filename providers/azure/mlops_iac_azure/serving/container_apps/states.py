"""How a container app is now, and waiting until it moves no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_iac.container_contract import MODEL_DIGEST
from mlops_iac.rolling import CHALLENGER, MAIN, Deployed, Work
from mlops_iac.rolling.patience import patience
from mlops_iac.rolling.revisions import Running, read
from mlops_iac_azure import rest
from mlops_iac_azure.errors import DeploymentError
from mlops_iac_azure.faults import found
from mlops_iac_azure.serving.documents import Deployment
from mlops_iac_azure.serving.states import DEPLOYED

_MOVING = frozenset({"InProgress", "Deleting"})
"""`provisioningState` of an app that is being changed (Microsoft.App 2025-01-01)."""
_MAKING = "Provisioning"
_FAILED = frozenset({"Failed", "Degraded"})
_UNHEALTHY = "Unhealthy"


@dataclass(frozen=True, kw_only=True)
class App:
    """A container app as Azure describes it."""

    labels: Mapping[str, str]
    running: Sequence[Running]
    told: Mapping[str, Any]
    """Its properties."""
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
        ours = [item for item in self.running if item.role == role and item.share]
        return max(ours, key=lambda item: item.share, default=None)


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A revision as Azure describes it."""

    id: str
    stem: str
    version: int
    is_active: bool
    is_making: bool
    trouble: str
    """What is wrong with it; empty when nothing."""
    digest: str | None


def look(work: Work, deployment: Deployment) -> App | None:
    """Return an app, or `None` when there is none."""
    told = found(rest.call, work.place, "GET", deployment.endpoint, pause=work.pause)
    if told is None:
        return None
    properties = told["properties"]
    ingress = properties.get("configuration", {}).get("ingress") or {}
    latest = properties.get("latestRevisionName") or ""
    return App(
        labels=told.get("tags") or {},
        running=[_running(deployment, item, latest) for item in ingress.get("traffic") or ()],
        told=properties,
        address=f"https://{ingress['fqdn']}" if ingress.get("fqdn") else "",
        is_changing=properties.get("provisioningState") in _MOVING,
    )


def settled(work: Work, deployment: Deployment) -> App | None:
    """Return an app as soon as it is being changed no more; `None` when there is none.

    Raises:
        DeploymentError: it is, after the time of one operation; it goes on by itself.
    """
    wait = patience(work, deployment, DeploymentError)
    while (now := look(work, deployment)) is not None and now.is_changing:
        next(wait)
    return now


def made(work: Work, deployment: Deployment, name: str) -> Revision | None:
    """Return a revision as soon as it has come up, or has failed; `None` when it is gone."""
    wait = patience(work, deployment, DeploymentError)
    while (now := revision(work, deployment, name)) is not None and now.is_making:
        next(wait)
    return now


def deployed(work: Work, deployment: Deployment) -> Deployed | None:
    """Return what an app serves, or `None` when it serves nothing of ours."""
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
    path = f"{deployment.endpoint}/revisions/{name}"
    told = found(rest.call, work.place, "GET", path, pause=work.pause)
    return None if told is None else _revision(deployment, told)


def revisions(work: Work, deployment: Deployment) -> list[Revision]:
    """Return every revision of ours; several have one stem when some have failed."""
    items = rest.listed(work.place, f"{deployment.endpoint}/revisions", pause=work.pause)
    known = (_revision(deployment, item) for item in items)
    return [item for item in known if item.stem]


def _running(deployment: Deployment, item: Mapping[str, Any], latest: str) -> Running:
    name = latest if item.get("latestRevision") else item.get("revisionName") or ""
    return Running.named(name, _suffix(deployment, name), int(item.get("weight") or 0))


def _suffix(deployment: Deployment, name: str) -> str:
    return name.removeprefix(f"{deployment.name}--")


def _revision(deployment: Deployment, told: Mapping[str, Any]) -> Revision:
    properties = told["properties"]
    stem, _, version = read(_suffix(deployment, told["name"]))
    containers = properties.get("template", {}).get("containers") or ()
    values = {item["name"]: item.get("value") for each in containers for item in each["env"]}
    state = properties.get("provisioningState")
    return Revision(
        id=told["name"],
        stem=stem,
        version=version,
        is_active=properties.get("active", True),
        is_making=state == _MAKING,
        trouble=_trouble(properties),
        digest=values.get(MODEL_DIGEST),
    )


def _trouble(properties: Mapping[str, Any]) -> str:
    said = properties.get("provisioningError") or properties.get("runningStateDetails") or ""
    states = {properties.get("provisioningState"), properties.get("runningState")}
    if states & _FAILED or properties.get("healthState") == _UNHEALTHY:
        return said or "its container does not come up"
    return ""
