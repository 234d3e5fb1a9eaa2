"""What a user declares: one file per kind; knows no cloud."""

from mlops_iac.specs.base import Ask, Part, ProviderOptions, Reference, Spec
from mlops_iac.specs.compute import Accelerator, AcceleratorKind, Compute
from mlops_iac.specs.dataset import ColumnType, DataFormat, Dataset
from mlops_iac.specs.model_endpoint import (
    CHAMPION,
    AllAtOnce,
    Async,
    Authentication,
    AutoscaledReplicas,
    Canary,
    DataCapture,
    FixedReplicas,
    Linear,
    ModelEndpoint,
    ModelVersionRef,
    Serverless,
)
from mlops_iac.specs.platform import (
    CustomerKey,
    ExistingKey,
    ExistingNetwork,
    ManagedKey,
    Platform,
    Profile,
    PublicNetwork,
)
from mlops_iac.specs.registered_model import Approval, ModelCard, RegisteredModel
from mlops_iac.specs.training_job import Framework, RunPolicy, Spot, TrainingJob, Wait
from mlops_iac.specs.types import Duration, Input, Ref, Secret, SecretRef, duration_text, is_output

KINDS: dict[str, type[Spec]] = {
    spec.kind: spec for spec in (Platform, Dataset, RegisteredModel, TrainingJob, ModelEndpoint)
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
    "Canary",
    "ColumnType",
    "Compute",
    "CustomerKey",
    "DataCapture",
    "DataFormat",
    "Dataset",
    "Duration",
    "ExistingKey",
    "ExistingNetwork",
    "FixedReplicas",
    "Framework",
    "Input",
    "Linear",
    "ManagedKey",
    "ModelCard",
    "ModelEndpoint",
    "ModelVersionRef",
    "Part",
    "Platform",
    "Profile",
    "ProviderOptions",
    "PublicNetwork",
    "Ref",
    "Reference",
    "RegisteredModel",
    "RunPolicy",
    "Secret",
    "SecretRef",
    "Serverless",
    "Spec",
    "Spot",
    "TrainingJob",
    "Wait",
    "duration_text",
    "is_output",
]
