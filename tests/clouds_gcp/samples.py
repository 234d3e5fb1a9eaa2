"""One of each thing that Google Cloud's adapters may register, in the order that they need."""

import json
from typing import Any

REGION = "europe-west4"
_PIPELINE = {
    "pipelineInfo": {"name": "p"},
    "schemaVersion": "2.1.0",
    "sdkVersion": "kfp-2.16",
    "root": {"dag": {"tasks": {}}},
}


def samples(project: str) -> dict[str, dict[str, Any]]:
    """Return valid inputs by type token."""
    place = f"projects/{project}/locations/{REGION}"
    key = f"{place}/keyRings/r/cryptoKeys/k"
    account = f"flights-train@{project}.iam.gserviceaccount.com"
    network = f"projects/{project}/global/networks/n"
    subnetwork = f"projects/{project}/regions/{REGION}/subnetworks/s"
    table = f"projects/{project}/datasets/flights/tables/t"
    topic = f"projects/{project}/topics/alerts"
    return {
        "gcp:projects/service:Service": {
            "project": project,
            "service": "pubsub.googleapis.com",
            "disableOnDestroy": False,
        },
        "gcp:projects/serviceIdentity:ServiceIdentity": {
            "project": project,
            "service": "aiplatform.googleapis.com",
        },
        "gcp:kms/keyRing:KeyRing": {
            "name": "r",
            "location": REGION,
        },
        "gcp:kms/cryptoKey:CryptoKey": {
            "name": "k",
            "keyRing": f"{place}/keyRings/r",
            "purpose": "ENCRYPT_DECRYPT",
            "rotationPeriod": "7776000s",
            "labels": {"a": "b"},
        },
        "gcp:storage/bucket:Bucket": {
            "name": "flights-x",
            "location": "EUROPE-WEST4",
            "uniformBucketLevelAccess": True,
            "publicAccessPrevention": "enforced",
            "versioning": {"enabled": True},
            "encryption": {"defaultKmsKeyName": key},
            "softDeletePolicy": {"retentionDurationSeconds": 604800},
            "lifecycleRules": [
                {
                    "action": {"type": "Delete"},
                    "condition": {"age": 30, "withState": "ARCHIVED", "matchesPrefixes": ["tmp/"]},
                }
            ],
            "labels": {"o": "m"},
            "forceDestroy": True,
        },
        "gcp:storage/bucketObject:BucketObject": {
            "bucket": "flights-x",
            "name": "a/b c.json",
            "content": "{}",
            "contentType": "application/json",
        },
        "gcp:storage/bucketIAMMember:BucketIAMMember": {
            "bucket": "flights-x",
            "role": "roles/storage.objectViewer",
            "member": "user:a@example.com",
        },
        "gcp:serviceaccount/account:Account": {
            "accountId": "flights-train",
            "displayName": "t",
        },
        "gcp:serviceaccount/iAMMember:IAMMember": {
            "serviceAccountId": f"projects/{project}/serviceAccounts/{account}",
            "role": "roles/iam.serviceAccountUser",
            "member": "user:a@example.com",
        },
        "gcp:projects/iAMMember:IAMMember": {
            "project": project,
            "role": "roles/aiplatform.user",
            "member": f"serviceAccount:{account}",
            "condition": {"title": "t", "expression": "true"},
        },
        "gcp:projects/iAMCustomRole:IAMCustomRole": {
            "roleId": "flights.reader",
            "title": "r",
            "permissions": ["storage.objects.get"],
            "stage": "GA",
        },
        "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": {
            "cryptoKeyId": key,
            "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter",
            "member": "user:a@example.com",
        },
        "gcp:secretmanager/secret:Secret": {
            "secretId": "s",
            "replication": {"auto": {}},
            "labels": {"a": "b"},
        },
        "gcp:secretmanager/secretIamMember:SecretIamMember": {
            "secretId": "s",
            "role": "roles/secretmanager.secretAccessor",
            "member": "user:a@example.com",
        },
        "gcp:artifactregistry/repository:Repository": {
            "repositoryId": "flights",
            "format": "DOCKER",
            "location": REGION,
            "kmsKeyName": key,
            "dockerConfig": {"immutableTags": True},
            "cleanupPolicies": [
                {
                    "id": "old",
                    "action": "DELETE",
                    "condition": {"tagState": "UNTAGGED", "olderThan": "2592000s"},
                }
            ],
        },
        "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": {
            "repository": "flights",
            "location": REGION,
            "role": "roles/artifactregistry.reader",
            "member": "user:a@example.com",
        },
        "gcp:bigquery/dataset:Dataset": {
            "datasetId": "flights",
            "location": REGION,
            "deleteContentsOnDestroy": True,
            "defaultEncryptionConfiguration": {"kmsKeyName": key},
            "labels": {"a": "b"},
        },
        "gcp:bigquery/datasetIamMember:DatasetIamMember": {
            "datasetId": "flights",
            "role": "roles/bigquery.dataEditor",
            "member": "user:a@example.com",
        },
        "gcp:bigquery/table:Table": {
            "datasetId": "flights",
            "tableId": "t",
            "deletionProtection": False,
            "schema": json.dumps([{"name": "a", "type": "STRING", "mode": "NULLABLE"}]),
            "timePartitioning": {"type": "DAY"},
            "clusterings": ["a"],
        },
        "gcp:compute/network:Network": {
            "name": "n",
            "autoCreateSubnetworks": False,
        },
        "gcp:compute/subnetwork:Subnetwork": {
            "name": "s",
            "ipCidrRange": "10.0.0.0/24",
            "network": network,
            "region": REGION,
            "privateIpGoogleAccess": True,
        },
        "gcp:compute/networkAttachment:NetworkAttachment": {
            "name": "a",
            "region": REGION,
            "connectionPreference": "ACCEPT_AUTOMATIC",
            "subnetworks": [subnetwork],
        },
        "gcp:compute/router:Router": {
            "name": "r",
            "region": REGION,
            "network": network,
        },
        "gcp:compute/routerNat:RouterNat": {
            "name": "nat",
            "region": REGION,
            "router": "r",
            "natIpAllocateOption": "AUTO_ONLY",
            "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
        },
        "gcp:compute/firewall:Firewall": {
            "name": "f",
            "network": network,
            "direction": "EGRESS",
            "denies": [{"protocol": "all"}],
            "destinationRanges": ["0.0.0.0/0"],
            "priority": 65000,
        },
        "gcp:compute/address:Address": {
            "name": "ad",
            "region": REGION,
            "addressType": "INTERNAL",
            "subnetwork": subnetwork,
        },
        "gcp:compute/globalAddress:GlobalAddress": {
            "name": "apis",
            "network": network,
            "address": "10.0.1.1",
            "addressType": "INTERNAL",
            "purpose": "PRIVATE_SERVICE_CONNECT",
        },
        "gcp:compute/globalForwardingRule:GlobalForwardingRule": {
            "name": "apis",
            "network": network,
            "ipAddress": f"projects/{project}/global/addresses/apis",
            "target": "all-apis",
            "loadBalancingScheme": "",
        },
        "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy": {
            "name": "vertex",
            "location": REGION,
            "serviceClass": "gcp-vertexai",
            "network": network,
            "pscConfig": {"subnetworks": [subnetwork]},
        },
        "gcp:dns/managedZone:ManagedZone": {
            "name": "z",
            "dnsName": "p.googleapis.com.",
            "description": "d",
            "visibility": "private",
        },
        "gcp:dns/recordSet:RecordSet": {
            "name": "a.p.googleapis.com.",
            "managedZone": "z",
            "type": "A",
            "ttl": 300,
            "rrdatas": ["10.0.0.5"],
        },
        "gcp:logging/projectBucketConfig:ProjectBucketConfig": {
            "project": project,
            "location": REGION,
            "bucketId": "logs",
            "retentionDays": 30,
        },
        "gcp:logging/projectSink:ProjectSink": {
            "name": "sink",
            "destination": f"logging.googleapis.com/{place}/buckets/logs",
            "filter": "severity>=ERROR",
            "uniqueWriterIdentity": True,
        },
        "gcp:logging/metric:Metric": {
            "name": "m",
            "filter": "severity>=ERROR",
            "metricDescriptor": {"metricKind": "DELTA", "valueType": "INT64"},
        },
        "gcp:pubsub/topic:Topic": {
            "name": "alerts",
            "labels": {"a": "b"},
        },
        "gcp:pubsub/subscription:Subscription": {
            "name": "sub",
            "topic": "alerts",
            "ackDeadlineSeconds": 20,
            "expirationPolicy": {"ttl": ""},
        },
        "gcp:pubsub/topicIAMMember:TopicIAMMember": {
            "topic": "alerts",
            "role": "roles/pubsub.publisher",
            "member": "user:a@example.com",
        },
        "gcp:monitoring/notificationChannel:NotificationChannel": {
            "type": "pubsub",
            "displayName": "c",
            "labels": {"topic": topic},
        },
        "gcp:monitoring/alertPolicy:AlertPolicy": {
            "displayName": "p",
            "combiner": "OR",
            "enabled": True,
            "conditions": [
                {
                    "displayName": "c",
                    "conditionThreshold": {
                        "filter": 'metric.type="custom.googleapis.com/x"',
                        "comparison": "COMPARISON_GT",
                        "thresholdValue": 0.5,
                        "duration": "0s",
                    },
                }
            ],
        },
        "gcp:monitoring/dashboard:Dashboard": {
            "dashboardJson": json.dumps({"displayName": "d", "gridLayout": {"widgets": []}}),
        },
        "gcp:workflows/workflow:Workflow": {
            "name": "w",
            "region": REGION,
            "sourceContents": "main:\n  steps: []\n",
            "deletionProtection": False,
        },
        "gcp:eventarc/trigger:Trigger": {
            "name": "t",
            "location": REGION,
            "matchingCriterias": [
                {"attribute": "type", "value": "google.cloud.pubsub.topic.v1.messagePublished"}
            ],
            "destination": {"workflow": f"{place}/workflows/w"},
            "transport": {"pubsub": {"topic": topic}},
            "serviceAccount": account,
        },
        "gcp:cloudscheduler/job:Job": {
            "name": "j",
            "region": REGION,
            "schedule": "0 3 * * *",
            "timeZone": "Etc/UTC",
            "pubsubTarget": {"topicName": topic, "data": "e30="},
        },
        "gcp:cloudrunv2/service:Service": {
            "name": "score",
            "location": REGION,
            "deletionProtection": False,
            "ingress": "INGRESS_TRAFFIC_ALL",
            "template": {
                "containers": [
                    {
                        "image": "i",
                        "envs": [{"name": "A", "value": "b"}],
                        "ports": {"containerPort": 8080},
                    }
                ]
            },
        },
        "gcp:sql/databaseInstance:DatabaseInstance": {
            "name": "trials",
            "region": REGION,
            "databaseVersion": "POSTGRES_17",
            "encryptionKeyName": key,
            "deletionProtection": False,
            "settings": {
                "tier": "db-custom-1-3840",
                "edition": "ENTERPRISE",
                "ipConfiguration": {
                    "ipv4Enabled": False,
                    "pscConfigs": [{"pscEnabled": True, "allowedConsumerProjects": [project]}],
                },
                "databaseFlags": [{"name": "cloudsql.iam_authentication", "value": "on"}],
            },
        },
        "gcp:sql/database:Database": {"name": "mlflow", "instance": "trials"},
        "gcp:sql/user:User": {
            "name": f"flights-train@{project}.iam",
            "instance": "trials",
            "type": "CLOUD_IAM_SERVICE_ACCOUNT",
            "databaseRoles": ["cloudsqlsuperuser"],
        },
        "gcp:compute/forwardingRule:ForwardingRule": {
            "name": "trials",
            "region": REGION,
            "network": network,
            "ipAddress": f"projects/{project}/regions/{REGION}/addresses/ad",
            "target": f"projects/{project}/regions/{REGION}/serviceAttachments/trials-psc",
            "loadBalancingScheme": "",
        },
        "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": {
            "name": "score",
            "location": REGION,
            "role": "roles/run.invoker",
            "member": "user:a@example.com",
        },
        "gcp:vertex/aiEndpoint:AiEndpoint": {
            "name": "1234567890",
            "displayName": "score",
            "location": REGION,
            "labels": {"a": "b"},
            "encryptionSpec": {"kmsKeyName": key},
            "predictRequestResponseLoggingConfig": {
                "enabled": True,
                "samplingRate": 1,
                "bigqueryDestination": {"outputUri": f"bq://{project}.flights.score"},
            },
        },
        "gcp:vertex/aiTensorboard:AiTensorboard": {
            "displayName": "t",
            "region": REGION,
        },
        "gcp:vertex/aiFeatureGroup:AiFeatureGroup": {
            "name": "g",
            "region": REGION,
            "bigQuery": {
                "bigQuerySource": {"inputUri": f"bq://{project}.flights.t"},
                "entityIdColumns": ["a"],
            },
        },
        "gcp:vertex/aiFeatureGroupFeature:AiFeatureGroupFeature": {
            "name": "f",
            "featureGroup": "g",
            "region": REGION,
            "versionColumnName": "f",
        },
        "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": {
            "name": "st",
            "region": REGION,
            "bigtable": {"autoScaling": {"minNodeCount": 1, "maxNodeCount": 2}},
            "forceDestroy": True,
        },
        "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview": {
            "name": "v",
            "featureOnlineStore": "st",
            "region": REGION,
            "syncConfig": {"cron": "0 * * * *"},
            "featureRegistrySource": {
                "featureGroups": [{"featureGroupId": "g", "featureIds": ["f"]}]
            },
        },
        "gcp:dataplex/datascan:Datascan": {
            "dataScanId": "d",
            "location": REGION,
            "data": {
                "resource": f"//bigquery.googleapis.com/{table}",
            },
            "executionSpec": {"trigger": {"onDemand": {}}},
            "dataQualitySpec": {
                "rules": [{"column": "a", "dimension": "VALIDITY", "nonNullExpectation": {}}]
            },
        },
        "gcp:colab/schedule:Schedule": {
            "displayName": "s",
            "location": REGION,
            "cron": "0 3 * * *",
            "maxConcurrentRunCount": "1",
            "createPipelineJobRequest": {
                "pipelineJob": {
                    "displayName": "p",
                    "pipelineSpec": json.dumps(_PIPELINE),
                    "runtimeConfig": {"gcsOutputDirectory": "gs://flights-x/runs"},
                    "serviceAccount": account,
                }
            },
        },
    }
