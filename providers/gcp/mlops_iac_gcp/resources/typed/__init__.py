"""Classes of the custom resources for Pulumi programs; written by `tools/gcp_resources.py`."""

from mlops_iac_gcp.resources.typed.base import Provider, deployed_model_id
from mlops_iac_gcp.resources.typed.batch_prediction_job import BatchPredictionJob
from mlops_iac_gcp.resources.typed.custom_job import CustomJob
from mlops_iac_gcp.resources.typed.deployed_model import DeployedModel
from mlops_iac_gcp.resources.typed.endpoint_traffic import EndpointTraffic
from mlops_iac_gcp.resources.typed.experiment import Experiment
from mlops_iac_gcp.resources.typed.feature_monitor import FeatureMonitor
from mlops_iac_gcp.resources.typed.hyperparameter_tuning_job import HyperparameterTuningJob
from mlops_iac_gcp.resources.typed.model import Model
from mlops_iac_gcp.resources.typed.model_monitor import ModelMonitor
from mlops_iac_gcp.resources.typed.model_monitoring_schedule import ModelMonitoringSchedule
from mlops_iac_gcp.resources.typed.pipeline_job import PipelineJob
from mlops_iac_gcp.resources.typed.pipeline_template import PipelineTemplate

__all__ = [
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
