"""A model's versions, and who may let one into production."""

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask, Part, Spec


class Approval(StrEnum):
    """Who lets a version be deployed."""

    AUTOMATIC = "automatic"
    """Every version that a run registers is approved."""
    MANUAL = "manual"
    """A person approves, by `mlops-iac approve`."""


class ModelCard(Part):
    """What must be known before somebody relies on the model."""

    intended_use: str = Field(min_length=1, max_length=2000)
    """What the model is for."""
    owner: str = Field(min_length=1, max_length=200)
    """Team or person who answers for it."""
    limitations: str = Field(default="", max_length=2000)
    """What it must not be used for."""


class RegisteredModel(Spec):
    """A named model: versions, aliases, approval, card."""

    kind: ClassVar[str] = "RegisteredModel"

    approval: Approval = Approval.AUTOMATIC
    """Who lets a version be deployed."""
    description: str = Field(default="", max_length=500)
    """What the model predicts."""
    card: ModelCard | None = None
    """Model card; none when left out."""
    trust_pickle: bool = False
    """Whether versions in a format that can run code (pickle) may be loaded.

    Only versions that a run of this stack registered are ever loaded, by their digest.
    """

    asks = (
        Ask(Capability.MODEL_APPROVAL, "approval", lambda s: s.approval is Approval.MANUAL),
        Ask(Capability.MODEL_CARD, "card", lambda s: s.card is not None),
        Ask(Capability.MODEL_PICKLE, "trust_pickle", lambda s: s.trust_pickle),
    )
