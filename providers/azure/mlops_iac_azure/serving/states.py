"""How an endpoint is now, and waiting until it moves no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_iac.container_contract import MODEL_DIGEST
from mlops_iac.rolling import CHALLENGER, MAIN, Deployed, Work
from mlops_iac.rolling.patience import patience
from mlops_iac_azure import rest
from mlops_iac_azure.errors import DeploymentError
from mlops_iac_azure.faults import found
from mlops_iac_azure.serving.documents import Deployment
from mlops_iac_azure.serving.filling import read_name

DEPLOYED = "deployed"
SUCCEEDED, FAILED, GOING = "Succeeded", "Failed", "Deleting"
_MOVING = frozenset({"Creating", "Deleting", "Scaling", "Updating"})
"""`provisioningState` of what is being changed (REST API 2025-12-01)."""
_REASON = {"Failed": "its last change has failed", "Canceled": "its last change was cancelled"}


@dataclass(frozen=True, kw_only=True)
class Running:
    """A deployment of an endpoint, as Azure ML describes it."""

    id: str
    """Its name on the endpoint."""
    role: str
    """`main` or `challenger`; empty for what is not ours."""
    version: int
    """0 for what is not ours."""
    digest: str | None
    created: str
    share: int
    """Percent of the traffic."""
    mirrored: int
    """Percent of the requests that it gets copies of."""
    capacity: int
    """Instances now: the load moves them where it may."""
    state: str
    message: str
    """What is wrong with it; empty when nothing."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An endpoint as Azure ML describes it."""

    name: str
    labels: Mapping[str, str]
    split: Mapping[str, int]
    mirror: Mapping[str, int]
    running: Sequence[Running]
    address: str
    """Where it answers."""
    state: str

    @property
    def is_changing(self) -> bool:
        """Whether it, or one of its deployments, is being changed."""
        return self.state in _MOVING or any(item.state in _MOVING for item in self.running)

    def main(self) -> Running | None:
        """Return what is served: of two versions that with more traffic, else the older one."""
        return self._most(MAIN, lambda item: item.share)

    def challenger(self) -> Running | None:
        """Return what is beside it."""
        return self._most(CHALLENGER, lambda item: item.share + item.mirrored)

    def _most(self, role: str, share: Any) -> Running | None:
        ours = [item for item in self.running if item.role == role]
        # A failed one that never got traffic is not what is served.
        good = [item for item in ours if item.state != FAILED or item.share]
        return min(good, key=lambda item: (-share(item), item.created), default=None)


def look(work: Work, deployment: Deployment) -> Endpoint | None:
    """Return an endpoint, or `None` when there is none."""
    told = found(rest.call, work.place, "GET", deployment.endpoint, pause=work.pause)
    if told is None:
        return None
    properties = told["properties"]
    split, mirror = _shares(properties, "traffic"), _shares(properties, "mirrorTraffic")
    items = rest.listed(work.place, f"{deployment.endpoint}/deployments", pause=work.pause)
    return Endpoint(
        name=deployment.endpoint,
        labels=told.get("tags") or {},
        split=split,
        mirror=mirror,
        running=[_running(item, split, mirror) for item in items],
        address=properties.get("scoringUri") or "",
        state=properties.get("provisioningState") or SUCCEEDED,
    )


def settled(work: Work, deployment: Deployment) -> Endpoint | None:
    """Return an endpoint as soon as nothing is under way on it; `None` when there is none.

    Raises:
        DeploymentError: something is, after the time of one operation; it goes on by itself.
    """
    wait = patience(work, deployment, DeploymentError, "waits for another change of it")
    while (now := look(work, deployment)) is not None and now.is_changing:
        next(wait)
    return now


def deployed(work: Work, deployment: Deployment) -> Deployed | None:
    """Return what an endpoint serves, or `None` when it serves nothing.

    It is read from the endpoint itself, so it is true whoever deployed it.
    """
    now = look(work, deployment)
    main = None if now is None else now.main()
    if now is None or main is None:
        return None
    beside = now.challenger()
    return Deployed(
        endpoint=now.name,
        status=main.message or DEPLOYED,
        id=main.id,
        version=main.version,
        digest=main.digest,
        challenger=None if beside is None else beside.version,
        split=now.split,
        mirror=now.mirror,
    )


def _shares(properties: Mapping[str, Any], member: str) -> dict[str, int]:
    told = properties.get(member) or {}
    return {name: int(share) for name, share in told.items() if int(share)}


def _running(
    item: Mapping[str, Any], split: Mapping[str, int], mirror: Mapping[str, int]
) -> Running:
    name, properties = item["name"], item["properties"]
    role, version = read_name(name)
    state = properties.get("provisioningState") or SUCCEEDED
    values = properties.get("environmentVariables") or {}
    return Running(
        id=name,
        role=role,
        version=version,
        digest=values.get(MODEL_DIGEST),
        created=(item.get("systemData") or {}).get("createdAt", ""),
        share=split.get(name, 0),
        mirrored=mirror.get(name, 0),
        capacity=int((item.get("sku") or {}).get("capacity") or 0),
        state=state,
        message=_REASON.get(state, ""),
    )
