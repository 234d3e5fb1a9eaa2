"""Declarative infrastructure as code for cloud ML.

    from mlops_iac import Dataset, ModelEndpoint, Platform, RegisteredModel, Stack, TrainingJob

Nothing heavy is imported before it is used: no Pulumi, no cloud SDK, no ML framework.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlops_iac.errors import MlopsError, PlanError, Problem
    from mlops_iac.manifest import load_manifest
    from mlops_iac.specs import (
        Accelerator,
        AcceleratorKind,
        AllAtOnce,
        Approval,
        Async,
        Authentication,
        AutoscaledReplicas,
        BatchInference,
        Canary,
        Challenger,
        Choice,
        ColumnType,
        Compute,
        Cron,
        CustomerKey,
        DataCapture,
        DataFormat,
        DataRef,
        Dataset,
        DataValidation,
        DriftLimits,
        Every,
        ExistingKey,
        ExistingNetwork,
        Expectation,
        ExperimentTracker,
        FeatureGroup,
        FixedReplicas,
        Framework,
        Gate,
        Goal,
        HyperparameterSearch,
        IntegerRange,
        Linear,
        ManagedKey,
        Metric,
        ModelCard,
        ModelEndpoint,
        ModelMonitor,
        ModelVersionRef,
        NumberRange,
        OwnNetwork,
        Performance,
        Pipeline,
        Platform,
        ProcessingJob,
        Profile,
        Promotion,
        PublicNetwork,
        QualityLimits,
        RegisteredModel,
        RetrainingPolicy,
        RunPolicy,
        SecretRef,
        Serverless,
        ServerSize,
        Signal,
        Spot,
        Step,
        Strategy,
        TrackingServer,
        TrainingJob,
        Wait,
    )
    from mlops_iac.stack import Stack
    from mlops_iac.version import VERSION as __version__  # noqa: N811

_HOMES: dict[str, str] = {
    "MlopsError": "errors",
    "PlanError": "errors",
    "Problem": "errors",
    "Stack": "stack",
    "load_manifest": "manifest",
}

__all__ = [
    "Accelerator",
    "AcceleratorKind",
    "AllAtOnce",
    "Approval",
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
    "IntegerRange",
    "Linear",
    "ManagedKey",
    "Metric",
    "MlopsError",
    "ModelCard",
    "ModelEndpoint",
    "ModelMonitor",
    "ModelVersionRef",
    "NumberRange",
    "OwnNetwork",
    "Performance",
    "Pipeline",
    "PlanError",
    "Platform",
    "Problem",
    "ProcessingJob",
    "Profile",
    "Promotion",
    "PublicNetwork",
    "QualityLimits",
    "RegisteredModel",
    "RetrainingPolicy",
    "RunPolicy",
    "SecretRef",
    "ServerSize",
    "Serverless",
    "Signal",
    "Spot",
    "Stack",
    "Step",
    "Strategy",
    "TrackingServer",
    "TrainingJob",
    "Wait",
    "__version__",
    "load_manifest",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name == "__version__":
        return import_module("mlops_iac.version").VERSION
    if name in __all__:
        return getattr(import_module(f"mlops_iac.{_HOMES.get(name, 'specs')}"), name)
    raise AttributeError(f"module `mlops_iac` has no attribute `{name}`")


def __dir__() -> list[str]:
    return __all__
