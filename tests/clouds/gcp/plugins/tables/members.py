"""Policies: who may use what. Ids: terraform-provider-google, the `iam_*` resources."""

from collections.abc import Mapping

from tests.clouds.gcp.plugins.rows import Member

_PLACED = "projects/{project}/locations/{location}"

MEMBERS: Mapping[str, Member] = {
    "gcp:storage/bucketIAMMember:BucketIAMMember": Member(
        api="storage.v1", methods="buckets", resource="{bucket}", parameter="bucket",
        id="b/{bucket}",
    ),
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": Member(
        api="artifactregistry.v1", methods="projects.locations.repositories",
        resource=f"{_PLACED}/repositories/{{repository}}",
    ),
    "gcp:serviceaccount/iAMMember:IAMMember": Member(
        api="iam.v1", methods="projects.serviceAccounts", resource="{serviceAccountId}"
    ),
    "gcp:projects/iAMMember:IAMMember": Member(
        api="cloudresourcemanager.v1", methods="projects", resource="{project}"
    ),
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": Member(
        api="cloudkms.v1", methods="projects.locations.keyRings.cryptoKeys",
        resource="{cryptoKeyId}",
    ),
    "gcp:secretmanager/secretIamMember:SecretIamMember": Member(
        api="secretmanager.v1", methods="projects.secrets",
        resource="projects/{project}/secrets/{secretId}",
    ),
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": Member(
        api="run.v2", methods="projects.locations.services", resource=f"{_PLACED}/services/{{name}}"
    ),
    "gcp:pubsub/topicIAMMember:TopicIAMMember": Member(
        api="pubsub.v1", methods="projects.topics", resource="projects/{project}/topics/{topic}"
    ),
    "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember": Member(
        api="pubsub.v1", methods="projects.subscriptions",
        resource="projects/{project}/subscriptions/{subscription}",
    ),
    "gcp:bigquery/datasetIamMember:DatasetIamMember": Member(
        api="bigquery.v2", methods="datasets", resource="projects/{project}/datasets/{datasetId}"
    ),
}  # fmt: skip
