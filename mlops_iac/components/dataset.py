"""The component of kind Dataset."""

from typing import ClassVar

import pulumi

from mlops_iac.components.base import Component
from mlops_iac.outputs import DatasetOutputs


class Dataset(Component[DatasetOutputs]):
    """A versioned data asset.

    Fields are those of `mlops_iac.Dataset`.
    """

    kind: ClassVar[str] = "Dataset"

    native_id: pulumi.Output[str]
    """The target's own identifier: ARN, resource name, ARM id, path."""
    console_url: pulumi.Output[str | None]
    """Page where a person looks at it."""
    uri: pulumi.Output[str]
    """Where jobs read it."""
    version: pulumi.Output[str]
    """Version: the hash of the content, or of the source's address."""
