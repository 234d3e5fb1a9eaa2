"""The record of this provider. Importing it imports no SDK."""

from mlops_iac.provider import Provider
from mlops_iac_aws.availability import REGIONS
from mlops_iac_aws.capabilities import CAPABILITIES

PROVIDER = Provider(
    name="aws",
    title="AWS SageMaker",
    extra="aws",
    requires=("pulumi_aws", "pulumi_aws_native"),
    capabilities=CAPABILITIES,
    adapters={
        "Platform": "mlops_iac_aws.platform:PlatformAdapter",
        "Dataset": "mlops_iac_aws.dataset:DatasetAdapter",
        "FeatureGroup": "mlops_iac_aws.feature_group:FeatureGroupAdapter",
        "ExperimentTracker": "mlops_iac_aws.experiment_tracker:ExperimentTrackerAdapter",
        "ProcessingJob": "mlops_iac_aws.processing_job:ProcessingJobAdapter",
        "DataValidation": "mlops_iac_aws.data_validation:DataValidationAdapter",
        "HyperparameterSearch": ("mlops_iac_aws.hyperparameter_search:HyperparameterSearchAdapter"),
        "Pipeline": "mlops_iac_aws.pipeline:PipelineAdapter",
        "BatchInference": "mlops_iac_aws.batch_inference:BatchInferenceAdapter",
        "TrainingJob": "mlops_iac_aws.training_job:TrainingJobAdapter",
        "RegisteredModel": "mlops_iac_aws.registered_model:RegisteredModelAdapter",
        "ModelEndpoint": "mlops_iac_aws.model_endpoint:ModelEndpointAdapter",
        "ModelMonitor": "mlops_iac_aws.model_monitor:ModelMonitorAdapter",
        "RetrainingPolicy": "mlops_iac_aws.retraining_policy:RetrainingPolicyAdapter",
    },
    regions=REGIONS,
    example_region="eu-west-1",
    example_account="123456789012",
    needs_region=True,
    needs_account=True,
    can_apply=True,
    default_wait="submitted",
    resources="mlops_iac_aws.resources:RESOURCES",
    permissions="mlops_iac_aws.deployer:permissions",
    made_id="mlops_iac_aws.adoption:made_id",
    operations="mlops_iac_aws.operations:AwsOperations",
)
