"""What the conformance kit must know of this target: examples, witnesses, what holds data."""

from collections.abc import Mapping
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.capabilities import Capability
from mlops_iac.witness import Differs, Own, Witness

EXAMPLES: Mapping[str, Any] = {
    "region": "us-east-1",
    "other_region": "eu-west-1",
    "account": "123456789012",
    "other_account": "210987654321",
    "role": "arn:aws:iam::123456789012:role/deployer",
    "other_role": "arn:aws:iam::123456789012:role/other-deployer",
    "network": "vpc-0a1b2c3d4e5f60718",
    "other_network": "vpc-0a1b2c3d4e5f60719",
    "subnets": ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"],
    "other_subnets": ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60710"],
    "security_groups": ["sg-0a1b2c3d4e5f60718"],
    "key": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "other_key": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ac",
    "image": f"123456789012.dkr.ecr.us-east-1.amazonaws.com/runtime@sha256:{'0' * 64}",
    "other_image": f"123456789012.dkr.ecr.us-east-1.amazonaws.com/runtime@sha256:{'1' * 64}",
    "uri": "s3://kit-data/flights/",
}
"""Legal values of this target; nobody's real ones."""

_PROVIDER = "pulumi:providers:aws"
_OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
_PIPELINE = "aws:sagemaker/pipeline:Pipeline"
_GROUP = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"
_CHECKS = "aws-native:sagemaker:DataQualityJobDefinition"
_SIGNALS = "dataQualityAppSpecification.environment.MLOPS_TASK_SIGNALS.*"
_RUN = "mlops-iac:aws:JobRun"
_SCHEDULE = "aws:scheduler/schedule:Schedule"
_FEATURES = "aws-native:sagemaker:FeatureGroup"
_SERVER = "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer"
_DEPLOYMENT = "mlops-iac:aws:ModelDeployment"

WITNESSES: Mapping[Capability, Witness | tuple[Witness, ...] | Differs] = {
    Capability.PLATFORM_REGION: Witness(_PROVIDER, "region", Own("region")),
    Capability.PLATFORM_ACCOUNT: Witness(_PROVIDER, "allowedAccountIds.*", Own("account")),
    Capability.PLATFORM_ROLE: Witness(_PROVIDER, "assumeRoles.*.roleArn", Own("role")),
    Capability.PLATFORM_EXISTING_NETWORK: Witness(
        "aws:ec2/securityGroup:SecurityGroup", "vpcId", Own("network")
    ),
    Capability.PLATFORM_OWN_NETWORK: Witness("aws:ec2/vpc:Vpc"),
    Capability.PLATFORM_CUSTOMER_KEY: Witness("aws:kms/key:Key"),
    Capability.PLATFORM_EXISTING_KEY: Witness(
        "aws:ecr/repository:Repository", "encryptionConfigurations.*.kmsKey", Own("key")
    ),
    Capability.PLATFORM_TAGS: Witness("aws:s3/bucket:Bucket", "tags.team", "kit"),
    Capability.PLATFORM_RUNTIME_IMAGE: Witness(
        "aws:iam/rolePolicy:RolePolicy",
        "policy.Statement.*.Resource.*",
        "arn:aws:ecr:us-east-1:123456789012:repository/runtime",
    ),
    Capability.DATASET_FILES: Witness(_OBJECT, "source.$special", "asset"),
    Capability.DATASET_URI: Witness(_OBJECT, "content.uri", Own("uri")),
    Capability.DATASET_COLUMNS: Witness(_OBJECT, "content.columns.x", "number"),
    Capability.TRAINING_SCRIPT: Witness(
        _PIPELINE, "pipelineDefinition.Steps.*.Arguments.Environment.MLOPS_SCRIPT", "train.py"
    ),
    Capability.TRAINING_IMAGE: Witness(
        _PIPELINE,
        "pipelineDefinition.Steps.*.Arguments.AlgorithmSpecification.TrainingImage",
        Own("image"),
    ),
    Capability.TRAINING_ACCELERATOR: Witness(
        _PIPELINE,
        "pipelineDefinition.Steps.*.Arguments.ResourceConfig.InstanceType",
        "ml.g4dn.xlarge",
    ),
    Capability.TRAINING_INSTANCES: Witness(
        _PIPELINE, "pipelineDefinition.Steps.*.Arguments.ResourceConfig.InstanceCount", 2
    ),
    Capability.TRAINING_SPOT: Witness(
        _PIPELINE, "pipelineDefinition.Steps.*.Arguments.EnableManagedSpotTraining"
    ),
    Capability.TRAINING_SECRETS: Witness(
        _PIPELINE, f"pipelineDefinition.Steps.*.Arguments.Environment.{contract.SECRET}PASSWORD"
    ),
    Capability.DATA_FROM_JOB: Differs("the address of the data is a hash of the job that makes it"),
    Capability.VALIDATION: Witness(
        _PIPELINE,
        "pipelineDefinition.Steps.*.Arguments.AppSpecification.ContainerEntrypoint.*",
        "mlops_iac.runtime.validate",
    ),
    Capability.PROCESSING_SCRIPT: Witness(
        _PIPELINE, "pipelineDefinition.Steps.*.Arguments.Environment.MLOPS_SCRIPT", "process.py"
    ),
    Capability.PROCESSING_IMAGE: Witness(
        _PIPELINE,
        "pipelineDefinition.Steps.*.Arguments.AppSpecification.ImageUri",
        Own("image"),
    ),
    Capability.PROCESSING_ACCELERATOR: (
        Witness(
            _PIPELINE,
            "pipelineDefinition.Steps.*.Arguments.ProcessingResources.ClusterConfig.InstanceType",
            "ml.g4dn.xlarge",
        ),
        Witness(_CHECKS, "jobResources.clusterConfig.instanceType", "ml.g4dn.xlarge"),
    ),
    Capability.PROCESSING_INSTANCES: Witness(
        _PIPELINE,
        "pipelineDefinition.Steps.*.Arguments.ProcessingResources.ClusterConfig.InstanceCount",
        2,
    ),
    Capability.PROCESSING_SECRETS: Witness(
        _PIPELINE, f"pipelineDefinition.Steps.*.Arguments.Environment.{contract.SECRET}PASSWORD"
    ),
    **{
        capability: Witness(
            _PIPELINE,
            "pipelineDefinition.Steps.*.Arguments.HyperParameterTuningJobConfig.Strategy",
            strategy,
        )
        for capability, strategy in (
            (Capability.SEARCH_BAYESIAN, "Bayesian"),
            (Capability.SEARCH_RANDOM, "Random"),
            (Capability.SEARCH_GRID, "Grid"),
        )
    },
    Capability.SEARCH_PARALLEL: Witness(
        _PIPELINE,
        "pipelineDefinition.Steps.*.Arguments.HyperParameterTuningJobConfig.ResourceLimits."
        "MaxParallelTrainingJobs",
        2,
    ),
    Capability.PIPELINE_STEPS: Witness(_PIPELINE, "pipelineDefinition.Steps.*.DependsOn"),
    Capability.PIPELINE_GATES: Witness(
        _PIPELINE, "pipelineDefinition.Steps.*.Arguments.Conditions"
    ),
    Capability.SCHEDULE_CRON: Witness(_SCHEDULE, "scheduleExpression", "cron(0 3 * * ? *)"),
    Capability.SCHEDULE_EVERY: Witness(_SCHEDULE, "scheduleExpression", "rate(1 hour)"),
    Capability.BATCH: Witness(
        _PIPELINE,
        "pipelineDefinition.Steps.*.Arguments.AppSpecification.ContainerEntrypoint.*",
        "mlops_iac.runtime.batch",
    ),
    Capability.BATCH_ACCELERATOR: Witness(
        _PIPELINE,
        "pipelineDefinition.Steps.*.Arguments.ProcessingResources.ClusterConfig.InstanceType",
        "ml.g4dn.xlarge",
    ),
    Capability.BATCH_SECRETS: Witness(
        _PIPELINE, f"pipelineDefinition.Steps.*.Arguments.Environment.{contract.SECRET}PASSWORD"
    ),
    Capability.TRAINING_ON_CHANGE: Witness(_RUN),
    Capability.TRAINING_WAIT_FINISHED: Witness(_RUN, "wait", "finished"),
    Capability.TRAINING_WAIT_SUBMITTED: Witness(_RUN, "wait", "submitted"),
    Capability.MODEL_APPROVAL: Witness(_GROUP, "tags.mlops-iac-approval", "manual"),
    Capability.MODEL_CARD: Witness("aws:sagemaker/modelCard:ModelCard"),
    Capability.MODEL_PICKLE: Witness(_GROUP, "tags.mlops-iac-trust-pickle", "true"),
    Capability.ENDPOINT_PINNED: Witness(_DEPLOYMENT, "policy.version", 3),
    Capability.ENDPOINT_ALIAS: Witness(_DEPLOYMENT, "policy.alias", "champion"),
    Capability.ENDPOINT_REPLICAS: Witness(
        _DEPLOYMENT, "requests.*.body.ProductionVariants.*.InitialInstanceCount", 3
    ),
    Capability.ENDPOINT_AUTOSCALING: Witness(_DEPLOYMENT, "requests.*.body.MaxCapacity", 3),
    Capability.ENDPOINT_SCALE_TO_ZERO: Witness(
        _DEPLOYMENT,
        "requests.*.body.ProductionVariants.*.ManagedInstanceScaling.MinInstanceCount",
        0,
    ),
    Capability.ENDPOINT_SERVERLESS: Witness(
        _DEPLOYMENT, "requests.*.body.ProductionVariants.*.ServerlessConfig"
    ),
    Capability.ENDPOINT_ASYNC: Witness(_DEPLOYMENT, "requests.*.body.AsyncInferenceConfig"),
    Capability.ENDPOINT_ACCELERATOR: Witness(
        _DEPLOYMENT, "requests.*.body.ProductionVariants.*.InstanceType", "ml.g4dn.xlarge"
    ),
    Capability.ENDPOINT_CANARY: Witness(
        _DEPLOYMENT,
        "requests.*.body.DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration.Type",
        "CANARY",
    ),
    Capability.ENDPOINT_LINEAR: Witness(
        _DEPLOYMENT,
        "requests.*.body.DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration.Type",
        "LINEAR",
    ),
    Capability.ENDPOINT_SPLIT: Witness(
        _DEPLOYMENT, "requests.*.body.ProductionVariants.*.VariantName", "challenger"
    ),
    Capability.ENDPOINT_SHADOW: Witness(
        _DEPLOYMENT, "requests.*.body.ShadowProductionVariants.*.VariantName", "challenger"
    ),
    Capability.ENDPOINT_CAPTURE: Witness(
        _DEPLOYMENT, "requests.*.body.DataCaptureConfig.InitialSamplingPercentage", 50
    ),
    Capability.ENDPOINT_IDENTITY_AUTH: Witness(_DEPLOYMENT),
    Capability.ENDPOINT_SECRETS: Witness(
        _DEPLOYMENT, f"requests.*.body.PrimaryContainer.Environment.{contract.SECRET}PASSWORD"
    ),
    Capability.ENDPOINT_TIMEOUT: Witness(
        _DEPLOYMENT, "requests.*.body.PrimaryContainer.Environment.MLOPS_TIMEOUT_SECONDS", "30"
    ),
    Capability.FEATURES_OFFLINE: Witness(_FEATURES, "offlineStoreConfig.s3StorageConfig.s3Uri"),
    Capability.FEATURES_ONLINE: Witness(_FEATURES, "onlineStoreConfig.enableOnlineStore", True),
    Capability.FEATURES_TTL: Witness(_FEATURES, "onlineStoreConfig.ttlDuration.value"),
    Capability.TRACKER_EXPERIMENT: Witness(_OBJECT, "content.experiment"),
    Capability.TRACKER_SERVER: Witness(_SERVER, "trackingServerSize"),
    Capability.TRAINING_FEATURES: Witness(
        _PIPELINE,
        "pipelineDefinition.Steps.*.Arguments.ProcessingInputs.*.InputName",
        "features-weather",
    ),
    Capability.TRAINING_EXPERIMENT: Witness(
        _PIPELINE, "pipelineDefinition.Steps.*.Arguments.Environment.MLFLOW_EXPERIMENT_NAME"
    ),
    Capability.SCHEDULE_CRON: Witness("aws:scheduler/schedule:Schedule"),
    Capability.SCHEDULE_EVERY: Witness("aws:scheduler/schedule:Schedule"),
    Capability.RETRAINING: Witness(
        _PIPELINE,
        "pipelineDefinition.Steps.*.Arguments.AppSpecification.ContainerEntrypoint.*",
        "policy",
    ),
    Capability.RETRAINING_AUTOMATIC: Witness(_OBJECT, "content.rules.promotion", "automatic"),
    Capability.RETRAINING_BUDGET: Witness(_OBJECT, "content.rules.budget_s", 7200.0),
    Capability.MONITOR_DATA_QUALITY: Witness(_CHECKS, _SIGNALS, "data_quality"),
    Capability.MONITOR_DATA_DRIFT: Witness(_CHECKS, _SIGNALS, "data_drift"),
    Capability.MONITOR_PREDICTION_DRIFT: Witness(_CHECKS, _SIGNALS, "prediction_drift"),
    Capability.MONITOR_MODEL_QUALITY: Witness("aws-native:sagemaker:ModelQualityJobDefinition"),
}
"""What shows that a capability is wired, for each that is usable."""

STATEFUL: frozenset[str] = frozenset(
    {
        "aws:s3/bucket:Bucket",
        "aws:kms/key:Key",
        "aws:sagemaker/mlflowApp:MlflowApp",
        "aws:ecr/repository:Repository",
        _GROUP,
        _FEATURES,
        _SERVER,
        "mlops-iac:aws:FeatureSchema",
    }
)
"""Types of what holds data."""
