"""The custom resources of this target: handlers that the plugin hosts, classes that programs use.

What neither `pulumi-gcp` nor Terraform has of Vertex AI can be put in any Pulumi program, see
`docs/guides/vertex-resources.md`. The classes load Pulumi, so each is loaded at its first use.
"""

from mlops_iac.custom import Handler
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

RESOURCES: tuple[Handler, ...] = (
    BatchPredictionJobHandler(),
    CustomJobHandler(),
    ExperimentHandler(),
    FeatureMonitorHandler(),
    HyperparameterTuningJobHandler(),
    ModelMonitorHandler(),
    ModelMonitoringScheduleHandler(),
    PipelineJobHandler(),
)
"""Stateless; the plugin finds each by its token."""

__all__ = ["RESOURCES"]
