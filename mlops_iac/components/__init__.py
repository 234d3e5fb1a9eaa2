"""Pulumi components: one file per kind, the same name as its spec.

`from mlops_iac.components import ModelEndpoint` gives the component for direct use in a Pulumi
program; `mlops_iac.Stack` builds them from a whole declaration.
"""

from mlops_iac.components.base import Component
from mlops_iac.components.building import build, build_plan, stack_config
from mlops_iac.components.dataset import Dataset
from mlops_iac.components.model_endpoint import ModelEndpoint
from mlops_iac.components.platform import Platform
from mlops_iac.components.registered_model import RegisteredModel
from mlops_iac.components.training_job import TrainingJob

__all__ = [
    "Component",
    "Dataset",
    "ModelEndpoint",
    "Platform",
    "RegisteredModel",
    "TrainingJob",
    "build",
    "build_plan",
    "stack_config",
]
