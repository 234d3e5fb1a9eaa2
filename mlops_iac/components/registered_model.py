"""The component of kind RegisteredModel."""

from typing import ClassVar

import pulumi

from mlops_iac.components.base import Component
from mlops_iac.outputs import RegisteredModelOutputs


class RegisteredModel(Component[RegisteredModelOutputs]):
    """A named model with versions and approval.

    Fields are those of `mlops_iac.RegisteredModel`.
    """

    kind: ClassVar[str] = "RegisteredModel"

    native_id: pulumi.Output[str]
    """The target's own identifier: ARN, resource name, ARM id, path."""
    console_url: pulumi.Output[str | None]
    """Page where a person looks at it."""
    model_name: pulumi.Output[str]
    """Name in the target's registry."""
