"""What Google Cloud's APIs accept as names and labels."""

import re
from collections.abc import Mapping

from mlops_iac.names import HASH_LENGTH
from mlops_iac.provider import NameRule

# https://cloud.google.com/storage/docs/buckets#naming ; `goog` is a reserved beginning.
BUCKET = NameRule(
    max_length=63,
    min_length=3,
    pattern=r"[a-z][a-z0-9-]{1,61}[a-z0-9]",
    source="https://cloud.google.com/storage/docs/buckets#naming",
)
# IAM API: projects.serviceAccounts.create, `accountId`.
SERVICE_ACCOUNT = NameRule(
    max_length=30,
    min_length=6,
    pattern=r"[a-z]([-a-z0-9]{4,28}[a-z0-9])",
    source="discovery iam.v1, CreateServiceAccountRequest.accountId",
)
# Custom roles stay reserved for 37 days after their deletion; the provider undeletes its own.
ROLE = NameRule(
    max_length=64,
    min_length=3,
    separator="_",
    pattern=r"[a-zA-Z0-9_.]{3,64}",
    source="https://cloud.google.com/iam/docs/creating-custom-roles",
)
KEY = NameRule(
    max_length=63,
    pattern=r"[a-zA-Z0-9_-]{1,63}",
    source="discovery cloudkms.v1, keyRings.create keyRingId",
)
REPOSITORY = NameRule(
    max_length=63,
    pattern=r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
    source="https://cloud.google.com/artifact-registry/docs/repositories/create-repos",
)
COMPUTE = NameRule(
    max_length=63,
    pattern=r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?",
    source="discovery compute.v1, NetworkAttachment.name",
)
# https://cloud.google.com/vpc/docs/configure-private-service-connect-apis
APIS_ENDPOINT = NameRule(
    max_length=20,
    separator="",
    pattern=r"[a-z][a-z0-9]{0,19}",
    source="https://cloud.google.com/vpc/docs/configure-private-service-connect-apis#create-endpoint",
)
LOG = NameRule(
    max_length=100,
    pattern=r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}",
    source="https://cloud.google.com/logging/docs/buckets#create_bucket",
)
# BigQuery datasets take letters, digits and `_` only.
BIGQUERY_DATASET = NameRule(
    max_length=1024,
    separator="_",
    pattern=r"[A-Za-z0-9_]{1,1024}",
    source="https://cloud.google.com/bigquery/docs/datasets#dataset-naming",
)
# The Pulumi provider, unlike the API, demands digits: `pulumi_gcp.vertex.AiEndpoint.name`.
ENDPOINT = NameRule(
    max_length=10,
    digits_only=True,
    pattern=r"[1-9][0-9]{0,9}",
    source="pulumi_gcp 10.2 vertex.AiEndpoint.name",
)
# A revision's tag, `---`, this, `-` and the project's number are one label of its address.
SERVICE = NameRule(
    max_length=30,
    pattern=r"[a-z]([-a-z0-9]{0,28}[a-z0-9])?",
    source="discovery run.v2, services.create serviceId; RFC 1035: 63 characters",
)
# Its socket, `/cloudsql/PROJECT:REGION:INSTANCE/.s.PGSQL.5432`, has 108 characters at most.
SQL_INSTANCE = NameRule(
    max_length=28,
    pattern=r"[a-z]([a-z0-9-]{0,26}[a-z0-9])?",
    source="https://cloud.google.com/sql/docs/postgres/instance-settings#instance-id-2ndgen",
)
MODEL = NameRule(
    max_length=63,
    pattern=r"[a-z_-][a-z0-9_-]{0,62}",
    source="discovery aiplatform.v1, UploadModelRequest.modelId",
)
# What an endpoint serves is a model of its own: this, `-`, and the hash of its content.
COPY = NameRule(
    max_length=63 - 1 - HASH_LENGTH,
    pattern=r"[a-z_-][a-z0-9_-]{0,53}",
    source="discovery aiplatform.v1, UploadModelRequest.modelId",
)
# The id of a run is the experiment's, `-` and the run's own: 128 characters together.
EXPERIMENT = NameRule(
    max_length=60,
    min_length=4,
    pattern=r"[a-z0-9][a-z0-9-]{3,59}",
    source="discovery aiplatform.v1, contexts.create contextId",
)
DISPLAY = NameRule(
    max_length=128,
    pattern=r".{1,128}",
    source="discovery aiplatform.v1, CustomJob.displayName",
)
# Also the beginning of the ids of its runs, which go into labels with a part of their key.
PIPELINE = NameRule(
    max_length=40,
    pattern=r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?",
    source="kfp 2.16 PipelineInfo.name; discovery aiplatform.v1, pipelineJobs.create pipelineJobId",
)

# Ids of feature groups, their features and views; a feature's own name may have 64 characters.
FEATURES = NameRule(
    max_length=60,
    separator="_",
    pattern=r"[a-z][a-z0-9_]{0,59}",
    source="discovery aiplatform.v1, featureGroups.create featureGroupId, featureViewId",
)

TOPIC = NameRule(
    max_length=255,
    min_length=3,
    pattern=r"[A-Za-z][A-Za-z0-9._~+%-]{2,254}",
    source="https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names",
)
# Workflows and triggers of Eventarc.
WORKFLOW = NameRule(
    max_length=63,
    pattern=r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
    source="discovery eventarc.v1, triggers.create triggerId; workflows.v1, workflows.create",
)
# The last part of `custom.googleapis.com/mlops-iac/…`.
METRIC = NameRule(
    max_length=100,
    pattern=r"[a-z0-9][a-z0-9_-]{0,99}",
    source="https://cloud.google.com/monitoring/api/v3/naming-conventions",
)

LABEL_PATTERN = re.compile(r"[a-z][a-z0-9_-]{0,62}")
"""Label keys. https://cloud.google.com/compute/docs/labeling-resources#requirements"""
LABEL_LENGTH = 63


def label_key(key: str) -> str:
    """Return `key` in the only spelling that labels have; not yet judged."""
    return _plain(key)


def labels(tags: Mapping[str, str]) -> dict[str, str]:
    """Return `tags` as labels: lower case, `_` for what labels do not take, cut to 63."""
    return {label_key(key): _plain(value) for key, value in tags.items()}


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "_", text.lower())[:LABEL_LENGTH]
