"""The component of kind FeatureGroup."""

from typing import ClassVar

import pulumi

from mlops_iac.components.base import Component
from mlops_iac.outputs import FeatureGroupOutputs


class FeatureGroup(Component[FeatureGroupOutputs]):
    """Features of entities over time, read alike for training and for serving.

    Fields are those of `mlops_iac.FeatureGroup`.
    """

    kind: ClassVar[str] = "FeatureGroup"

    native_id: pulumi.Output[str]
    """The target's own identifier: ARN, resource name, ARM id, path."""
    console_url: pulumi.Output[str | None]
    """Page where a person looks at it."""
    group_name: pulumi.Output[str]
    """Name in the target's feature store."""
    version: pulumi.Output[str]
    """Hash of the definition and of the data it was last filled from."""
    offline_store: pulumi.Output[str | None]
    """Where the history lies."""
    online_store: pulumi.Output[str | None]
    """Where the newest values are read."""
