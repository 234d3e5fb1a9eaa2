"""The component of kind HyperparameterSearch."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi

from mlops_iac.components.base import Component
from mlops_iac.outputs import HyperparameterSearchOutputs


class HyperparameterSearch(Component[HyperparameterSearchOutputs]):
    """A search for hyperparameters and, with `run: on_change`, its run.

    Fields are those of `mlops_iac.HyperparameterSearch`.
    """

    kind: ClassVar[str] = "HyperparameterSearch"

    native_id: pulumi.Output[str]
    """The target's own identifier: ARN, resource name, ARM id, path."""
    console_url: pulumi.Output[str | None]
    """Page where a person looks at it."""
    definition: pulumi.Output[str]
    """The definition's identifier on the target."""
    key: pulumi.Output[str]
    """Hash of all that decides the outcome: a new key is a new run."""
    run_id: pulumi.Output[str | None]
    """The run of this key; `None` when runs are started elsewhere."""
    parameters: pulumi.Output[Mapping[str, Any]]
    """Hyperparameters of the best trial; empty until the search has ended."""
    value: pulumi.Output[float | None]
    """The metric of the best trial."""
    model_version: pulumi.Output[str | None]
    """Version that the best trial's model was registered as."""
