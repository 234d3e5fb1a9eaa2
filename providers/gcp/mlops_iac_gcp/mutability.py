"""What a changed property does to its resource: in place, replaced, or not known.

The provider's SDK carries none of it, so the table is read from what generates the provider.
`unknown` shows as "may replace", and counts as a replacement on what holds data.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mlops_iac.mutability import Table, mutability_table


@dataclass(frozen=True)
class Row:
    """The properties of one type by what their change does, and where that is written."""

    in_place: str = ""
    replace: str = ""
    unknown: str = ""
    source: str = ""


_MAGIC = "GoogleCloudPlatform/magic-modules mmv1/products"
_NOTES = "reference/mapping.md"
_POLICY = "a policy member is its whole identity: magic-modules, iam_member resources"

ROWS: Mapping[str, Row] = {
    "gcp:artifactregistry/repository:Repository": Row(
        in_place="cleanupPolicies cleanupPolicyDryRun description labels",
        replace="format kmsKeyName location mode project repositoryId",
        unknown="dockerConfig vulnerabilityScanningConfig",
        source=f"{_NOTES} 1.2",
    ),
    "gcp:bigquery/dataset:Dataset": Row(
        in_place="deleteContentsOnDestroy description labels",
        replace="datasetId location project",
        unknown="defaultEncryptionConfiguration",
        source=f"{_MAGIC}/bigquery/Dataset.yaml",
    ),
    "gcp:colab/schedule:Schedule": Row(
        in_place="allowQueueing createPipelineJobRequest cron desiredState displayName "
        "maxConcurrentRunCount",
        replace="location project",
        source=f"{_MAGIC}/colab/Schedule.yaml, nothing of it immutable",
    ),
    # A changed schema in which a column is gone, or of another type, would replace the table:
    # `FeatureSchema` refuses it first.
    "gcp:bigquery/table:Table": Row(
        in_place="clusterings deletionProtection description labels schema view",
        replace="datasetId project tableId",
        unknown="encryptionConfiguration timePartitioning",
        source=f"{_MAGIC}/../third_party/terraform/services/bigquery/resource_bigquery_table.go",
    ),
    "gcp:compute/firewall:Firewall": Row(
        in_place="allows denies destinationRanges logConfig priority sourceRanges",
        replace="direction name project",
        unknown="network",
        source=f"{_MAGIC}/compute/Firewall.yaml",
    ),
    "gcp:cloudrunv2/service:Service": Row(
        in_place="deletionProtection description ingress labels template traffics",
        replace="location name project",
        source=f"{_MAGIC}/cloudrunv2/Service.yaml",
    ),
    "gcp:compute/address:Address": Row(
        replace="address addressType name network project purpose region subnetwork",
        source=f"{_MAGIC}/compute/Address.yaml, immutable but for labels",
    ),
    "gcp:compute/forwardingRule:ForwardingRule": Row(
        in_place="labels target",
        replace="ipAddress loadBalancingScheme name network project region",
        source=f"{_MAGIC}/compute/ForwardingRule.yaml, immutable but for these",
    ),
    "gcp:compute/globalAddress:GlobalAddress": Row(
        replace="address addressType name network project purpose",
        source=f"{_MAGIC}/compute/GlobalAddress.yaml, immutable but for labels",
    ),
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": Row(
        in_place="target",
        replace="ipAddress loadBalancingScheme name network project",
        source=f"{_MAGIC}/compute/GlobalForwardingRule.yaml, immutable but for these",
    ),
    "gcp:compute/network:Network": Row(
        in_place="deleteDefaultRoutesOnCreate routingMode",
        replace="autoCreateSubnetworks description name project",
        source=f"{_MAGIC}/compute/Network.yaml",
    ),
    "gcp:compute/networkAttachment:NetworkAttachment": Row(
        replace="name project region",
        unknown="connectionPreference description subnetworks",
        source=f"{_MAGIC}/compute/NetworkAttachment.yaml",
    ),
    "gcp:compute/subnetwork:Subnetwork": Row(
        in_place="logConfig privateIpGoogleAccess",
        replace="name network project region",
        # A wider range is taken in place, another one is not.
        unknown="ipCidrRange",
        source=f"{_MAGIC}/compute/Subnetwork.yaml",
    ),
    "gcp:dns/managedZone:ManagedZone": Row(
        in_place="description labels privateVisibilityConfig",
        replace="dnsName name project visibility",
        source=f"{_MAGIC}/dns/ManagedZone.yaml",
    ),
    "gcp:dns/recordSet:RecordSet": Row(
        in_place="rrdatas ttl",
        replace="managedZone name project",
        unknown="type",
        source=f"{_MAGIC}/../third_party/terraform/services/dns/resource_dns_record_set.go",
    ),
    "gcp:kms/cryptoKey:CryptoKey": Row(
        in_place="labels rotationPeriod",
        replace="destroyScheduledDuration keyRing name purpose",
        unknown="versionTemplate",
        source=f"{_MAGIC}/kms/CryptoKey.yaml",
    ),
    "gcp:kms/keyRing:KeyRing": Row(
        replace="location name project", source=f"{_MAGIC}/kms/KeyRing.yaml, immutable"
    ),
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": Row(
        in_place="description retentionDays",
        replace="bucketId location project",
        unknown="cmekSettings",
        source="https://cloud.google.com/logging/docs/buckets",
    ),
    "gcp:logging/projectSink:ProjectSink": Row(
        in_place="description destination filter",
        replace="name project",
        unknown="uniqueWriterIdentity",
        source="https://cloud.google.com/logging/docs/export/configure_export_v2",
    ),
    "gcp:eventarc/trigger:Trigger": Row(
        in_place="destination eventDataContentType labels serviceAccount",
        replace="channel location matchingCriterias name project transport",
        source=f"{_MAGIC}/eventarc/Trigger.yaml",
    ),
    "gcp:monitoring/alertPolicy:AlertPolicy": Row(
        in_place="alertStrategy combiner conditions displayName documentation enabled "
        "notificationChannels severity userLabels",
        replace="project",
        source=f"{_MAGIC}/monitoring/AlertPolicy.yaml",
    ),
    "gcp:monitoring/metricDescriptor:MetricDescriptor": Row(
        replace="description displayName launchStage metadata metricKind project type unit "
        "valueType",
        # A label is added in place, none goes without a new descriptor.
        unknown="labels",
        source=f"{_MAGIC}/monitoring/MetricDescriptor.yaml",
    ),
    "gcp:monitoring/notificationChannel:NotificationChannel": Row(
        in_place="description displayName enabled labels userLabels",
        replace="project",
        unknown="type",
        source=f"{_MAGIC}/monitoring/NotificationChannel.yaml",
    ),
    "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy": Row(
        in_place="description labels pscConfig",
        replace="location name project serviceClass",
        unknown="network",
        source=f"{_MAGIC}/networkconnectivity/ServiceConnectionPolicies.yaml",
    ),
    "gcp:pubsub/subscription:Subscription": Row(
        in_place="ackDeadlineSeconds expirationPolicy labels messageRetentionDuration pushConfig "
        "retryPolicy",
        replace="name project topic",
        source=f"{_MAGIC}/pubsub/Subscription.yaml",
    ),
    "gcp:pubsub/topic:Topic": Row(
        in_place="kmsKeyName labels messageRetentionDuration messageStoragePolicy",
        replace="name project",
        source=f"{_MAGIC}/pubsub/Topic.yaml",
    ),
    "gcp:workflows/workflow:Workflow": Row(
        in_place="callLogLevel cryptoKeyName deletionProtection description labels serviceAccount"
        " sourceContents",
        replace="name project region",
        source=f"{_MAGIC}/workflows/Workflow.yaml",
    ),
    "gcp:projects/iAMCustomRole:IAMCustomRole": Row(
        in_place="description permissions stage title",
        replace="project roleId",
        source="discovery iam.v1, projects.roles.patch",
    ),
    "gcp:projects/service:Service": Row(
        in_place="disableOnDestroy", replace="project service", source=f"{_NOTES} 1.6"
    ),
    "gcp:projects/serviceIdentity:ServiceIdentity": Row(
        replace="project service", source=f"{_MAGIC}/serviceusage, made once"
    ),
    "gcp:serviceaccount/account:Account": Row(
        in_place="description displayName",
        replace="accountId project",
        source=f"{_NOTES} 1.3",
    ),
    "gcp:sql/database:Database": Row(
        in_place="charset collation deletionPolicy",
        replace="instance name project",
        source=f"{_MAGIC}/sql/Database.yaml",
    ),
    "gcp:sql/databaseInstance:DatabaseInstance": Row(
        in_place="deletionProtection",
        replace="encryptionKeyName name project region",
        # An older version or a smaller disk replaces it; most else of `settings` restarts it.
        unknown="databaseVersion settings",
        source=f"{_MAGIC}/../third_party/terraform/services/sql/"
        "resource_sql_database_instance.go.tmpl",
    ),
    "gcp:sql/user:User": Row(
        replace="instance name project type",
        unknown="databaseRoles deletionPolicy",
        source=f"{_MAGIC}/../third_party/terraform/services/sql/resource_sql_user.go",
    ),
    "gcp:storage/bucket:Bucket": Row(
        in_place="encryption forceDestroy labels lifecycleRules logging publicAccessPrevention "
        "retentionPolicy softDeletePolicy uniformBucketLevelAccess versioning",
        replace="location name project",
        source=f"{_NOTES} 1.1; discovery storage.v1, buckets.patch",
    ),
    "gcp:storage/bucketObject:BucketObject": Row(
        replace="bucket name",
        # Never tried by us: a changed content has a changed name, which replaces anyway.
        unknown="content contentType metadata source",
        source="mlops_iac_gcp.objects",
    ),
    "gcp:vertex/aiEndpoint:AiEndpoint": Row(
        in_place="description displayName labels predictRequestResponseLoggingConfig",
        replace="encryptionSpec location name project region",
        unknown="dedicatedEndpointEnabled privateServiceConnectConfig",
        source=f"{_MAGIC}/vertexai/Endpoint.yaml",
    ),
    "gcp:vertex/aiFeatureGroup:AiFeatureGroup": Row(
        in_place="description labels",
        replace="name project region",
        unknown="bigQuery",
        source=f"{_MAGIC}/vertexai/FeatureGroup.yaml",
    ),
    "gcp:vertex/aiFeatureGroupFeature:AiFeatureGroupFeature": Row(
        in_place="description labels versionColumnName",
        replace="featureGroup name project region",
        source=f"{_MAGIC}/vertexai/FeatureGroupFeature.yaml",
    ),
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": Row(
        in_place="bigtable labels",
        replace="encryptionSpec name project region",
        source=f"{_MAGIC}/vertexai/FeatureOnlineStore.yaml",
    ),
    "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview": Row(
        in_place="labels",
        replace="featureOnlineStore name project region",
        unknown="bigQuerySource",
        source=f"{_MAGIC}/vertexai/FeatureOnlineStoreFeatureview.yaml",
    ),
    "gcp:vertex/aiTensorboard:AiTensorboard": Row(
        in_place="description displayName labels",
        replace="encryptionSpec project region",
        source=f"{_MAGIC}/vertexai/Tensorboard.yaml",
    ),
    **{
        token: Row(replace=properties, source=_POLICY)
        for token, properties in {
            "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": (
                "location member project repository role"
            ),
            "gcp:bigquery/datasetIamMember:DatasetIamMember": "datasetId member project role",
            "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": "location member name project role",
            "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": "cryptoKeyId member role",
            "gcp:projects/iAMMember:IAMMember": "condition member project role",
            "gcp:secretmanager/secretIamMember:SecretIamMember": "member project role secretId",
            "gcp:serviceaccount/iAMMember:IAMMember": "member role serviceAccountId",
            "gcp:pubsub/topicIAMMember:TopicIAMMember": "member project role topic",
            "gcp:storage/bucketIAMMember:BucketIAMMember": "bucket condition member role",
        }.items()
    },
}


MUTABILITY: Table = mutability_table(
    replaced={token: row.replace.split() for token, row in ROWS.items()},
    in_place={token: row.in_place.split() for token, row in ROWS.items()},
    unknown={token: row.unknown.split() for token, row in ROWS.items()},
)
"""By type token and property: what a change does; `ROWS` has the sources."""
