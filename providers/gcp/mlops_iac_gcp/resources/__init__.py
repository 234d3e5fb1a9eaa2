"""The custom resources of this target: handlers that the plugin hosts, classes that programs use.

What neither `pulumi-gcp` nor Terraform has of Vertex AI can be put in any Pulumi program, see
`docs/guides/vertex-resources.md`. The classes load Pulumi, so each is loaded at its first use.
"""

import importlib
from typing import TYPE_CHECKING, Any

from mlops_iac.custom import Handler
from mlops_iac_gcp.resources.deployed_model import DeployedModelHandler
from mlops_iac_gcp.resources.endpoint_traffic import EndpointTrafficHandler
from mlops_iac_gcp.resources.feature_schema import FeatureSchemaHandler
from mlops_iac_gcp.resources.image_build import ImageBuildHandler
from mlops_iac_gcp.resources.job_run import JobRunHandler
from mlops_iac_gcp.resources.kinds import (
    BatchPredictionJobHandler,
    CustomJobHandler,
    ExperimentHandler,
    FeatureMonitorHandler,
    HyperparameterTuningJobHandler,
    ModelMonitorHandler,
    ModelMonitoringScheduleHandler,
    PipelineJobHandler,
)
from mlops_iac_gcp.resources.model import ModelHandler
from mlops_iac_gcp.resources.model_deployment import ModelDeploymentHandler
from mlops_iac_gcp.resources.model_versions import ModelVersionsHandler
from mlops_iac_gcp.resources.pipeline_template import PipelineTemplateHandler
from mlops_iac_gcp.resources.platform_use import PlatformGuardHandler, PlatformUseHandler
from mlops_iac_gcp.resources.service_agent import ServiceAgentHandler

if TYPE_CHECKING:
    from mlops_iac_gcp.resources.typed import (
        BatchPredictionJob,
        CustomJob,
        DeployedModel,
        EndpointTraffic,
        Experiment,
        FeatureMonitor,
        HyperparameterTuningJob,
        Model,
        ModelMonitor,
        ModelMonitoringSchedule,
        PipelineJob,
        PipelineTemplate,
        Provider,
        deployed_model_id,
    )

RESOURCES: tuple[Handler, ...] = (
    JobRunHandler(),
    BatchPredictionJobHandler(),
    CustomJobHandler(),
    DeployedModelHandler(),
    EndpointTrafficHandler(),
    ExperimentHandler(),
    FeatureMonitorHandler(),
    FeatureSchemaHandler(),
    HyperparameterTuningJobHandler(),
    ImageBuildHandler(),
    ModelDeploymentHandler(),
    ModelHandler(),
    ModelMonitorHandler(),
    ModelMonitoringScheduleHandler(),
    PipelineJobHandler(),
    ModelVersionsHandler(),
    PipelineTemplateHandler(),
    PlatformGuardHandler(),
    PlatformUseHandler(),
    ServiceAgentHandler(),
)
"""Stateless; the plugin finds each by its token."""

__all__ = [
    "RESOURCES",
    "BatchPredictionJob",
    "CustomJob",
    "DeployedModel",
    "EndpointTraffic",
    "Experiment",
    "FeatureMonitor",
    "HyperparameterTuningJob",
    "Model",
    "ModelMonitor",
    "ModelMonitoringSchedule",
    "PipelineJob",
    "PipelineTemplate",
    "Provider",
    "deployed_model_id",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Return a class for programs by its name (PEP 562)."""
        if name not in __all__:
            raise AttributeError(f"no attribute `{name}`")
        return getattr(importlib.import_module("mlops_iac_gcp.resources.typed"), name)
