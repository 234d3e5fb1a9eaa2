"""What the conformance kit must know of this target: examples, witnesses, what holds data."""

from collections.abc import Mapping
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.capabilities import Capability
from mlops_iac.witness import Differs, Own, Witness

_SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
_SHARED = f"/subscriptions/{_SUBSCRIPTION}/resourceGroups/shared/providers"
_NETWORK = f"{_SHARED}/Microsoft.Network/virtualNetworks/corporate"
_VAULT = f"{_SHARED}/Microsoft.KeyVault/vaults/corporate"

EXAMPLES: Mapping[str, Any] = {
    "region": "eastus",
    "other_region": "westeurope",
    "account": _SUBSCRIPTION,
    "other_account": _SUBSCRIPTION.replace("1", "2"),
    "role": _SUBSCRIPTION.replace("1", "3"),
    "other_role": _SUBSCRIPTION.replace("1", "4"),
    "network": _NETWORK,
    "other_network": f"{_NETWORK}-other",
    "subnets": [f"{_NETWORK}/subnets/jobs", f"{_NETWORK}/subnets/ends"],
    "other_subnets": [f"{_NETWORK}/subnets/jobs", f"{_NETWORK}/subnets/others"],
    "security_groups": ["group"],
    "key": f"{_VAULT}/keys/ml",
    "other_key": f"{_VAULT}/keys/other",
    "image": f"kit.azurecr.io/runtime@sha256:{'0' * 64}",
    "other_image": f"kit.azurecr.io/runtime@sha256:{'1' * 64}",
    "script": "{project}/train.py",
    "uri": "azureml://datastores/kit/paths/flights",
}
"""Legal values of this target; nobody's real ones."""

_ML = "azure-native:machinelearningservices"
_PROVIDER = "pulumi:providers:azure-native"
_ENDPOINT = f"{_ML}:OnlineEndpoint"
_CLUSTER = f"{_ML}:Compute"
_WORKSPACE = f"{_ML}:Workspace"
_KEY = "mlops-iac:azure:VaultKey"
_RUN = "mlops-iac:azure:JobRun"
_ASSET = "mlops-iac:azure:Asset"
_UPLOAD = "mlops-iac:azure:Upload"
_SCHEDULE = "mlops-iac:azure:Schedule"
_NODES = "requests.*.body.properties.jobs.*"
_COMMAND = "documents.*.program.command.*"
_SECRET = f"documents.*.program.environment.{contract.SECRET}PASSWORD"
_DEPLOYMENT = "mlops-iac:azure:ModelDeployment"
_MODEL = "mlops-iac:azure:ModelVersions"

WITNESSES: Mapping[Capability, Witness | tuple[Witness, ...] | Differs] = {
    Capability.PLATFORM_REGION: Witness(_PROVIDER, "location", Own("region")),
    Capability.PLATFORM_ACCOUNT: Witness(_PROVIDER, "subscriptionId", Own("account")),
    Capability.PLATFORM_ROLE: Witness(_PROVIDER, "clientId"),
    Capability.PLATFORM_EXISTING_NETWORK: Witness(
        "azure-native:keyvault:Vault", "properties.networkAcls.defaultAction", "Deny"
    ),
    Capability.PLATFORM_OWN_NETWORK: Witness(
        "azure-native:network:VirtualNetwork", "addressSpace.addressPrefixes.*", "10.64.0.0/16"
    ),
    Capability.PLATFORM_CUSTOMER_KEY: Witness(_KEY, "rotationDays"),
    Capability.PLATFORM_EXISTING_KEY: Witness(
        _WORKSPACE,
        "encryption.keyVaultProperties.keyIdentifier",
        "https://corporate.vault.azure.net/keys/ml",
    ),
    Capability.PLATFORM_TAGS: Witness(_WORKSPACE, "tags.team", "kit"),
    Capability.PLATFORM_RUNTIME_IMAGE: Witness(_ASSET, "properties.image", Own("image")),
    Capability.DATASET_FILES: Witness(_UPLOAD, "form", "folder"),
    Capability.DATASET_URI: Witness(_ASSET, "properties.dataUri", Own("uri")),
    Capability.DATASET_COLUMNS: Differs(
        "the names of the properties that hold the columns have dots in them"
    ),
    Capability.TRAINING_SCRIPT: Witness(_RUN, _COMMAND, "mlops_iac.runtime.train"),
    Capability.TRAINING_IMAGE: Witness(_ASSET, "properties.image", Own("image")),
    Capability.TRAINING_ACCELERATOR: Witness(_UPLOAD, "metadata.accelerator", "t4"),
    Capability.TRAINING_INSTANCES: Witness(_RUN, f"{_NODES}.resources.instance_count", 2),
    Capability.TRAINING_SPOT: Witness(_CLUSTER, "properties.properties.vmPriority", "LowPriority"),
    Capability.TRAINING_SECRETS: Witness(_RUN, _SECRET),
    Capability.TRAINING_EXPERIMENT: Differs(
        "the experiment has the component's own name where none is declared"
    ),
    Capability.TRACKER_EXPERIMENT: Witness("mlops-iac:azure:Experiment"),
    Capability.TRACKER_SERVER: Witness("mlops-iac:azure:Experiment", "tags.mlops-iac-server"),
    Capability.DATA_FROM_JOB: Differs("an input lies among the outputs of the job that makes it"),
    Capability.VALIDATION: Witness(_RUN, _COMMAND, "mlops_iac.runtime.validate"),
    Capability.PROCESSING_SCRIPT: Witness(_RUN, _COMMAND, "mlops_iac.runtime.process"),
    Capability.PROCESSING_IMAGE: Witness(_ASSET, "properties.image", Own("image")),
    Capability.PROCESSING_ACCELERATOR: Witness(_UPLOAD, "metadata.accelerator"),
    Capability.PROCESSING_INSTANCES: Witness(_RUN, f"{_NODES}.resources.instance_count", 2),
    Capability.PROCESSING_SPOT: Witness(
        _CLUSTER, "properties.properties.vmPriority", "LowPriority"
    ),
    Capability.PROCESSING_SECRETS: Witness(_RUN, _SECRET),
    **{
        capability: Witness(_RUN, f"{_NODES}.sampling_algorithm.type", algorithm)
        for capability, algorithm in (
            (Capability.SEARCH_BAYESIAN, "bayesian"),
            (Capability.SEARCH_RANDOM, "random"),
            (Capability.SEARCH_GRID, "grid"),
        )
    },
    Capability.SEARCH_PARALLEL: Witness(_RUN, f"{_NODES}.limits.max_concurrent_trials", 2),
    Capability.PIPELINE_STEPS: Differs("`up` starts no run of it, and its definition is one text"),
    Capability.PIPELINE_GATES: Differs("`up` starts no run of it, and its definition is one text"),
    Capability.SCHEDULE_CRON: Witness(
        _SCHEDULE, "requests.*.body.properties.trigger.expression", "0 3 * * 1"
    ),
    Capability.SCHEDULE_EVERY: Witness(
        _SCHEDULE, "requests.*.body.properties.trigger.frequency", "Hour"
    ),
    Capability.BATCH: Witness(_RUN, _COMMAND, "mlops_iac.runtime.batch"),
    Capability.BATCH_ACCELERATOR: Witness(_UPLOAD, "metadata.accelerator"),
    Capability.BATCH_SECRETS: Witness(_RUN, _SECRET),
    Capability.TRAINING_ON_CHANGE: Witness(_RUN),
    Capability.TRAINING_WAIT_FINISHED: Witness(_RUN, "wait", "finished"),
    Capability.TRAINING_WAIT_SUBMITTED: Witness(_RUN, "wait", "submitted"),
    Capability.MODEL_APPROVAL: Witness(_MODEL, "approval", "manual"),
    Capability.MODEL_CARD: Witness(_MODEL, "card"),
    Capability.MODEL_PICKLE: Witness(_MODEL, "trust_pickle", True),
    Capability.ENDPOINT_PINNED: Witness(_DEPLOYMENT, "policy.version", 3),
    Capability.ENDPOINT_ALIAS: Witness(_DEPLOYMENT, "policy.alias", "champion"),
    Capability.ENDPOINT_SPLIT: Witness(_DEPLOYMENT, "policy.challenger.percent", 10),
    Capability.ENDPOINT_SHADOW: Witness(_DEPLOYMENT, "policy.challenger.shadow", True),
    Capability.ENDPOINT_SCALE_TO_ZERO: Witness(
        _DEPLOYMENT, "requests.*.body.properties.template.scale.minReplicas", 0
    ),
    Capability.ENDPOINT_SERVERLESS: Witness(
        _DEPLOYMENT, "requests.*.body.properties.template.scale.maxReplicas"
    ),
    Capability.ENDPOINT_REPLICAS: Witness(_DEPLOYMENT, "requests.*.body.sku.capacity", 3),
    Capability.ENDPOINT_AUTOSCALING: Witness(
        _DEPLOYMENT, "requests.*.body.properties.profiles.*.capacity.maximum", "3"
    ),
    Capability.ENDPOINT_ACCELERATOR: Witness(
        _DEPLOYMENT, "requests.*.body.properties.instanceType", "Standard_NC4as_T4_v3"
    ),
    Capability.ENDPOINT_CANARY: Witness(_DEPLOYMENT, "rollout.mode", "canary"),
    Capability.ENDPOINT_LINEAR: Witness(_DEPLOYMENT, "rollout.mode", "linear"),
    Capability.ENDPOINT_CAPTURE: Witness(
        _DEPLOYMENT,
        "requests.*.body.properties.dataCollector.collections.request.samplingRate",
        0.5,
    ),
    Capability.ENDPOINT_IDENTITY_AUTH: Witness(_ENDPOINT, "properties.authMode", "AADToken"),
    Capability.ENDPOINT_KEY_AUTH: Witness(_ENDPOINT, "properties.authMode", "Key"),
    Capability.ENDPOINT_SECRETS: Witness(
        _DEPLOYMENT, f"requests.*.body.properties.environmentVariables.{contract.SECRET}PASSWORD"
    ),
    Capability.ENDPOINT_TIMEOUT: Witness(
        _DEPLOYMENT, "requests.*.body.properties.requestSettings.requestTimeout", "PT30S"
    ),
    Capability.FEATURES_OFFLINE: Differs("without it the same file holds the newest rows alone"),
    Capability.FEATURES_ONLINE: Witness("azure-native:storage:Table"),
    Capability.FEATURES_TTL: Differs("readers judge the age of a value by the document"),
    Capability.TRAINING_FEATURES: Differs("the step before has the name of the job in its own"),
    # What a step is told is one text.
    **dict.fromkeys(
        (
            Capability.MONITOR_DATA_QUALITY,
            Capability.MONITOR_DATA_DRIFT,
            Capability.MONITOR_PREDICTION_DRIFT,
            Capability.MONITOR_MODEL_QUALITY,
        ),
        Differs("the signals are in a document, which is one text"),
    ),
    Capability.RETRAINING: Witness("azure-native:logic:Workflow"),
    Capability.RETRAINING_AUTOMATIC: Differs("the rules are in such a document, too"),
    Capability.RETRAINING_BUDGET: Witness(
        "mlops-iac:azure:Schedule", "requests.*.body.properties.trigger.interval", 15
    ),
}
"""What shows that a capability is wired, for each that is usable."""

STATEFUL: frozenset[str] = frozenset(
    {
        "azure-native:containerregistry:Registry",
        "azure-native:keyvault:Vault",
        "azure-native:operationalinsights:Workspace",
        "azure-native:resources:ResourceGroup",
        "azure-native:storage:BlobContainer",
        "azure-native:storage:StorageAccount",
        "azure-native:storage:Table",
        "mlops-iac:azure:Experiment",
        "mlops-iac:azure:FeatureSchema",
        _KEY,
        f"{_ML}:ModelContainer",
        _WORKSPACE,
    }
)
"""Types of what holds data."""
