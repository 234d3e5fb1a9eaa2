"""Training: the definition, and when it is run."""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask
from mlops_iac.specs.experiment_tracker import ExperimentTracker
from mlops_iac.specs.feature_group import FeatureGroup
from mlops_iac.specs.jobs import RunPolicy, ScriptJob, Wait, has_secret, made_data
from mlops_iac.specs.registered_model import RegisteredModel
from mlops_iac.specs.types import Ref


class Framework(StrEnum):
    """The library that the script trains with; picks requirements and formats."""

    SKLEARN = "sklearn"
    XGBOOST = "xgboost"
    LIGHTGBM = "lightgbm"
    PYTORCH = "pytorch"
    OTHER = "other"


class TrainingJob(ScriptJob):
    """A training definition; `run` says when it becomes a run."""

    kind: ClassVar[str] = "TrainingJob"

    framework: Framework = Framework.SKLEARN
    """The library that trains."""
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
        Ask(Capability.TRAINING_SECRETS, "environment", lambda s: has_secret(s.environment)),
        Ask(Capability.DATA_FROM_JOB, "data", lambda s: made_data(s.sources)),
        Ask(Capability.TRAINING_FEATURES, "features", lambda s: bool(s.features)),
        Ask(Capability.TRAINING_EXPERIMENT, "experiment", lambda s: s.experiment is not None),
        Ask(Capability.TRAINING_ON_CHANGE, "run", lambda s: s.run is RunPolicy.ON_CHANGE),
        Ask(Capability.TRAINING_WAIT_FINISHED, "wait", lambda s: s.wait is Wait.FINISHED),
        Ask(Capability.TRAINING_WAIT_SUBMITTED, "wait", lambda s: s.wait is Wait.SUBMITTED),
    )
