"""Training: the definition, and when it is run."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask, Spec
from mlops_iac.specs.compute import Compute
from mlops_iac.specs.data_ref import DataRef
from mlops_iac.specs.experiment_tracker import ExperimentTracker
from mlops_iac.specs.feature_group import FeatureGroup
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
from mlops_iac.specs.registered_model import RegisteredModel
from mlops_iac.specs.types import Duration, Ref, SecretRef


class Framework(StrEnum):
    """The library that the script trains with; picks requirements and formats."""

    SKLEARN = "sklearn"
    XGBOOST = "xgboost"
    LIGHTGBM = "lightgbm"
    PYTORCH = "pytorch"
    OTHER = "other"


class TrainingJob(Spec):
    """A training definition; `run` says when it becomes a run."""

    kind: ClassVar[str] = "TrainingJob"

    script: RelativePath | None = None
    """Python file relative to the declaration; the folder it is in travels with it."""
    image: str | None = Field(default=None, pattern=r"^[^\s@]+@sha256:[0-9a-f]{64}$")
    """Container image by digest, instead of `script` on the platform's runtime image."""
    requirements: RelativePath | None = None
    """Locked requirements file to install at build time; the runtime's own set when left out."""
    framework: Framework = Framework.SKLEARN
    """The library that trains."""
    data: Data
    """The data; or several, by the name under which the script finds each."""
    features: tuple[Ref[FeatureGroup], ...] = Field(default=(), max_length=20)
    """Feature groups that are joined to the data: to each row the values known at its event time.

    The data must have the groups' entity columns and event times.
    """
    model: Ref[RegisteredModel] | None = None
    """The model that each successful run adds a version to; none when left out."""
    experiment: Ref[ExperimentTracker] | None = None
    """The experiment that runs are written to; one of the job's own when left out."""
    hyperparameters: Mapping[str, bool | int | float | str] = Field(
        default_factory=dict, max_length=100
    )
    """Parameters of the script, the same type on every target."""
    metrics: tuple[str, ...] = Field(default=(), max_length=40)
    """Metrics that the script must log; a run without one of them fails."""
    compute: Compute = Compute()
    """What one machine must offer."""
    instances: int = Field(default=1, ge=1, le=100)
    """Machines that train together."""
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
        Ask(Capability.TRAINING_SCRIPT, "script", lambda s: s.script is not None),
        Ask(Capability.TRAINING_IMAGE, "image", lambda s: s.image is not None),
        Ask(
            Capability.TRAINING_ACCELERATOR,
            "compute.accelerator",
            lambda s: s.compute.accelerator is not None,
        ),
        Ask(Capability.TRAINING_INSTANCES, "instances", lambda s: s.instances > 1),
        Ask(Capability.TRAINING_SPOT, "spot", lambda s: s.spot is not None),
        Ask(
            Capability.TRAINING_SECRETS,
            "environment",
            lambda s: has_secret(s.environment),
        ),
        Ask(Capability.DATA_FROM_JOB, "data", lambda s: made_data(s.sources)),
        Ask(Capability.TRAINING_FEATURES, "features", lambda s: bool(s.features)),
        Ask(Capability.TRAINING_EXPERIMENT, "experiment", lambda s: s.experiment is not None),
        Ask(Capability.TRAINING_ON_CHANGE, "run", lambda s: s.run is RunPolicy.ON_CHANGE),
        Ask(Capability.TRAINING_WAIT_FINISHED, "wait", lambda s: s.wait is Wait.FINISHED),
        Ask(Capability.TRAINING_WAIT_SUBMITTED, "wait", lambda s: s.wait is Wait.SUBMITTED),
    )

    @model_validator(mode="after")
    def _has_one_program(self) -> "TrainingJob":
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
