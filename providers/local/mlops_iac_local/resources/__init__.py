"""The custom resources of this target: handlers that the plugin hosts."""

from mlops_iac.custom import Handler
from mlops_iac_local.resources.dataset import DatasetHandler
from mlops_iac_local.resources.endpoint import EndpointHandler
from mlops_iac_local.resources.experiment_tracker import ExperimentTrackerHandler
from mlops_iac_local.resources.feature_group import FeatureGroupHandler, FeatureViewHandler
from mlops_iac_local.resources.job_definition import JobDefinitionHandler
from mlops_iac_local.resources.job_run import JobRunHandler
from mlops_iac_local.resources.model_deployment import ModelDeploymentHandler
from mlops_iac_local.resources.platform import PlatformHandler
from mlops_iac_local.resources.registered_model import RegisteredModelHandler
from mlops_iac_local.resources.retraining_policy import RetrainingPolicyHandler
from mlops_iac_local.resources.schedule import ScheduleHandler

RESOURCES: tuple[Handler, ...] = (
    PlatformHandler(),
    DatasetHandler(),
    FeatureGroupHandler(),
    FeatureViewHandler(),
    JobDefinitionHandler(),
    JobRunHandler(),
    ScheduleHandler(),
    RegisteredModelHandler(),
    ExperimentTrackerHandler(),
    EndpointHandler(),
    ModelDeploymentHandler(),
    RetrainingPolicyHandler(),
)
"""Stateless; the plugin finds each by its token."""

__all__ = ["RESOURCES"]
