"""The record that the core discovers; importing it loads no SDK."""

from mlops_iac.provider import Provider
from mlops_iac_azure.capabilities import CAPABILITIES
from mlops_iac_azure.regions import REGIONS

PROVIDER = Provider(
    name="azure",
    title="Azure Machine Learning",
    extra="azure",
    requires=("pulumi_azure_native",),
    capabilities=CAPABILITIES,
    adapters={
        "Platform": "mlops_iac_azure.platform:PlatformAdapter",
        "Dataset": "mlops_iac_azure.dataset:DatasetAdapter",
        "DataValidation": "mlops_iac_azure.data_validation:DataValidationAdapter",
        "ProcessingJob": "mlops_iac_azure.processing_job:ProcessingJobAdapter",
        "ExperimentTracker": "mlops_iac_azure.experiment_tracker:ExperimentTrackerAdapter",
        "TrainingJob": "mlops_iac_azure.training_job:TrainingJobAdapter",
        "HyperparameterSearch": "mlops_iac_azure.hyperparameter_search:HyperparameterSearchAdapter",
        "Pipeline": "mlops_iac_azure.pipeline:PipelineAdapter",
        "BatchInference": "mlops_iac_azure.batch_inference:BatchInferenceAdapter",
        "RegisteredModel": "mlops_iac_azure.registered_model:RegisteredModelAdapter",
        "FeatureGroup": "mlops_iac_azure.feature_group:FeatureGroupAdapter",
        "ModelEndpoint": "mlops_iac_azure.model_endpoint:ModelEndpointAdapter",
        "RetrainingPolicy": "mlops_iac_azure.retraining_policy:RetrainingPolicyAdapter",
        "ModelMonitor": "mlops_iac_azure.model_monitor:ModelMonitorAdapter",
    },
    resources="mlops_iac_azure.resources:RESOURCES",
    permissions="mlops_iac_azure.deployer:permissions",
    made_id="mlops_iac_azure.adoption:made_id",
    regions=REGIONS,
    example_region="westeurope",
    example_account="00000000-0000-0000-0000-000000000000",
    needs_region=True,
    needs_account=True,
    can_apply=True,
    operations="mlops_iac_azure.operations:AzureOperations",
)
