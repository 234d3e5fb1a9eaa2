"""The component of kind ProcessingJob."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi

from mlops_iac.components.base import Component
from mlops_iac.outputs import ProcessingJobOutputs


class ProcessingJob(Component[ProcessingJobOutputs]):
    """A script that turns data into data, and with `run: on_change` its run.

    Fields are those of `mlops_iac.ProcessingJob`.
    """

    kind: ClassVar[str] = "ProcessingJob"

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
    data: pulumi.Output[Mapping[str, str]]
    """Version of each output of the run; empty until it has ended."""
    native: Mapping[str, pulumi.Output[Any]]
    """Facts that only adapters of the same provider read; never exported."""
