"""How an endpoint is now, and waiting until it moves no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_iac.container_contract import MODEL_DIGEST
from mlops_iac.rolling import CHALLENGER, MAIN, Deployed, Work
from mlops_iac.rolling.patience import patience
from mlops_iac_gcp import lro, rest
from mlops_iac_gcp.errors import DeploymentError
from mlops_iac_gcp.faults import found
from mlops_iac_gcp.serving.documents import Deployment
from mlops_iac_gcp.serving.filling import VERSION

API = "aiplatform.v1"
ENDPOINTS = "projects.locations.endpoints"
DEPLOYED = "deployed"


@dataclass(frozen=True, kw_only=True)
class Running:
    """A deployed model of an endpoint, as Vertex AI describes it."""

    id: str
    role: str
    """`main` or `challenger`; empty for what is not ours."""
    model: str
    """Full name of the copy that it serves."""
    created: str
    share: int
    """Percent of the traffic."""
    resources: Mapping[str, Any]
    available: int | None
    """Replicas that answer now; `None` when Vertex AI does not say."""
    message: str
    """What Vertex AI says of its state; empty when nothing."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An endpoint as Vertex AI describes it."""

    name: str
    labels: Mapping[str, str]
    split: Mapping[str, int]
    running: Sequence[Running]
    timeout: str
    """How long a prediction may take, such as `60s`; empty when never set."""
    address: str
    """Its own host; empty on a private network."""

    def main(self) -> Running | None:
        """Return what is served: of two versions that with more traffic, else the older one."""
        ours = [item for item in self.running if item.role == MAIN]
        return min(ours, key=lambda item: (-item.share, item.created), default=None)

    def challenger(self) -> Running | None:
        """Return what is beside it."""
        ours = [item for item in self.running if item.role == CHALLENGER]
        return min(ours, key=lambda item: (-item.share, item.created), default=None)


def look(work: Work, deployment: Deployment) -> Endpoint | None:
    """Return an endpoint, or `None` when there is none."""
    api = deployment.api("endpoints.deployModel")
    told = found(rest.call, work.place, api, f"{ENDPOINTS}.get", {"name": deployment.endpoint})
    if told is None:
        return None
    split = {key: int(value) for key, value in told.get("trafficSplit", {}).items()}
    running = [_running(item, split) for item in told.get("deployedModels", ())]
    return Endpoint(
        name=deployment.endpoint,
        labels=told.get("labels", {}),
        split={key: value for key, value in split.items() if value},
        running=running,
        timeout=told.get("clientConnectionConfig", {}).get("inferenceTimeout", ""),
        address=told.get("dedicatedEndpointDns", ""),
    )


def settled(work: Work, deployment: Deployment) -> Endpoint | None:
    """Return an endpoint as soon as nothing is under way on it; `None` when there is none.

    Raises:
        DeploymentError: something is, after the time of one operation; it goes on by itself.
    """
    wait = patience(work, deployment, DeploymentError)
    for name in _under_way(work, deployment):
        work.log(f"endpoint {deployment.component}: waits for another operation: {name}")
        while not lro.get(work.place, API, name, pause=work.pause).get("done"):
            next(wait)
    return look(work, deployment)


def deployed(work: Work, deployment: Deployment) -> Deployed | None:
    """Return what an endpoint serves, or `None` when it serves nothing.

    It is read from the endpoint itself, so it is true whoever deployed it.
    """
    now = look(work, deployment)
    main = None if now is None else now.main()
    if now is None or main is None:
        return None
    beside = now.challenger()
    version, digest = _served(work, main)
    return Deployed(
        endpoint=now.name,
        status=main.message or DEPLOYED,
        id=main.id,
        version=version,
        digest=digest,
        challenger=None if beside is None else _served(work, beside)[0],
        split=now.split,
    )


def _running(item: Mapping[str, Any], split: Mapping[str, int]) -> Running:
    status = item.get("status", {})
    role = item.get("displayName", "").partition("-")[0]
    return Running(
        id=item["id"],
        role=role if role in {MAIN, CHALLENGER} else "",
        model=item.get("model", "").partition("@")[0],
        created=item.get("createTime", ""),
        share=split.get(item["id"], 0),
        resources=item.get("dedicatedResources", {}),
        available=status.get("availableReplicaCount"),
        message=status.get("message", ""),
    )


def _under_way(work: Work, deployment: Deployment) -> list[str]:
    url = f"{work.place.address('aiplatform')}v1/{deployment.endpoint}/operations"
    request = rest.Request(doing="operations", verb="GET", url=url, query={}, repeatable=True)
    answer = found(rest.send, work.place, request) or {}
    return [item["name"] for item in answer.get("operations", ()) if not item.get("done")]


def _served(work: Work, running: Running) -> tuple[int, str | None]:
    """Return version and digest of the copy that a deployed model serves."""
    params = {"name": running.model}
    told = found(rest.call, work.place, API, "projects.locations.models.get", params) or {}
    number = told.get("labels", {}).get(VERSION, "")
    values = {item["name"]: item["value"] for item in told.get("containerSpec", {}).get("env", ())}
    return (int(number) if number.isdecimal() else 0), values.get(MODEL_DIGEST)
