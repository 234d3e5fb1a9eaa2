"""The component of kind RetrainingPolicy."""

from typing import ClassVar

import pulumi

from mlops_iac.components.base import Component
from mlops_iac.outputs import RetrainingPolicyOutputs


class RetrainingPolicy(Component[RetrainingPolicyOutputs]):
    """From an alarm to a better model, or to a reason why not.

    Fields are those of `mlops_iac.RetrainingPolicy`.
    """

    kind: ClassVar[str] = "RetrainingPolicy"

    native_id: pulumi.Output[str]
    """The target's own identifier: ARN, resource name, ARM id, path."""
    console_url: pulumi.Output[str | None]
    """Page where a person looks at it."""
    events: pulumi.Output[str]
    """Where every event, decision and reason is recorded."""
