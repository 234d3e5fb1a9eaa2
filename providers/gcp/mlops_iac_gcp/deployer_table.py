"""What deploying each type asks of IAM: one row per type, as data.

Sources: `pulumi-gcp` is generated from GoogleCloudPlatform/magic-modules, whose resources call
`create`, `get`, `patch` and `delete` of one REST collection; a permission is named as
`service.collection.verb` (https://cloud.google.com/iam/docs/permissions-reference). What our own
resources call stands in their handlers.
"""

from collections.abc import Mapping

_CRUD = ("create", "delete", "get", "update")
_NUMBERED = (*_CRUD, "list")
"""What Google numbers: `recover` finds by its list what a killed `up` did not record."""
_POLICY = ("getIamPolicy", "setIamPolicy")


def _of(collection: str, verbs: tuple[str, ...] = _CRUD, *more: str) -> tuple[str, ...]:
    return (*(f"{collection}.{verb}" for verb in verbs), *more)


_LRO = ("aiplatform.operations.list",)
_REGION_WAIT, _GLOBAL_WAIT = "compute.regionOperations.get", "compute.globalOperations.get"
_OBJECTS = _of("storage.objects", ("create", "delete", "get", "list"))
_USE_NETWORK = ("compute.networks.updatePolicy", "compute.networks.use")
_VERSIONS = _of("aiplatform.models", ("delete", "get", "list", "update", "upload"))
_RUN = ("cancel", "create", "delete", "get", "list")
_STARTED = ("iam.serviceAccounts.actAs",)
_DEPLOYING = ("deploy", "get", "list", "undeploy", "update")

PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    "gcp:artifactregistry/repository:Repository": _of("artifactregistry.repositories"),
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": _of(
        "artifactregistry.repositories", _POLICY
    ),
    "gcp:bigquery/dataset:Dataset": _of("bigquery.datasets"),
    "gcp:bigquery/datasetIamMember:DatasetIamMember": _of(
        "bigquery.datasets", ("get", "update", *_POLICY)
    ),
    "gcp:bigquery/table:Table": _of("bigquery.tables"),
    "gcp:cloudrunv2/service:Service": _of(
        "run.services", (*_CRUD, "list"), "run.operations.get", "iam.serviceAccounts.actAs"
    ),
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": _of("run.services", _POLICY),
    "gcp:colab/schedule:Schedule": _of(
        "aiplatform.schedules", _NUMBERED, "iam.serviceAccounts.actAs"
    ),
    "gcp:compute/address:Address": _of(
        "compute.addresses",
        ("createInternal", "deleteInternal", "get", "setLabels", "use"),
        "compute.subnetworks.use",
        _REGION_WAIT,
    ),
    "gcp:compute/forwardingRule:ForwardingRule": _of(
        "compute.forwardingRules",
        ("create", "delete", "get", "pscCreate", "pscDelete", "pscSetTarget", "setLabels"),
        "compute.networks.use",
        "compute.subnetworks.use",
        _REGION_WAIT,
    ),
    "gcp:compute/firewall:Firewall": _of(
        "compute.firewalls", _CRUD, "compute.networks.updatePolicy", _GLOBAL_WAIT
    ),
    "gcp:compute/globalAddress:GlobalAddress": _of(
        "compute.globalAddresses",
        ("createInternal", "deleteInternal", "get", "use"),
        "compute.networks.use",
        _GLOBAL_WAIT,
    ),
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": _of(
        "compute.globalForwardingRules",
        ("create", "delete", "get", "pscCreate", "pscDelete", "setLabels"),
        "compute.networks.use",
        _GLOBAL_WAIT,
    ),
    "gcp:compute/network:Network": _of(
        "compute.networks", _CRUD, "compute.routes.delete", "compute.routes.list", _GLOBAL_WAIT
    ),
    "gcp:compute/networkAttachment:NetworkAttachment": _of(
        "compute.networkAttachments", _CRUD, "compute.subnetworks.use", _REGION_WAIT
    ),
    "gcp:compute/subnetwork:Subnetwork": _of(
        "compute.subnetworks", _CRUD, *_USE_NETWORK, _REGION_WAIT
    ),
    "gcp:dns/managedZone:ManagedZone": _of(
        "dns.managedZones", _CRUD, "dns.networks.bindPrivateDNSZone"
    ),
    "gcp:dns/recordSet:RecordSet": (
        *_of("dns.changes", ("create", "get")),
        *_of("dns.resourceRecordSets", ("create", "delete", "list", "update")),
    ),
    "gcp:eventarc/trigger:Trigger": _of(
        "eventarc.triggers", _CRUD, "eventarc.operations.get", "iam.serviceAccounts.actAs"
    ),
    "gcp:kms/cryptoKey:CryptoKey": (
        *_of("cloudkms.cryptoKeys", ("create", "get", "update")),
        *_of("cloudkms.cryptoKeyVersions", ("destroy", "list")),
    ),
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": _of("cloudkms.cryptoKeys", _POLICY),
    "gcp:kms/keyRing:KeyRing": _of("cloudkms.keyRings", ("create", "get")),
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": _of("logging.buckets"),
    "gcp:logging/projectSink:ProjectSink": _of("logging.sinks"),
    "gcp:monitoring/alertPolicy:AlertPolicy": _of("monitoring.alertPolicies", _NUMBERED),
    "gcp:monitoring/metricDescriptor:MetricDescriptor": _of(
        "monitoring.metricDescriptors", ("create", "delete", "get", "list")
    ),
    "gcp:monitoring/notificationChannel:NotificationChannel": _of(
        "monitoring.notificationChannels", _NUMBERED
    ),
    "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy": _of(
        "networkconnectivity.serviceConnectionPolicies",
        _CRUD,
        "networkconnectivity.operations.get",
        "compute.networks.use",
        "compute.subnetworks.use",
    ),
    "gcp:projects/iAMCustomRole:IAMCustomRole": _of("iam.roles", (*_CRUD, "undelete")),
    "gcp:projects/iAMMember:IAMMember": _of("resourcemanager.projects", ("get", *_POLICY)),
    "gcp:projects/service:Service": _of("serviceusage.services", ("enable", "get", "list")),
    "gcp:projects/serviceIdentity:ServiceIdentity": _of("serviceusage.services", ("enable", "get")),
    "gcp:pubsub/subscription:Subscription": _of(
        "pubsub.subscriptions",
        _CRUD,
        "iam.serviceAccounts.actAs",
        "pubsub.topics.attachSubscription",
    ),
    "gcp:pubsub/topic:Topic": _of("pubsub.topics"),
    "gcp:pubsub/topicIAMMember:TopicIAMMember": _of("pubsub.topics", _POLICY),
    "gcp:secretmanager/secretIamMember:SecretIamMember": _of("secretmanager.secrets", _POLICY),
    "gcp:serviceaccount/account:Account": _of("iam.serviceAccounts"),
    "gcp:serviceaccount/iAMMember:IAMMember": _of("iam.serviceAccounts", _POLICY),
    "gcp:sql/database:Database": _of("cloudsql.databases"),
    "gcp:sql/databaseInstance:DatabaseInstance": _of(
        "cloudsql.instances", _CRUD, "cloudsql.users.list"
    ),
    "gcp:sql/user:User": _of("cloudsql.users", ("create", "delete", "list", "update")),
    "gcp:storage/bucket:Bucket": _of(
        "storage.buckets", _CRUD, "storage.objects.delete", "storage.objects.list"
    ),
    "gcp:storage/bucketIAMMember:BucketIAMMember": _of("storage.buckets", _POLICY),
    "gcp:storage/bucketObject:BucketObject": _OBJECTS,
    "gcp:vertex/aiEndpoint:AiEndpoint": _of("aiplatform.endpoints", _CRUD, *_LRO),
    "gcp:vertex/aiFeatureGroup:AiFeatureGroup": _of(
        "aiplatform.featureGroups", _CRUD, "bigquery.tables.get", *_LRO
    ),
    "gcp:vertex/aiFeatureGroupFeature:AiFeatureGroupFeature": _of(
        "aiplatform.features", _CRUD, *_LRO
    ),
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": _of(
        "aiplatform.featureOnlineStores", _CRUD, *_LRO
    ),
    "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview": _of(
        "aiplatform.featureViews", _CRUD, *_LRO
    ),
    "gcp:vertex/aiTensorboard:AiTensorboard": _of("aiplatform.tensorboards", _NUMBERED, *_LRO),
    "gcp:workflows/workflow:Workflow": _of(
        "workflows.workflows", _CRUD, "workflows.operations.get", "iam.serviceAccounts.actAs"
    ),
    "mlops-iac:gcp:BatchPredictionJob": _of("aiplatform.batchPredictionJobs", _RUN, *_STARTED),
    "mlops-iac:gcp:CustomJob": _of("aiplatform.customJobs", _RUN, *_STARTED),
    "mlops-iac:gcp:DeployedModel": (
        *_of("aiplatform.endpoints", _DEPLOYING),
        "aiplatform.models.get",
        *_LRO,
    ),
    "mlops-iac:gcp:EndpointTraffic": _of("aiplatform.endpoints", ("get", "update")),
    "mlops-iac:gcp:Experiment": (
        *_of("aiplatform.contexts"),
        *_of("aiplatform.metadataStores", ("create", "get")),
        *_LRO,
    ),
    "mlops-iac:gcp:FeatureMonitor": _of("aiplatform.featureMonitors", _NUMBERED, *_LRO),
    "mlops-iac:gcp:FeatureSchema": _of("bigquery.tables", ("get", "update")),
    "mlops-iac:gcp:HyperparameterTuningJob": _of(
        "aiplatform.hyperparameterTuningJobs", _RUN, *_STARTED
    ),
    "mlops-iac:gcp:ImageBuild": (
        *_of("cloudbuild.builds", ("create", "get", "list")),
        "artifactregistry.tags.get",
        "iam.serviceAccounts.actAs",
        "logging.logEntries.list",
        "storage.objects.get",
    ),
    "mlops-iac:gcp:JobRun": (
        *_of("aiplatform.pipelineJobs", ("cancel", "create", "get", "list")),
        *_of("aiplatform.models", ("get", "list")),
        "iam.serviceAccounts.actAs",
        "storage.buckets.get",
        "storage.objects.get",
        "storage.objects.list",
    ),
    "mlops-iac:gcp:Model": (*_VERSIONS, *_LRO),
    "mlops-iac:gcp:ModelDeployment": (
        *_VERSIONS,
        *_of("aiplatform.endpoints", _DEPLOYING),
        *_of("run.services"),
        *_of("run.revisions", ("get", "list")),
        *_OBJECTS,
        *_LRO,
        "iam.serviceAccounts.actAs",
        "monitoring.timeSeries.list",
        "run.operations.get",
    ),
    "mlops-iac:gcp:ModelMonitor": _of("aiplatform.modelMonitors", _NUMBERED, *_LRO),
    "mlops-iac:gcp:ModelMonitoringSchedule": _of("aiplatform.schedules", _NUMBERED),
    "mlops-iac:gcp:ModelVersions": (*_VERSIONS, *_OBJECTS, *_LRO),
    "mlops-iac:gcp:PipelineJob": _of("aiplatform.pipelineJobs", _RUN, *_STARTED),
    # https://cloud.google.com/artifact-registry/docs/access-control#permissions
    "mlops-iac:gcp:PipelineTemplate": (
        *_of("artifactregistry.repositories", ("downloadArtifacts", "uploadArtifacts")),
        *_of("artifactregistry.tags", _NUMBERED),
        *_of("artifactregistry.versions", ("delete", "get")),
    ),
    "mlops-iac:gcp:PlatformGuard": ("storage.buckets.get", *_OBJECTS[2:]),
    "mlops-iac:gcp:PlatformUse": _OBJECTS,
    "mlops-iac:gcp:ServiceAgent": ("bigquery.jobs.create", "resourcemanager.projects.get"),
}
"""Every permission by the type that asks for it."""

ACT_AS = "iam.serviceAccounts.actAs"
"""Never of the whole project: bound on each account that the plan makes."""
