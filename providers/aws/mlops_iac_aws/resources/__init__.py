"""The custom resources of this target: handlers that the plugin hosts."""

from mlops_iac.custom import Handler
from mlops_iac_aws.resources.feature_schema import FeatureSchemaHandler
from mlops_iac_aws.resources.image_build import ImageBuildHandler
from mlops_iac_aws.resources.job_run import JobRunHandler
from mlops_iac_aws.resources.model_deployment import ModelDeploymentHandler
from mlops_iac_aws.resources.model_versions import ModelVersionsHandler
from mlops_iac_aws.resources.platform_use import PlatformGuardHandler, PlatformUseHandler

RESOURCES: tuple[Handler, ...] = (
    FeatureSchemaHandler(),
    ImageBuildHandler(),
    JobRunHandler(),
    ModelDeploymentHandler(),
    ModelVersionsHandler(),
    PlatformGuardHandler(),
    PlatformUseHandler(),
)
"""Stateless; the plugin finds each by its token."""

__all__ = ["RESOURCES"]
