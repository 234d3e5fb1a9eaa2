"""The component of kind ExperimentTracker."""

from typing import ClassVar

import pulumi

from mlops_iac.components.base import Component
from mlops_iac.outputs import ExperimentTrackerOutputs


class ExperimentTracker(Component[ExperimentTrackerOutputs]):
    """An MLflow experiment that training jobs share.

    Fields are those of `mlops_iac.ExperimentTracker`.
    """

    kind: ClassVar[str] = "ExperimentTracker"

    native_id: pulumi.Output[str]
    """The target's own identifier: ARN, resource name, ARM id, path."""
    console_url: pulumi.Output[str | None]
    """Page where a person looks at it."""
    experiment: pulumi.Output[str]
    """Name of the MLflow experiment."""
    tracking_uri: pulumi.Output[str]
    """MLflow tracking URI."""
    url: pulumi.Output[str | None]
    """Page of the tracking server, where there is one."""
    credential: pulumi.Output[str | None]
    """Where the server's credential is read: a file, a secret's name. Never the secret itself."""
