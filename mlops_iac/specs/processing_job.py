"""Data processing: a script that turns data into data."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask
from mlops_iac.specs.data_ref import OUTPUT_PATTERN
from mlops_iac.specs.dataset import DataFormat
from mlops_iac.specs.jobs import ScriptJob, has_secret, made_data

OutputName = Annotated[str, Field(pattern=OUTPUT_PATTERN)]


class ProcessingJob(ScriptJob):
    """A script with named inputs and outputs; others read an output as `job/output`."""

    kind: ClassVar[str] = "ProcessingJob"

    outputs: Mapping[OutputName, DataFormat] = Field(min_length=1, max_length=20)
    """What the script writes, by name, with the format of its files."""
    parameters: Mapping[str, bool | int | float | str] = Field(default_factory=dict, max_length=100)
    """Parameters of the script, the same type on every target."""

    asks = (
        Ask(Capability.PROCESSING_SCRIPT, "script", lambda s: s.script is not None),
        Ask(Capability.PROCESSING_IMAGE, "image", lambda s: s.image is not None),
        Ask(
            Capability.PROCESSING_ACCELERATOR,
            "compute.accelerator",
            lambda s: s.compute.accelerator is not None,
        ),
        Ask(Capability.PROCESSING_INSTANCES, "instances", lambda s: s.instances > 1),
        Ask(Capability.PROCESSING_SPOT, "spot", lambda s: s.spot is not None),
        Ask(Capability.PROCESSING_SECRETS, "environment", lambda s: has_secret(s.environment)),
        Ask(Capability.DATA_FROM_JOB, "data", lambda s: made_data(s.sources)),
    )
