"""Data processing: a script that turns data into data."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask, Spec
from mlops_iac.specs.compute import Compute
from mlops_iac.specs.data_ref import OUTPUT_PATTERN, DataRef
from mlops_iac.specs.dataset import DataFormat
from mlops_iac.specs.jobs import (
    Data,
    EnvironmentName,
    RelativePath,
    RunPolicy,
    Spot,
    Wait,
    data_inputs,
    has_secret,
    made_data,
)
from mlops_iac.specs.types import Duration, SecretRef

OutputName = Annotated[str, Field(pattern=OUTPUT_PATTERN)]


class ProcessingJob(Spec):
    """A script with named inputs and outputs; others read an output as `job/output`."""

    kind: ClassVar[str] = "ProcessingJob"

    script: RelativePath | None = None
    """Python file relative to the declaration; the folder it is in travels with it."""
    image: str | None = Field(default=None, pattern=r"^[^\s@]+@sha256:[0-9a-f]{64}$")
    """Container image by digest, instead of `script` on the platform's runtime image."""
    requirements: RelativePath | None = None
    """Locked requirements file to install at build time; the runtime's own set when left out."""
    data: Data
    """The input; or several, by the name under which the script finds each."""
    outputs: Mapping[OutputName, DataFormat] = Field(min_length=1, max_length=20)
    """What the script writes, by name, with the format of its files."""
    parameters: Mapping[str, bool | int | float | str] = Field(default_factory=dict, max_length=100)
    """Parameters of the script, the same type on every target."""
    compute: Compute = Compute()
    """What one machine must offer."""
    instances: int = Field(default=1, ge=1, le=100)
    """Machines that work together."""
    spot: Spot | None = None
    """Interruptible machines; on demand when left out."""
    timeout: Duration = timedelta(hours=1)
    """A run that takes longer is stopped and failed."""
    environment: Mapping[EnvironmentName, str | SecretRef] = Field(
        default_factory=dict, max_length=48
    )
    """Environment variables: plain text, or a secret by name."""
    run: RunPolicy = RunPolicy.ON_CHANGE
    """When a run is started."""
    wait: Wait | None = None
    """What `up` waits for; on `local` the end of the run, on clouds its submission."""

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

    @model_validator(mode="after")
    def _has_one_program(self) -> "ProcessingJob":
        if (self.script is None) == (self.image is None):
            raise PydanticCustomError("program", "needs exactly one of `script` and `image`")
        return self

    @property
    def inputs(self) -> Mapping[str, str]:
        """Names of the data, `departures` or `clean/hourly`, by what the script calls each."""
        return {name: str(data) for name, data in self.sources.items()}

    @property
    def sources(self) -> Mapping[str, DataRef]:
        """The data by the name under which the script finds each."""
        return data_inputs(self.data)
