"""The custom resources of this target: handlers that the plugin hosts, classes that programs use.

What neither `pulumi-gcp` nor Terraform has of Vertex AI can be put in any Pulumi program, see
`docs/guides/vertex-resources.md`. The classes load Pulumi, so each is loaded at its first use.
"""

from mlops_iac.custom import Handler
from mlops_iac_gcp.resources.deployed_model import DeployedModelHandler
from mlops_iac_gcp.resources.endpoint_traffic import EndpointTrafficHandler
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

RESOURCES: tuple[Handler, ...] = (
    JobRunHandler(),
    BatchPredictionJobHandler(),
    CustomJobHandler(),
    DeployedModelHandler(),
    EndpointTrafficHandler(),
    ExperimentHandler(),
    FeatureMonitorHandler(),
    HyperparameterTuningJobHandler(),
    ModelDeploymentHandler(),
    ModelHandler(),
    ModelMonitorHandler(),
    ModelMonitoringScheduleHandler(),
    PipelineJobHandler(),
    ModelVersionsHandler(),
    PipelineTemplateHandler(),
)
"""Stateless; the plugin finds each by its token."""

__all__ = ["RESOURCES"]
