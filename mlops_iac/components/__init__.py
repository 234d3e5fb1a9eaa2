"""Pulumi components: one file per kind, the same name as its spec.

`from mlops_iac.components import ModelEndpoint` gives the component for direct use in a Pulumi
program; `mlops_iac.Stack` builds them from a whole declaration.
"""

from mlops_iac.components.base import Component
from mlops_iac.components.batch_inference import BatchInference
from mlops_iac.components.building import build, build_plan, stack_config
from mlops_iac.components.data_validation import DataValidation
from mlops_iac.components.dataset import Dataset
from mlops_iac.components.experiment_tracker import ExperimentTracker
from mlops_iac.components.feature_group import FeatureGroup
from mlops_iac.components.hyperparameter_search import HyperparameterSearch
from mlops_iac.components.model_endpoint import ModelEndpoint
from mlops_iac.components.model_monitor import ModelMonitor
from mlops_iac.components.pipeline import Pipeline
from mlops_iac.components.platform import Platform
from mlops_iac.components.processing_job import ProcessingJob
from mlops_iac.components.registered_model import RegisteredModel
from mlops_iac.components.retraining_policy import RetrainingPolicy
from mlops_iac.components.training_job import TrainingJob

__all__ = [
    "BatchInference",
    "Component",
    "DataValidation",
    "Dataset",
    "ExperimentTracker",
    "FeatureGroup",
    "HyperparameterSearch",
    "ModelEndpoint",
    "ModelMonitor",
    "Pipeline",
    "Platform",
    "ProcessingJob",
    "RegisteredModel",
    "RetrainingPolicy",
    "TrainingJob",
    "build",
    "build_plan",
    "stack_config",
]
