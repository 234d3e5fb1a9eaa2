"""What deploying a version of one endpoint takes, and what comes of it."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from mlops_iac.registry import Model

OWNERS = ("mlops-iac-project", "mlops-iac-stack")
"""Labels that tell whose something is."""
FOLDER = "deployments/"
MAIN, CHALLENGER = "main", "challenger"
"""What a version is on its endpoint."""


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Work:
    """What deploying may use."""

    place: Any
    """Where, and as whom."""
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
    """One endpoint's document: the inputs of `ModelDeployment`, as the declaration made them.

    It holds the policy, and the requests with holes where only a version tells the value.
    """

    document: Mapping[str, Any]
    endpoint: str
    """Full name in the cloud."""
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
    def of(cls, document: Mapping[str, Any]) -> Self:
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
    @abstractmethod
    def labels(self) -> Mapping[str, str]:
        """All labels of what the endpoint is made of."""

    @property
    def owners(self) -> Mapping[str, str]:
        """Labels that everything of this endpoint carries, and nothing of anybody else."""
        return {key: value for key, value in self.labels.items() if key in OWNERS}

    @property
    def path(self) -> str:
        """Where the document lies in the store."""
        return path_of(self.component)


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """What an endpoint serves."""

    endpoint: str
    status: str
    """`deployed`, or what is wrong with it."""
    id: str
    """Name or id of what serves the version."""
    version: int
    """0 when the endpoint serves something that is no registered version."""
    digest: str | None
    challenger: int | None
    """The version beside it; `None` when there is none."""
    split: Mapping[str, int]
    """Share of the traffic by what gets it."""
    mirror: Mapping[str, int] = field(default_factory=dict[str, int])
    """Share of the requests by what gets copies of them."""


@dataclass(frozen=True, kw_only=True)
class InService:
    """A version, and since when an endpoint has served it."""

    version: int
    since: str
    """UTC, ISO 8601."""


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
