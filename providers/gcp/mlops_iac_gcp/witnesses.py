"""What the conformance kit must know of this target: examples, witnesses, what holds data."""

from collections.abc import Mapping
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.capabilities import Capability
from mlops_iac.witness import Differs, Own, Witness

EXAMPLES: Mapping[str, Any] = {
    "region": "us-central1",
    "other_region": "europe-west4",
    "account": "kit-project",
    "other_account": "other-project",
    "role": "deployer@kit-project.iam.gserviceaccount.com",
    "other_role": "other@kit-project.iam.gserviceaccount.com",
    "network": "projects/123456789/global/networks/main",
    "other_network": "projects/123456789/global/networks/other",
    "subnets": ["projects/kit-project/regions/us-central1/subnetworks/ml"],
    "other_subnets": ["projects/kit-project/regions/us-central1/subnetworks/other"],
    "security_groups": ["group"],
    "key": "projects/kit-keys/locations/us-central1/keyRings/ml/cryptoKeys/data",
    "other_key": "projects/kit-keys/locations/us-central1/keyRings/ml/cryptoKeys/other",
    "image": f"us-central1-docker.pkg.dev/kit-project/images/runtime@sha256:{'0' * 64}",
    "other_image": f"us-central1-docker.pkg.dev/kit-project/images/runtime@sha256:{'1' * 64}",
    "uri": "gs://kit-data/flights/",
}
"""Legal values of this target; nobody's real ones."""

_PROVIDER = "pulumi:providers:gcp"
_OBJECT = "gcp:storage/bucketObject:BucketObject"
_RUN = "mlops-iac:gcp:JobRun"
_SCHEDULE = "gcp:colab/schedule:Schedule"
_POOL = "requests.*.body.jobSpec.workerPoolSpecs.*"
_STUDY = "requests.*.body.studySpec"
_DEPLOYMENT = "mlops-iac:gcp:ModelDeployment"
_MODEL = "mlops-iac:gcp:ModelVersions"

WITNESSES: Mapping[Capability, Witness | tuple[Witness, ...] | Differs] = {
    Capability.PLATFORM_REGION: Witness(_PROVIDER, "region", Own("region")),
    Capability.PLATFORM_ACCOUNT: Witness(_PROVIDER, "project", Own("account")),
    Capability.PLATFORM_ROLE: Witness(_PROVIDER, "impersonateServiceAccount", Own("role")),
    Capability.PLATFORM_EXISTING_NETWORK: Witness(
        "gcp:compute/networkAttachment:NetworkAttachment"
    ),
    Capability.PLATFORM_OWN_NETWORK: Witness(
        "gcp:compute/subnetwork:Subnetwork", "ipCidrRange", "10.64.0.0/17"
    ),
    Capability.PLATFORM_CUSTOMER_KEY: Witness("gcp:kms/cryptoKey:CryptoKey"),
    Capability.PLATFORM_EXISTING_KEY: Witness(
        "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", "cryptoKeyId", Own("key")
    ),
    Capability.PLATFORM_TAGS: Witness("gcp:storage/bucket:Bucket", "labels.team", "kit"),
    Capability.PLATFORM_RUNTIME_IMAGE: Witness(
        _RUN, "requests.*.body.jobSpec.workerPoolSpecs.*.containerSpec.imageUri", Own("image")
    ),
    Capability.DATASET_FILES: Witness(_OBJECT, "source.$special", "asset"),
    Capability.DATASET_URI: Witness(
        "gcp:projects/iAMMember:IAMMember", "condition.title", "this dataset only"
    ),
    Capability.DATASET_COLUMNS: Differs(
        "the columns are in an object whose content the platform decides"
    ),
    Capability.TRAINING_SCRIPT: Witness(
        _RUN, f"{_POOL}.containerSpec.command.*", "mlops_iac.runtime.train"
    ),
    Capability.TRAINING_IMAGE: Witness(
        _RUN, "requests.*.body.jobSpec.workerPoolSpecs.*.containerSpec.imageUri", Own("image")
    ),
    Capability.TRAINING_ACCELERATOR: Witness(
        _RUN, "requests.*.body.jobSpec.workerPoolSpecs.*.machineSpec.acceleratorType"
    ),
    Capability.TRAINING_INSTANCES: Differs("a second pool of workers, like the first"),
    Capability.TRAINING_SPOT: Witness(_RUN, "requests.*.body.jobSpec.scheduling.strategy", "SPOT"),
    Capability.TRAINING_SECRETS: Witness(
        _RUN,
        "requests.*.body.jobSpec.workerPoolSpecs.*.containerSpec.env.*.name",
        f"{contract.SECRET}PASSWORD",
    ),
    Capability.TRACKER_EXPERIMENT: Witness("mlops-iac:gcp:Experiment"),
    Capability.TRACKER_SERVER: (
        Witness("gcp:cloudrunv2/service:Service", "template.containers.*.args.*", "track"),
        Witness("gcp:sql/databaseInstance:DatabaseInstance"),
    ),
    Capability.TRAINING_EXPERIMENT: Differs("what a run's launcher is told is one text"),
    Capability.DATA_FROM_JOB: Differs("an input lies among the outputs of the job that makes it"),
    Capability.VALIDATION: Witness(
        _RUN, f"{_POOL}.containerSpec.command.*", "mlops_iac.runtime.validate"
    ),
    Capability.PROCESSING_SCRIPT: Witness(
        _RUN, f"{_POOL}.containerSpec.command.*", "mlops_iac.runtime.process"
    ),
    Capability.PROCESSING_IMAGE: Witness(_RUN, f"{_POOL}.containerSpec.imageUri", Own("image")),
    Capability.PROCESSING_ACCELERATOR: (
        Witness(_RUN, f"{_POOL}.machineSpec.acceleratorType"),
        # A monitor has no run of `up`.
        Witness(_OBJECT, "metadata.accelerator"),
    ),
    Capability.PROCESSING_INSTANCES: Differs("a second pool of workers, like the first"),
    Capability.PROCESSING_SPOT: Witness(
        _RUN, "requests.*.body.jobSpec.scheduling.strategy", "SPOT"
    ),
    Capability.PROCESSING_SECRETS: Witness(
        _RUN, f"{_POOL}.containerSpec.env.*.name", f"{contract.SECRET}PASSWORD"
    ),
    **{
        capability: Witness(_RUN, f"{_STUDY}.algorithm", algorithm)
        for capability, algorithm in (
            (Capability.SEARCH_BAYESIAN, "ALGORITHM_UNSPECIFIED"),
            (Capability.SEARCH_RANDOM, "RANDOM_SEARCH"),
            (Capability.SEARCH_GRID, "GRID_SEARCH"),
        )
    },
    Capability.SEARCH_PARALLEL: Witness(_RUN, "requests.*.body.parallelTrialCount", 2),
    Capability.PIPELINE_STEPS: Differs("the compiled pipeline is an object of one text"),
    Capability.PIPELINE_GATES: Differs("the compiled pipeline is an object of one text"),
    Capability.SCHEDULE_CRON: Witness(_SCHEDULE, "cron", "TZ=Europe/Berlin 0 3 * * 1"),
    Capability.SCHEDULE_EVERY: Witness(_SCHEDULE, "cron", "TZ=UTC 0 */2 * * *"),
    Capability.BATCH: Witness(_RUN, f"{_POOL}.containerSpec.command.*", "mlops_iac.runtime.batch"),
    Capability.BATCH_ACCELERATOR: Witness(_RUN, f"{_POOL}.machineSpec.acceleratorType"),
    Capability.BATCH_SECRETS: Witness(
        _RUN, f"{_POOL}.containerSpec.env.*.name", f"{contract.SECRET}PASSWORD"
    ),
    Capability.FEATURES_OFFLINE: Differs("without it the same table holds the newest rows alone"),
    Capability.FEATURES_ONLINE: Witness(
        "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview"
    ),
    Capability.FEATURES_TTL: Differs("readers judge the age of a value by the document"),
    Capability.TRAINING_FEATURES: Witness(_RUN, f"{_POOL}.containerSpec.command.*", "join"),
    # What a launcher is told lies in an object whose content pulumi-gcp keeps secret; the object
    # is named by its hash.
    **dict.fromkeys(
        (
            Capability.MONITOR_DATA_QUALITY,
            Capability.MONITOR_DATA_DRIFT,
            Capability.MONITOR_PREDICTION_DRIFT,
            Capability.MONITOR_MODEL_QUALITY,
        ),
        Differs("the signals are in an object whose content the provider hides"),
    ),
    Capability.RETRAINING: Witness("gcp:eventarc/trigger:Trigger"),
    Capability.RETRAINING_AUTOMATIC: Differs("the rules are in such an object, too"),
    Capability.RETRAINING_BUDGET: Witness(_SCHEDULE, "cron", "TZ=UTC */15 * * * *"),
    Capability.TRAINING_ON_CHANGE: Witness(_RUN),
    Capability.TRAINING_WAIT_FINISHED: Witness(_RUN, "wait", "finished"),
    Capability.TRAINING_WAIT_SUBMITTED: Witness(_RUN, "wait", "submitted"),
    Capability.MODEL_APPROVAL: Witness(_MODEL, "approval", "manual"),
    Capability.MODEL_CARD: Witness(_MODEL, "card"),
    Capability.MODEL_PICKLE: Witness(_MODEL, "trust_pickle", True),
    Capability.ENDPOINT_PINNED: Witness(_DEPLOYMENT, "policy.version", 3),
    Capability.ENDPOINT_SPLIT: Witness(_DEPLOYMENT, "policy.challenger.percent", 10),
    Capability.ENDPOINT_ALIAS: Witness(_DEPLOYMENT, "policy.alias", "champion"),
    Capability.ENDPOINT_REPLICAS: Witness(
        _DEPLOYMENT, "requests.*.body.deployedModel.dedicatedResources.minReplicaCount", 3
    ),
    Capability.ENDPOINT_AUTOSCALING: Witness(
        _DEPLOYMENT, "requests.*.body.deployedModel.dedicatedResources.autoscalingMetricSpecs"
    ),
    Capability.ENDPOINT_SCALE_TO_ZERO: Witness(
        _DEPLOYMENT, "requests.*.body.deployedModel.dedicatedResources.scaleToZeroSpec"
    ),
    Capability.ENDPOINT_SERVERLESS: Witness(
        _DEPLOYMENT, "requests.*.body.template.scaling.minInstanceCount", 0
    ),
    Capability.ENDPOINT_ASYNC: Witness(
        "gcp:pubsub/subscription:Subscription", "pushConfig.pushEndpoint"
    ),
    Capability.ENDPOINT_ACCELERATOR: Witness(
        _DEPLOYMENT, "requests.*.body.deployedModel.dedicatedResources.machineSpec.acceleratorType"
    ),
    Capability.ENDPOINT_CANARY: Witness(_DEPLOYMENT, "rolloutSteps.*", 10),
    Capability.ENDPOINT_LINEAR: Witness(_DEPLOYMENT, "rolloutSteps.*", 75),
    Capability.ENDPOINT_CAPTURE: Witness(
        "gcp:vertex/aiEndpoint:AiEndpoint", "predictRequestResponseLoggingConfig.samplingRate", 0.5
    ),
    Capability.ENDPOINT_IDENTITY_AUTH: Witness(_DEPLOYMENT),
    Capability.ENDPOINT_SECRETS: Witness(
        _DEPLOYMENT, "requests.*.body.model.containerSpec.env.*.name", f"{contract.SECRET}PASSWORD"
    ),
    Capability.ENDPOINT_TIMEOUT: Witness(
        _DEPLOYMENT, "requests.*.body.endpoint.clientConnectionConfig.inferenceTimeout", "30s"
    ),
}
"""What shows that a capability is wired, for each that is usable."""

STATEFUL: frozenset[str] = frozenset(
    {
        "gcp:artifactregistry/repository:Repository",
        "gcp:bigquery/dataset:Dataset",
        "gcp:bigquery/table:Table",
        "gcp:kms/cryptoKey:CryptoKey",
        "gcp:logging/projectBucketConfig:ProjectBucketConfig",
        "gcp:sql/databaseInstance:DatabaseInstance",
        "gcp:storage/bucket:Bucket",
        "gcp:vertex/aiTensorboard:AiTensorboard",
        "mlops-iac:gcp:Experiment",
        "mlops-iac:gcp:FeatureSchema",
    }
)
"""Types of what holds data."""
