"""The component of kind ModelEndpoint."""

from typing import ClassVar

import pulumi

from mlops_iac.components.base import Component
from mlops_iac.outputs import ModelEndpointOutputs


class ModelEndpoint(Component[ModelEndpointOutputs]):
    """A model that answers predictions.

    Fields are those of `mlops_iac.ModelEndpoint`.
    """

    kind: ClassVar[str] = "ModelEndpoint"

    native_id: pulumi.Output[str]
    """The target's own identifier: ARN, resource name, ARM id, path."""
    console_url: pulumi.Output[str | None]
    """Page where a person looks at it."""
    url: pulumi.Output[str]
    """Address that answers predictions."""
    endpoint_name: pulumi.Output[str]
    """Name on the target."""
    state: pulumi.Output[str]
    """`waiting` until a version is approved, then `serving`."""
    version: pulumi.Output[str | None]
    """Version that was deployed when `up` last looked; the loop may have moved on."""
    credential: pulumi.Output[str | None]
    """Where a caller's credential is read: a file, a secret's name. Never the secret itself."""
    metrics_namespace: pulumi.Output[str | None]
    """Where the endpoint's metrics are found."""
