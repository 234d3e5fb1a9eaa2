"""The `local` target: real parts on this machine, no account, no container, no login."""

from mlops_iac.provider import Provider
from mlops_iac_local.capabilities import CAPABILITIES

PROVIDER = Provider(
    name="local",
    title="This machine",
    extra="local",
    requires=(
        "apscheduler",
        "duckdb",
        "evidently",
        "feast",
        "mlflow",
        "optuna",
        "pandera",
        "psutil",
        "pyarrow",
        "skops",
        "starlette",
        "supervisor",
        "uvicorn",
    ),
    capabilities=CAPABILITIES,
    adapters={
        "Platform": "mlops_iac_local.platform:PlatformAdapter",
        "Dataset": "mlops_iac_local.dataset:DatasetAdapter",
        "FeatureGroup": "mlops_iac_local.feature_group:FeatureGroupAdapter",
        "DataValidation": "mlops_iac_local.data_validation:DataValidationAdapter",
        "ProcessingJob": "mlops_iac_local.processing_job:ProcessingJobAdapter",
        "ExperimentTracker": "mlops_iac_local.experiment_tracker:ExperimentTrackerAdapter",
        "TrainingJob": "mlops_iac_local.training_job:TrainingJobAdapter",
        "HyperparameterSearch": "mlops_iac_local.hyperparameter_search:HyperparameterSearchAdapter",
        "RegisteredModel": "mlops_iac_local.registered_model:RegisteredModelAdapter",
        "Pipeline": "mlops_iac_local.pipeline:PipelineAdapter",
        "BatchInference": "mlops_iac_local.batch_inference:BatchInferenceAdapter",
        "ModelEndpoint": "mlops_iac_local.model_endpoint:ModelEndpointAdapter",
        "ModelMonitor": "mlops_iac_local.model_monitor:ModelMonitorAdapter",
        "RetrainingPolicy": "mlops_iac_local.retraining_policy:RetrainingPolicyAdapter",
    },
    can_apply=True,
    default_wait="finished",
    resources="mlops_iac_local.resources:RESOURCES",
    operations="mlops_iac_local.operations:LocalOperations",
)
