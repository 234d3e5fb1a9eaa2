"""The component of kind Pipeline."""

from typing import ClassVar

import pulumi

from mlops_iac.components.base import Component
from mlops_iac.outputs import PipelineOutputs


class Pipeline(Component[PipelineOutputs]):
    """Steps in their order, a gate, and the registration of what passed.

    Fields are those of `mlops_iac.Pipeline`.
    """

    kind: ClassVar[str] = "Pipeline"

    native_id: pulumi.Output[str]
    """The target's own identifier: ARN, resource name, ARM id, path."""
    console_url: pulumi.Output[str | None]
    """Page where a person looks at it."""
    pipeline_name: pulumi.Output[str]
    """Name on the target."""
