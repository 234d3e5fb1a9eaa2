"""The custom resources of this target: handlers that the plugin hosts."""

from mlops_iac.custom import Handler
from mlops_iac_local.resources.dataset import DatasetHandler
from mlops_iac_local.resources.endpoint import EndpointHandler
from mlops_iac_local.resources.model_deployment import ModelDeploymentHandler
from mlops_iac_local.resources.platform import PlatformHandler
from mlops_iac_local.resources.registered_model import RegisteredModelHandler
from mlops_iac_local.resources.training_definition import TrainingDefinitionHandler
from mlops_iac_local.resources.training_run import TrainingRunHandler

RESOURCES: tuple[Handler, ...] = (
    PlatformHandler(),
    DatasetHandler(),
    TrainingDefinitionHandler(),
    TrainingRunHandler(),
    RegisteredModelHandler(),
    EndpointHandler(),
    ModelDeploymentHandler(),
)
"""Stateless; the plugin finds each by its token."""

__all__ = ["RESOURCES"]
