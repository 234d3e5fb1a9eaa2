"""What one permission allows, before it is narrowed to a stack."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Statement:
    """One statement of an IAM policy; its resources are templates over the facts of a stack."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


PASS_TO_SAGEMAKER: Mapping[str, Any] = {
    "StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}
}
"""A role may be given to SageMaker only."""
