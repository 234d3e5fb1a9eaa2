"""What a user declares: one file per kind; knows no cloud."""

from mlops_iac.specs.base import Ask, Part, ProviderOptions, Reference, Spec
from mlops_iac.specs.batch_inference import BatchInference
from mlops_iac.specs.compute import Accelerator, AcceleratorKind, Compute
from mlops_iac.specs.data_ref import DataRef
from mlops_iac.specs.data_validation import DataValidation, Expectation
from mlops_iac.specs.dataset import ColumnType, DataFormat, Dataset
from mlops_iac.specs.experiment_tracker import ExperimentTracker, ServerSize, TrackingServer
from mlops_iac.specs.feature_group import FeatureGroup
from mlops_iac.specs.gate import Gate, Metric
from mlops_iac.specs.hyperparameter_search import (
    Choice,
    Goal,
    HyperparameterSearch,
    IntegerRange,
    NumberRange,
    Strategy,
)
from mlops_iac.specs.jobs import RunPolicy, Spot, Wait
from mlops_iac.specs.model_endpoint import (
    CHAMPION,
    AllAtOnce,
    Async,
    Authentication,
    AutoscaledReplicas,
    Canary,
    Challenger,
    DataCapture,
    FixedReplicas,
    Linear,
    ModelEndpoint,
    ModelVersionRef,
    Serverless,
)
from mlops_iac.specs.model_monitor import (
    DriftLimits,
    ModelMonitor,
    Performance,
    QualityLimits,
    Signal,
)
from mlops_iac.specs.pipeline import Pipeline, Step
from mlops_iac.specs.platform import (
    CustomerKey,
    ExistingKey,
    ExistingNetwork,
    ManagedKey,
    OwnNetwork,
    Platform,
    Profile,
    PublicNetwork,
)
from mlops_iac.specs.processing_job import ProcessingJob
from mlops_iac.specs.registered_model import Approval, ModelCard, RegisteredModel
from mlops_iac.specs.retraining_policy import Promotion, RetrainingPolicy
from mlops_iac.specs.schedule import Cron, Every
from mlops_iac.specs.training_job import Framework, TrainingJob
from mlops_iac.specs.types import Duration, Input, Ref, Secret, SecretRef, duration_text, is_output

KINDS: dict[str, type[Spec]] = {
    spec.kind: spec
    for spec in (
        Platform,
        Dataset,
        ProcessingJob,
        DataValidation,
        FeatureGroup,
        ExperimentTracker,
        TrainingJob,
        HyperparameterSearch,
        RegisteredModel,
        Pipeline,
        ModelEndpoint,
        BatchInference,
        ModelMonitor,
        RetrainingPolicy,
    )
}
"""Every kind by name, in the order in which a stack is usually read."""

__all__ = [
    "CHAMPION",
    "KINDS",
    "Accelerator",
    "AcceleratorKind",
    "AllAtOnce",
    "Approval",
    "Ask",
    "Async",
    "Authentication",
    "AutoscaledReplicas",
    "BatchInference",
    "Canary",
    "Challenger",
    "Choice",
    "ColumnType",
    "Compute",
    "Cron",
    "CustomerKey",
    "DataCapture",
    "DataFormat",
    "DataRef",
    "DataValidation",
    "Dataset",
    "DriftLimits",
    "Duration",
    "Every",
    "ExistingKey",
    "ExistingNetwork",
    "Expectation",
    "ExperimentTracker",
    "FeatureGroup",
    "FixedReplicas",
    "Framework",
    "Gate",
    "Goal",
    "HyperparameterSearch",
    "Input",
    "IntegerRange",
    "Linear",
    "ManagedKey",
    "Metric",
    "ModelCard",
    "ModelEndpoint",
    "ModelMonitor",
    "ModelVersionRef",
    "NumberRange",
    "OwnNetwork",
    "Part",
    "Performance",
    "Pipeline",
    "Platform",
    "ProcessingJob",
    "Profile",
    "Promotion",
    "ProviderOptions",
    "PublicNetwork",
    "QualityLimits",
    "Ref",
    "Reference",
    "RegisteredModel",
    "RetrainingPolicy",
    "RunPolicy",
    "Secret",
    "SecretRef",
    "ServerSize",
    "Serverless",
    "Signal",
    "Spec",
    "Spot",
    "Step",
    "Strategy",
    "TrackingServer",
    "TrainingJob",
    "Wait",
    "duration_text",
    "is_output",
]
