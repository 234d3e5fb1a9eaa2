"""The component of kind DataValidation."""

from typing import ClassVar

import pulumi

from mlops_iac.components.base import Component
from mlops_iac.outputs import DataValidationOutputs


class DataValidation(Component[DataValidationOutputs]):
    """A contract on data: whoever reads the same data waits for it.

    Fields are those of `mlops_iac.DataValidation`.
    """

    kind: ClassVar[str] = "DataValidation"

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
    report: pulumi.Output[str | None]
    """Where the report of the check is."""
