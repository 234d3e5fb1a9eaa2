"""Experiments: where runs write their parameters and metrics, and where people compare them."""

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask, Part, Spec


class ServerSize(StrEnum):
    """How much a tracking server carries."""

    SMALL = "small"
    """A team of up to 25."""
    MEDIUM = "medium"
    LARGE = "large"


class TrackingServer(Part):
    """An MLflow server of its own, with its pages."""

    size: ServerSize = ServerSize.SMALL
    """How much it carries."""


class ExperimentTracker(Spec):
    """An MLflow experiment that training jobs share, and optionally a server with its pages."""

    kind: ClassVar[str] = "ExperimentTracker"

    description: str = Field(default="", max_length=500)
    """What is compared in it."""
    server: TrackingServer | None = None
    """A server of its own; the target's built-in tracking when left out."""

    asks = (
        Ask(Capability.TRACKER_EXPERIMENT, "name", lambda _: True),
        Ask(Capability.TRACKER_SERVER, "server", lambda s: s.server is not None),
    )
