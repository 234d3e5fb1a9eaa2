"""What all jobs share: when they run, what `up` waits for, their data and environment."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Discriminator, Field, Tag

from mlops_iac.specs.base import Part
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
