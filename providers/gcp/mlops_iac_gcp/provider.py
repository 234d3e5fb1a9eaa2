"""The provider record of target `gcp`; importing it imports no SDK."""

from mlops_iac.provider import Provider
from mlops_iac_gcp.capabilities import CAPABILITIES
from mlops_iac_gcp.regions import REGIONS

PROVIDER = Provider(
    name="gcp",
    title="Google Cloud Vertex AI",
    extra="gcp",
    requires=("pulumi_gcp",),
    capabilities=CAPABILITIES,
    adapters={
        "Platform": "mlops_iac_gcp.platform:PlatformAdapter",
        "Dataset": "mlops_iac_gcp.dataset:DatasetAdapter",
        "ExperimentTracker": "mlops_iac_gcp.experiment_tracker:ExperimentTrackerAdapter",
        "TrainingJob": "mlops_iac_gcp.training_job:TrainingJobAdapter",
        "ProcessingJob": "mlops_iac_gcp.processing_job:ProcessingJobAdapter",
        "DataValidation": "mlops_iac_gcp.data_validation:DataValidationAdapter",
        "HyperparameterSearch": "mlops_iac_gcp.hyperparameter_search:HyperparameterSearchAdapter",
        "BatchInference": "mlops_iac_gcp.batch_inference:BatchInferenceAdapter",
        "Pipeline": "mlops_iac_gcp.pipeline:PipelineAdapter",
        "RegisteredModel": "mlops_iac_gcp.registered_model:RegisteredModelAdapter",
        "FeatureGroup": "mlops_iac_gcp.feature_group:FeatureGroupAdapter",
        "ModelEndpoint": "mlops_iac_gcp.model_endpoint:ModelEndpointAdapter",
        "RetrainingPolicy": "mlops_iac_gcp.retraining_policy:RetrainingPolicyAdapter",
        "ModelMonitor": "mlops_iac_gcp.model_monitor:ModelMonitorAdapter",
    },
    resources="mlops_iac_gcp.resources:RESOURCES",
    permissions="mlops_iac_gcp.deployer:permissions",
    made_id="mlops_iac_gcp.adoption:made_id",
    regions=REGIONS,
    example_region="europe-west4",
    example_account="example-project",
    needs_region=True,
    needs_account=True,
    can_apply=True,
    default_wait="submitted",
    operations="mlops_iac_gcp.operations:GcpOperations",
)
