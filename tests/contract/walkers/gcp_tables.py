"""How `pulumi-gcp` inputs become Google Cloud resources, and the names' own rules.

Sources: magic-modules (`mmv1/products/<product>/<Resource>.yaml`, and the hand-written resources of
`terraform-provider-google` for storage, IAM and projects), which spell each exception to the name
rules; the names' rules are the APIs' own, as each check says.
"""

from collections.abc import Callable, Mapping
from functools import partial

from tests.contract.walkers.discovery import schema_shape
from tests.contract.walkers.rules import (
    Check,
    between,
    exclusive,
    json_text,
    one_of,
    pattern,
    shaped,
)
from tests.contract.walkers.shape import Kind, Shape
from tests.contract.walkers.translate import Translation

# Arguments of the provider's own, and those that stand in the path.
_PROVIDER = frozenset({"project", "timeouts", "deletionPolicy", "deletionProtection"})


def _row(
    api: str,
    schema: str,
    names: Mapping[str, str] | None = None,
    *,
    local: str = "",
    elsewhere: Mapping[str, Callable[[], Shape]] | None = None,
    filled: str = "",
    checks: Mapping[str, Check] | None = None,
) -> Translation:
    return Translation(
        shape=partial(schema_shape, api, schema),
        names=names or {},
        local=_PROVIDER | frozenset(local.split()),
        elsewhere=elsewhere or {},
        filled=frozenset(filled.split()),
        checks={"project": _PROJECT, "labels": _LABELS, **(checks or {})},
    )


# https://cloud.google.com/resource-manager/docs/creating-managing-projects, also as resource name.
_PROJECT = pattern(r"(projects/)?([a-z][a-z0-9.:-]{4,61}[a-z0-9]|\d+)", "project id")
_LOCATION = pattern(r"[a-z]+(-[a-z]+\d+(-[a-z])?)?", "Google Cloud locations: `europe-west4`")


def _labels() -> Shape:
    # https://cloud.google.com/resource-manager/docs/labels-overview#requirements
    key = Shape(
        Kind.STRING, "label requirements", pattern=r"[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}"
    )
    value = Shape(Kind.STRING, "label requirements", pattern=r"[\p{Ll}\p{Lo}\p{N}_-]{0,63}")
    return Shape(Kind.MAP, "label requirements", key=lambda: key, item=lambda: value, maximum=64)


_LABELS = shaped(_labels)

_ROLE = pattern(
    r"roles/[A-Za-z0-9]+\.[A-Za-z0-9.]+|roles/(owner|editor|viewer|browser)"
    r"|(projects|organizations)/[^/]+/roles/[A-Za-z0-9_.]{3,64}",
    "IAM role names",
)
_MEMBER = pattern(
    r"allUsers|allAuthenticatedUsers|(user|serviceAccount|group|domain|deleted|principal"
    r"|principalSet|projectOwner|projectEditor|projectViewer):\S+",
    "IAM policy: Binding.members",
)


def _member(path: str, checks: Mapping[str, Check] | None = None) -> Translation:
    """One member of one role on the resource that the inputs in `path` name."""
    return Translation(
        shape=partial(schema_shape, "cloudresourcemanager.v3", "Binding"),
        names={"member": "members[]"},
        local=frozenset(path.split()),
        checks={"role": _ROLE, "member": _MEMBER, **(checks or {})},
    )


# https://cloud.google.com/storage/docs/buckets#naming
_BUCKET = pattern(r"(?!goog)(?!.*google)[a-z0-9][a-z0-9_.-]{1,220}[a-z0-9]", "bucket names")
_KMS_KEY = pattern(
    r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+(/cryptoKeyVersions/\d+)?",
    "Cloud KMS key names",
)
_NETWORK = pattern(r"projects/(\d+|[a-z][^/]+)/global/networks/[^/]+", "Vertex `network`")
_RFC1035 = pattern(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", "Compute Engine names (RFC 1035)")

_IAM_ROWS: Mapping[str, Translation] = {
    "gcp:storage/bucketIAMMember:BucketIAMMember": _member("bucket", {"bucket": _BUCKET}),
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": _member(
        "repository location project"
    ),
    "gcp:serviceaccount/iAMMember:IAMMember": _member("serviceAccountId"),
    "gcp:projects/iAMMember:IAMMember": _member("project", {"project": _PROJECT}),
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": _member("cryptoKeyId"),
    "gcp:vertex/aiEndpointIamMember:AiEndpointIamMember": _member("endpoint location project"),
    "gcp:secretmanager/secretIamMember:SecretIamMember": _member("secretId project"),
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": _member("name location project"),
    "gcp:bigquery/datasetIamMember:DatasetIamMember": _member("datasetId project"),
    "gcp:pubsub/topicIAMMember:TopicIAMMember": _member("topic project"),
}

_STORAGE: Mapping[str, Translation] = {
    "gcp:storage/bucket:Bucket": _row(
        "storage.v1",
        "Bucket",
        {
            "uniformBucketLevelAccess": "iamConfiguration.uniformBucketLevelAccess.enabled",
            "publicAccessPrevention": "iamConfiguration.publicAccessPrevention",
            "lifecycleRules": "lifecycle.rule",
            "requesterPays": "billing.requesterPays",
        },
        local="forceDestroy enableObjectRetention"
        " lifecycleRules[].condition.withState"
        " lifecycleRules[].condition.sendAgeIfZero"
        " lifecycleRules[].condition.sendDaysSinceCustomTimeIfZero"
        " lifecycleRules[].condition.sendDaysSinceNoncurrentTimeIfZero"
        " lifecycleRules[].condition.sendNumNewerVersionsIfZero",
        checks={
            "name": _BUCKET,
            "encryption.defaultKmsKeyName": _KMS_KEY,
            # The document has no enums for these: `Bucket` in the JSON API's reference.
            "storageClass": one_of(
                ("STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE", "MULTI_REGIONAL", "REGIONAL"),
                "storage classes",
            ),
            "publicAccessPrevention": one_of(("enforced", "inherited"), "JSON API: Bucket"),
            "lifecycleRules[].action.type": one_of(
                ("Delete", "SetStorageClass", "AbortIncompleteMultipartUpload"), "JSON API: Bucket"
            ),
            "lifecycleRules[].condition.withState": one_of(
                ("LIVE", "ARCHIVED", "ANY"), "pulumi-gcp storage.Bucket"
            ),
            # `softDeletePolicy`: 0, or 7 to 90 days.
            "softDeletePolicy.retentionDurationSeconds": between(0, 7776000, "soft delete policy"),
        },
    ),
    "gcp:storage/bucketObject:BucketObject": _row(
        "storage.v1",
        "Object",
        local="source content detectMd5hash sourceMd5hash forceEmptyContentType customerEncryption",
        checks={"bucket": _BUCKET, "kmsKeyName": _KMS_KEY},
    ),
    "gcp:artifactregistry/repository:Repository": _row(
        "artifactregistry.v1",
        "Repository",
        # The API keys the policies by their ids.
        local="repositoryId location cleanupPolicies cleanupPolicies[].id",
        checks={
            # magic-modules `artifactregistry/Repository.yaml`.
            "repositoryId": pattern(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", "repository ids"),
            "location": _LOCATION,
            "kmsKeyName": _KMS_KEY,
        },
    ),
    "gcp:bigquery/dataset:Dataset": _row(
        "bigquery.v2",
        "Dataset",
        {
            "datasetId": "datasetReference.datasetId",
            "accesses": "access",
        },
        local="deleteContentsOnDestroy",
        checks={"datasetId": pattern(r"[A-Za-z0-9_]{1,1024}", "BigQuery dataset ids")},
    ),
    "gcp:bigquery/table:Table": _row(
        "bigquery.v2",
        "Table",
        {
            "datasetId": "tableReference.datasetId",
            "tableId": "tableReference.tableId",
            "clusterings": "clustering.fields",
        },
        # JSON of `TableSchema.fields`, as a list: the provider reads it.
        local="schema ignoreAutoGeneratedSchema ignoreSchemaChanges tableMetadataView",
        checks={
            "tableId": pattern(r"[\p{L}\p{M}\p{N}\p{Pc}\p{Pd}\p{Zs}]{1,1024}", "BigQuery table ids")
        },
    ),
}

_IDENTITY: Mapping[str, Translation] = {
    "gcp:serviceaccount/account:Account": _row(
        "iam.v1",
        "ServiceAccount",
        local="accountId createIgnoreAlreadyExists",
        checks={
            # magic-modules and `CreateServiceAccountRequest.accountId`.
            "accountId": pattern(r"[a-z]([-a-z0-9]{4,28}[a-z0-9])", "service account ids"),
            "displayName": pattern(r"[\s\S]{0,100}", "ServiceAccount.displayName"),
            "description": pattern(r"[\s\S]{0,256}", "ServiceAccount.description"),
        },
    ),
    "gcp:projects/service:Service": Translation(
        shape=partial(schema_shape, "serviceusage.v1", "EnableServiceRequest"),
        local=_PROVIDER
        | frozenset(
            {
                "service",
                "disableOnDestroy",
                "disableDependentServices",
                "checkIfServiceHasUsageOnDestroy",
            }
        ),
        checks={
            "service": pattern(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+", "service names"),
            "project": _PROJECT,
        },
    ),
    "gcp:projects/serviceIdentity:ServiceIdentity": Translation(
        shape=partial(schema_shape, "serviceusage.v1beta1", "ServiceIdentity"),
        local=_PROVIDER | {"service"},
        checks={
            "service": pattern(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+", "service names"),
            "project": _PROJECT,
        },
    ),
    "gcp:projects/iAMCustomRole:IAMCustomRole": _row(
        "iam.v1",
        "Role",
        {"permissions": "includedPermissions"},
        local="roleId",
        checks={
            "roleId": pattern(r"[A-Za-z0-9_.]{3,64}", "CreateRoleRequest.roleId"),
            "permissions[]": pattern(
                r"[a-z][A-Za-z0-9-]*\.[A-Za-z0-9]+\.[A-Za-z0-9]+", "IAM permissions"
            ),
        },
    ),
    "gcp:kms/keyRing:KeyRing": _row(
        "cloudkms.v1",
        "KeyRing",
        local="name location",
        checks={
            "name": pattern(r"[a-zA-Z0-9_-]{1,63}", "CreateKeyRing.keyRingId"),
            "location": _LOCATION,
        },
    ),
    "gcp:kms/cryptoKey:CryptoKey": _row(
        "cloudkms.v1",
        "CryptoKey",
        local="name keyRing skipInitialVersionCreation",
        checks={
            "name": pattern(r"[a-zA-Z0-9_-]{1,63}", "CreateCryptoKey.cryptoKeyId"),
            "keyRing": pattern(r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+", "key ring names"),
        },
    ),
    "gcp:secretmanager/secret:Secret": _row(
        "secretmanager.v1",
        "Secret",
        {"replication.auto": "automatic"},
        local="secretId",
        checks={
            "secretId": pattern(r"[A-Za-z0-9_-]{1,255}", "CreateSecret.secretId"),
            "replication": exclusive(
                "auto", "userManaged", needed=True, source="Secret Manager replication"
            ),
        },
    ),
}

# `AiEndpoint.name` of pulumi-gcp: digits alone, ten at most, no leading zero (mapping.md 5.1).
_ENDPOINT_ID = pattern(r"[1-9]\d{0,9}", "pulumi-gcp vertex.AiEndpoint.name")

_VERTEX: Mapping[str, Translation] = {
    "gcp:vertex/aiEndpoint:AiEndpoint": _row(
        "aiplatform.v1",
        "Endpoint",
        local="name location region trafficSplit",
        checks={
            "name": _ENDPOINT_ID,
            "location": _LOCATION,
            "network": _NETWORK,
            "encryptionSpec.kmsKeyName": _KMS_KEY,
            "displayName": pattern(r"[\s\S]{1,128}", "Endpoint.displayName: up to 128 characters"),
            "trafficSplit": json_text("Endpoint.trafficSplit"),
            "predictRequestResponseLoggingConfig.samplingRate": between(
                0, 1, "PredictRequestResponseLoggingConfig.samplingRate: (0, 1]"
            ),
            "predictRequestResponseLoggingConfig.bigqueryDestination.outputUri": pattern(
                r"bq://[^.]+(\.[^.]+(\.[^.]+)?)?", "BigQueryDestination.outputUri"
            ),
            "": exclusive(
                "network",
                "privateServiceConnectConfig",
                source="magic-modules vertexai/Endpoint.yaml: conflicts",
            ),
        },
    ),
    "gcp:vertex/aiDataset:AiDataset": _row(
        "aiplatform.v1",
        "Dataset",
        local="region",
        # Google's own dataset schemas say what else it holds.
        filled="metadata",
        checks={
            "encryptionSpec.kmsKeyName": _KMS_KEY,
            "metadataSchemaUri": pattern(
                r"gs://google-cloud-aiplatform/schema/dataset/metadata/[a-z_]+_[\d.]+\.yaml",
                "Dataset.metadataSchemaUri",
            ),
        },
    ),
    "gcp:vertex/aiTensorboard:AiTensorboard": _row(
        "aiplatform.v1",
        "Tensorboard",
        local="region",
        checks={"encryptionSpec.kmsKeyName": _KMS_KEY},
    ),
    "gcp:vertex/aiMetadataStore:AiMetadataStore": _row(
        "aiplatform.v1",
        "MetadataStore",
        local="name region",
        checks={
            "name": pattern(r"[a-z0-9][a-z0-9-]{0,127}", "CreateMetadataStore.metadataStoreId"),
            "encryptionSpec.kmsKeyName": _KMS_KEY,
        },
    ),
}

_COMPUTE: Mapping[str, Translation] = {
    "gcp:compute/network:Network": _row(
        "compute.v1",
        "Network",
        {
            "routingMode": "routingConfig.routingMode",
            "bgpBestPathSelectionMode": "routingConfig.bgpBestPathSelectionMode",
            "bgpAlwaysCompareMed": "routingConfig.bgpAlwaysCompareMed",
            "bgpInterRegionCost": "routingConfig.bgpInterRegionCost",
        },
        local="deleteDefaultRoutesOnCreate deleteBgpAlwaysCompareMed",
        checks={"name": _RFC1035},
    ),
    "gcp:compute/subnetwork:Subnetwork": _row(
        "compute.v1",
        "Subnetwork",
        local="sendSecondaryIpRangeIfEmpty",
        checks={"name": _RFC1035},
    ),
    "gcp:compute/globalAddress:GlobalAddress": _row(
        "compute.v1", "Address", checks={"name": _RFC1035}
    ),
    # `region` stands in the path alone: compute/NetworkAttachment.yaml, url_param_only.
    "gcp:compute/networkAttachment:NetworkAttachment": _row(
        "compute.v1", "NetworkAttachment", local="region", checks={"name": _RFC1035}
    ),
    "gcp:compute/forwardingRule:ForwardingRule": _row(
        "compute.v1",
        "ForwardingRule",
        local="recreateClosedPsc",
        checks={"name": pattern(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", "ForwardingRule.name")},
    ),
}

_RUN: Mapping[str, Translation] = {
    "gcp:cloudrunv2/service:Service": _row(
        "run.v2",
        "Service",
        {"template.containers[].envs": "env"},
        local="name location",
        checks={
            "name": pattern(r"[a-z]([-a-z0-9]{0,47}[a-z0-9])?", "CreateService.serviceId"),
            "location": _LOCATION,
        },
    ),
    "gcp:pubsub/topic:Topic": _row(
        "pubsub.v1",
        "Topic",
        local="name",
        filled="name",
        checks={
            "name": pattern(r"(?!goog)[A-Za-z][A-Za-z0-9_.~+%-]{2,254}", "Pub/Sub topic names")
        },
    ),
    "gcp:logging/metric:Metric": _row("logging.v2", "LogMetric"),
    "gcp:logging/projectSink:ProjectSink": _row(
        "logging.v2", "LogSink", local="uniqueWriterIdentity customWriterIdentity"
    ),
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": _row(
        "logging.v2",
        "LogBucket",
        local="bucketId location enableAnalytics",
        checks={"bucketId": pattern(r"[A-Za-z0-9_.-]{1,100}", "CreateBucket.bucketId")},
    ),
    "gcp:billing/budget:Budget": _row(
        "billingbudgets.v1",
        "GoogleCloudBillingBudgetsV1Budget",
        {"allUpdatesRule": "notificationsRule"},
        local="billingAccount ownershipScope",
        checks={
            "billingAccount": pattern(
                r"(billingAccounts/)?[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}", "billing account ids"
            ),
        },
    ),
    "gcp:monitoring/alertPolicy:AlertPolicy": _row("monitoring.v3", "AlertPolicy"),
    "gcp:monitoring/notificationChannel:NotificationChannel": _row(
        "monitoring.v3", "NotificationChannel"
    ),
}

TRANSLATIONS: Mapping[str, Translation] = {
    **_IAM_ROWS,
    **_STORAGE,
    **_IDENTITY,
    **_VERTEX,
    **_COMPUTE,
    **_RUN,
}
