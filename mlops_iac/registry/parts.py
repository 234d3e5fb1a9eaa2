"""A registered model and its versions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

PENDING, REJECTED = "pending", "rejected"
"""What is decided of a version, beside `APPROVED`."""
REGULATED = "regulated"
"""Profile in which nobody approves a version of their own."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """A registered model, which may have no version yet."""

    name: str
    """Full name in the cloud."""
    component: str
    bucket: str
    """The stack's store."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A version as a list shows it."""

    model: Model
    name: str
    """Full name of the version in the cloud."""
    number: int
    status: str
    """`pending`, `approved` or `rejected`."""
    aliases: tuple[str, ...]
    created: str
    """UTC, ISO 8601."""
    artifact: str
    """Address of the folder with its model."""
    image: str
    """Image that serves it: the one of the job that made it."""
    run: str | None
    """Label of the run that made it."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is kept of a version beside the cloud's registry."""

    digest: str | None = None
    """SHA-256 of the model's files."""
    metrics: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    job: str | None = None
    run_key: str | None = None
    author: str | None = None
    approver: str | None = None
    comment: str | None = None

    def facts(self) -> dict[str, object]:
        """Return what is told, by its name."""
        return {name: told for name, told in vars(self).items() if told is not None}


@dataclass(frozen=True, kw_only=True)
class Version(Listed, Record):
    """A version with all that is known of it."""


@dataclass(frozen=True, kw_only=True)
class ModelPolicy:
    """What was declared of a registered model; `models/<model>/model.json` in the store."""

    component: str
    approval: str
    trust_pickle: bool
    profile: str


def run_label(run: str) -> str:
    """Return a run's id or key as a label may hold it: lower case, at most 63 characters."""
    return "".join(one if one.isalnum() or one in "-_" else "_" for one in run.lower())[:63]
