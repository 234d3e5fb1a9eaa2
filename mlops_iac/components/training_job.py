"""The component of kind TrainingJob."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi

from mlops_iac.components.base import Component
from mlops_iac.outputs import TrainingJobOutputs


class TrainingJob(Component[TrainingJobOutputs]):
    """A training definition and, with `run: on_change`, its run.

    Fields are those of `mlops_iac.TrainingJob`.
    """

    kind: ClassVar[str] = "TrainingJob"

    native_id: pulumi.Output[str]
    """The target's own identifier: ARN, resource name, ARM id, path."""
    console_url: pulumi.Output[str | None]
    """Page where a person looks at it."""
    definition: pulumi.Output[str]
    """The definition's identifier on the target."""
    key: pulumi.Output[str]
    """Hash of code, data version, parameters and environment: a new key is a new run."""
    run_id: pulumi.Output[str | None]
    """The run of this key; `None` when runs are started elsewhere."""
    model_version: pulumi.Output[str | None]
    """Version that the run registered."""
    metrics: pulumi.Output[Mapping[str, float]]
    """Metrics that the run logged; empty until it has ended."""
    native: Mapping[str, pulumi.Output[Any]]
    """Facts that only adapters of the same provider read; never exported."""
