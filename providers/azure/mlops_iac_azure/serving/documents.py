"""The deployment document: all that deploying a version of one endpoint takes.

It is the inputs of `ModelDeployment`, as the declaration made them: the policy, and the requests
with holes where only a version tells the value. It also lies in the store, so that who has no
declaration deploys in the same way.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac_azure import documents
from mlops_iac_azure.registry import Model
from mlops_iac_azure.session import Place

OWNERS = ("mlops-iac-project", "mlops-iac-stack")
"""Tags that tell whose something is."""
FOLDER = "deployments/"
MAIN, CHALLENGER = "main", "challenger"
"""What a deployment is on its endpoint; its name begins with the first letter."""
APPS, DEPLOYMENTS, ENDPOINTS = "containerApps", "onlineEndpoints/deployments", "onlineEndpoints"
ENVIRONMENTS, DATA, AUTOSCALE = "environments/versions", "data/versions", "autoscaleSettings"
"""What requests are about: the end of their type."""


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Work:
    """What deploying may use."""

    place: Place
    log: Callable[[str], None]
    """Tells the user about progress."""
    pause: Callable[[float], None]
    """Sleeps for seconds; may raise to stop."""
    now: Callable[[], datetime] = field(default=_utc)


@dataclass(frozen=True, kw_only=True)
class Challenger:
    """Which version is beside the one that is served; one of the first two is told."""

    alias: str | None
    version: int | None
    percent: int
    """Share of the requests that it gets."""
    is_shadow: bool
    """Whether it gets copies, whose answers nobody sees."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One endpoint's document."""

    document: Mapping[str, Any]
    endpoint: str
    """Id of the online endpoint, or of the container app."""
    component: str
    bucket: str
    model: Model
    alias: str | None
    """What the endpoint follows; `None` for a pinned version."""
    version: int | None
    """The pinned version."""
    challenger: Challenger | None
    steps: Sequence[int]
    """Shares of the traffic that a new version takes, one after the other; the last is 100."""
    wait_seconds: float
    """How long each share but the last must stay healthy."""
    timeout_seconds: int
    """How long one operation may take."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Deployment":
        """Return the deployment that a document describes."""
        policy = document["policy"]
        rival = policy.get("challenger")
        model = Model(
            name=policy["model_name"], component=policy["model"], bucket=document["bucket"]
        )
        return cls(
            document=document,
            endpoint=document["endpoint"],
            component=document["component"],
            bucket=document["bucket"],
            model=model,
            alias=policy.get("alias"),
            version=_number(policy.get("version")),
            challenger=None if rival is None else _challenger(rival),
            steps=[int(step) for step in document["rolloutSteps"]],
            wait_seconds=float(document["rolloutWaitSeconds"]),
            timeout_seconds=int(document["operationSeconds"]),
        )

    @property
    def owners(self) -> Mapping[str, str]:
        """Tags that everything of this endpoint carries, and nothing of anybody else."""
        return {key: value for key, value in self.labels.items() if key in OWNERS}

    @property
    def labels(self) -> Mapping[str, str]:
        """All tags of what the endpoint is made of."""
        return self.body(APPS if self.is_serverless else ENDPOINTS)["tags"]

    @property
    def path(self) -> str:
        """Where the document lies in the store."""
        return path_of(self.component)

    @property
    def name(self) -> str:
        """Name of the endpoint, or of the app."""
        return self.endpoint.rpartition("/")[2]

    @property
    def is_serverless(self) -> bool:
        """Whether it is a container app, not an online endpoint of Azure ML."""
        return f"/{APPS}/" in self.endpoint

    @property
    def is_autoscaled(self) -> bool:
        """Whether its instances follow the load."""
        return next(self._requests(AUTOSCALE), None) is not None

    def body(self, kind: str) -> Mapping[str, Any]:
        """Return the body of the request about something, such as `onlineEndpoints`."""
        return next(self._requests(kind))["body"]

    def deployed(self, role: str) -> Mapping[str, Any]:
        """Return the deployment that the declaration describes, for a role."""
        return next(item["body"] for item in self._requests(DEPLOYMENTS) if item["role"] == role)

    def parameters(self, kind: str) -> Mapping[str, Any]:
        """Return what the address of the thing that a request is about is made of."""
        return next(self._requests(kind))["params"]

    def collections(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the data that the endpoint's captures are, by `request` and `response`."""
        return {item["collection"]: item for item in self._requests(DATA)}

    def _requests(self, kind: str) -> Iterator[Mapping[str, Any]]:
        for item in self.document["requests"]:
            if item["operation"].endswith((f"/workspaces/{kind}", f"Microsoft.Insights/{kind}",
                                           f"Microsoft.App/{kind}")):  # fmt: skip
                yield item


def path_of(component: str) -> str:
    """Return where in the store the document of an endpoint lies."""
    return f"{FOLDER}{component}.json"


def _challenger(told: Mapping[str, Any]) -> Challenger:
    return Challenger(
        alias=told.get("alias"),
        version=_number(told.get("version")),
        percent=int(told["percent"]),
        is_shadow=bool(told.get("shadow")),
    )


def _number(told: float | str | None) -> int | None:
    # The engine's numbers are floats.
    return None if told is None else int(told)


def save(work: Work, deployment: Deployment) -> None:
    """Write the document into the store."""
    documents.write(work.place, deployment.bucket, deployment.path, deployment.document)


def load(place: Place, bucket: str, component: str) -> Deployment:
    """Return the deployment of an endpoint by its component name.

    Raises:
        OperationError: no such endpoint was deployed.
    """
    document = documents.read(place, bucket, path_of(component))
    if document is None:
        raise OperationError(
            f"there is no endpoint `{component}` in this stack",
            remedy="run `mlops-iac up` first, and name a `ModelEndpoint` of the declaration",
        )
    return Deployment.of(document)


def is_saved(work: Work, deployment: Deployment) -> bool:
    """Whether the document lies in the store."""
    return documents.read(work.place, deployment.bucket, deployment.path) is not None


def forget(work: Work, deployment: Deployment) -> None:
    """Remove the document from the store, unless it is that of the endpoint's successor.

    An endpoint that becomes serverless, or ceases to be, is replaced: the new one writes its
    document before the old one goes.
    """
    kept = documents.read(work.place, deployment.bucket, deployment.path)
    if kept is not None and kept["endpoint"] == deployment.endpoint:
        documents.remove(work.place, deployment.bucket, deployment.path)
