"""What all jobs share: program, data, machines, environment, when they run."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from mlops_iac.specs.base import Part, Spec
from mlops_iac.specs.compute import Compute
from mlops_iac.specs.data_ref import DataRef
from mlops_iac.specs.types import Duration, SecretRef

EnvironmentName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,255}$")]
RelativePath = Annotated[str, Field(min_length=1, max_length=512)]


Data = Annotated[
    Annotated[DataRef, Tag("[one]")] | Annotated[Mapping[str, DataRef], Tag("[several]")],
    Discriminator(lambda value: "[several]" if isinstance(value, Mapping) else "[one]"),
]
"""Data of a job: `departures`, or `{train: departures, test: clean/test}`."""


class RunPolicy(StrEnum):
    """When a run is started."""

    ON_CHANGE = "on_change"
    """By `up`, exactly when code, data, parameters or environment changed."""
    MANUAL = "manual"
    """By `mlops-iac run`, a pipeline or a schedule, never by `up`."""


class Wait(StrEnum):
    """What `up` waits for after it started a run."""

    FINISHED = "finished"
    SUBMITTED = "submitted"


class Spot(Part):
    """Interruptible machines at a lower price; the run resumes from its checkpoint."""

    max_wait: Duration = timedelta(hours=24)
    """Longest time from start to end, interruptions included."""


class ScriptJob(Spec):
    """A job that runs a script of the user's, or an image."""

    script: RelativePath | None = None
    """Python file relative to the declaration; the folder it is in travels with it."""
    image: str | None = Field(default=None, pattern=r"^[^\s@]+@sha256:[0-9a-f]{64}$")
    """Container image by digest, instead of `script` on the platform's runtime image."""
    requirements: RelativePath | None = None
    """Locked requirements file to install at build time; the runtime's own set when left out."""
    data: Data
    """The data; or several, by the name under which the script finds each."""
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

    @model_validator(mode="after")
    def _has_one_program(self) -> "ScriptJob":
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


def data_inputs(data: Data) -> Mapping[str, DataRef]:
    """Return data by the name under which a script finds each: the last word of a single one."""
    if isinstance(data, DataRef):
        return {data.output or str(data.name): data}
    return data


def made_data(inputs: Mapping[str, DataRef]) -> bool:
    """Whether some input is made by a job of the stack."""
    return any(data.is_made for data in inputs.values())


def has_secret(environment: Mapping[str, str | SecretRef]) -> bool:
    """Whether some variable is a secret."""
    return any(isinstance(value, SecretRef) for value in environment.values())
