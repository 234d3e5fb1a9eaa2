"""The component of kind ModelMonitor."""

from typing import ClassVar

import pulumi

from mlops_iac.components.base import Component
from mlops_iac.outputs import ModelMonitorOutputs


class ModelMonitor(Component[ModelMonitorOutputs]):
    """Checks of captured traffic on a schedule.

    Fields are those of `mlops_iac.ModelMonitor`.
    """

    kind: ClassVar[str] = "ModelMonitor"

    native_id: pulumi.Output[str]
    """The target's own identifier: ARN, resource name, ARM id, path."""
    console_url: pulumi.Output[str | None]
    """Page where a person looks at it."""
    monitor_name: pulumi.Output[str]
    """Name on the target."""
    reports: pulumi.Output[str]
    """Where the reports of its checks are written."""
