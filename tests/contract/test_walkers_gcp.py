"""The Google Cloud walkers pass valid inputs and catch each planted fault.

Limit: samples are written by hand; that Google Cloud itself takes them is not proved here.
"""

from typing import Any

import pytest

from tests.contract.faults import REMOVED, assert_found, planted
from tests.contract.walkers import checks
from tests.contract.walkers.finding import Rule

_UNKNOWN = {"$unknown": True}
_KEY = "projects/flights-dev/locations/europe-west4/keyRings/r/cryptoKeys/k"
_BUCKET = "gcp:storage/bucket:Bucket"
_ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
_REPOSITORY = "gcp:artifactregistry/repository:Repository"
_ACCOUNT = "gcp:serviceaccount/account:Account"
_GRANT = "gcp:projects/iAMMember:IAMMember"
_CRYPTO = "gcp:kms/cryptoKey:CryptoKey"
_SECRET = "gcp:secretmanager/secret:Secret"
_BUDGET = "gcp:billing/budget:Budget"
_SERVICE = "gcp:cloudrunv2/service:Service"

SAMPLES: dict[str, dict[str, Any]] = {
    _BUCKET: {
        "name": "flights-data-1f2e",
        "location": "EUROPE-WEST4",
        "storageClass": "STANDARD",
        "uniformBucketLevelAccess": True,
        "publicAccessPrevention": "enforced",
        "versioning": {"enabled": True},
        "encryption": {"defaultKmsKeyName": _KEY},
        "softDeletePolicy": {"retentionDurationSeconds": 604800},
        "lifecycleRules": [
            {
                "action": {"type": "Delete"},
                "condition": {"age": 30, "withState": "ARCHIVED", "matchesPrefixes": ["tmp/"]},
            }
        ],
        "labels": {"owner": "ml"},
        "forceDestroy": True,
    },
    _ENDPOINT: {
        "name": "1234567890",
        "displayName": "score",
        "location": "europe-west4",
        "encryptionSpec": {"kmsKeyName": _UNKNOWN},
        "predictRequestResponseLoggingConfig": {
            "enabled": True,
            "samplingRate": 1,
            "bigqueryDestination": {"outputUri": "bq://flights-dev.capture.score"},
        },
    },
    _REPOSITORY: {
        "repositoryId": "flights",
        "format": "DOCKER",
        "location": "europe-west4",
        "kmsKeyName": _KEY,
        "cleanupPolicies": [{"id": "old", "action": "DELETE"}],
    },
    _ACCOUNT: {"accountId": "flights-train", "displayName": "training"},
    _GRANT: {
        "project": "flights-dev",
        "role": "roles/aiplatform.user",
        "member": "serviceAccount:flights@flights-dev.iam.gserviceaccount.com",
    },
    _CRYPTO: {
        "name": "data",
        "keyRing": _UNKNOWN,
        "purpose": "ENCRYPT_DECRYPT",
        "rotationPeriod": "7776000s",
        "versionTemplate": {"algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION"},
    },
    "gcp:kms/keyRing:KeyRing": {"name": "flights", "location": "europe-west4"},
    _SECRET: {"secretId": "token", "replication": {"auto": {}}},
    "gcp:projects/service:Service": {"service": "aiplatform.googleapis.com"},
    "gcp:vertex/aiMetadataStore:AiMetadataStore": {"name": "default", "region": "europe-west4"},
    "gcp:compute/network:Network": {
        "name": "ml",
        "autoCreateSubnetworks": False,
        "routingMode": "REGIONAL",
    },
    "gcp:compute/subnetwork:Subnetwork": {
        "name": "ml",
        "ipCidrRange": "10.0.0.0/24",
        "network": _UNKNOWN,
        "region": "europe-west4",
        "privateIpGoogleAccess": True,
    },
    _SERVICE: {
        "name": "score",
        "location": "europe-west4",
        "ingress": "INGRESS_TRAFFIC_ALL",
        "template": {
            "serviceAccount": _UNKNOWN,
            "containers": [
                {
                    "image": "image",
                    "envs": [{"name": "A", "value": "b"}],
                    "ports": {"containerPort": 80},
                }
            ],
        },
    },
    _BUDGET: {
        "billingAccount": "000000-111111-AAAAAA",
        "displayName": "flights",
        "amount": {"specifiedAmount": {"currencyCode": "USD", "units": "100"}},
        "thresholdRules": [{"thresholdPercent": 0.8, "spendBasis": "CURRENT_SPEND"}],
    },
}

FAULTS = [
    # (id, token, path, planted value, rule)
    ("capitals", _BUCKET, "name", "Flights-Data", Rule.PATTERN),
    ("google", _BUCKET, "name", "google-data", Rule.PATTERN),
    ("class", _BUCKET, "storageClass", "HOT", Rule.ENUM),
    ("prevention", _BUCKET, "publicAccessPrevention", "ENFORCED", Rule.ENUM),
    ("key-short", _BUCKET, "encryption.defaultKmsKeyName", "data", Rule.PATTERN),
    ("text-for-number", _BUCKET, "lifecycleRules[0].condition.age", "30", Rule.TYPE),
    ("action", _BUCKET, "lifecycleRules[0].action.type", "Remove", Rule.ENUM),
    ("action-missing", _BUCKET, "lifecycleRules[0].action", REMOVED, Rule.REQUIRED),
    ("label", _BUCKET, "labels.owner", "ML Team", Rule.PATTERN),
    ("wrong-nesting", _BUCKET, "iamConfiguration", {}, Rule.UNKNOWN),
    ("location-missing", _BUCKET, "location", REMOVED, Rule.REQUIRED),
    ("soft-delete", _BUCKET, "softDeletePolicy.retentionDurationSeconds", 9999999, Rule.MAX),
    ("hidden", _BUCKET, "versioning", _UNKNOWN, Rule.OPAQUE),
    ("endpoint-name", _ENDPOINT, "name", "score", Rule.PATTERN),
    ("leading-zero", _ENDPOINT, "name", "0123", Rule.PATTERN),
    ("display-missing", _ENDPOINT, "displayName", REMOVED, Rule.REQUIRED),
    ("display-long", _ENDPOINT, "displayName", "a" * 129, Rule.PATTERN),
    ("zone", _ENDPOINT, "location", "Europe West", Rule.PATTERN),
    ("network", _ENDPOINT, "network", "default", Rule.PATTERN),
    ("read-only", _ENDPOINT, "createTime", "2026-01-01T00:00:00Z", Rule.UNKNOWN),
    (
        "sampling",
        _ENDPOINT,
        "predictRequestResponseLoggingConfig.samplingRate",
        5,
        Rule.MAX,
    ),
    (
        "destination",
        _ENDPOINT,
        "predictRequestResponseLoggingConfig.bigqueryDestination.outputUri",
        "gs://bucket",
        Rule.PATTERN,
    ),
    ("key-missing", _ENDPOINT, "encryptionSpec", {}, Rule.REQUIRED),
    ("split", _ENDPOINT, "trafficSplit", "{", Rule.FORMAT),
    ("format", _REPOSITORY, "format", "docker", Rule.ENUM),
    ("repository", _REPOSITORY, "repositoryId", "Flights", Rule.PATTERN),
    ("short-account", _ACCOUNT, "accountId", "ml", Rule.PATTERN),
    ("email-for-id", _ACCOUNT, "accountId", "a@b.iam.gserviceaccount.com", Rule.PATTERN),
    ("member-kind", _GRANT, "member", "flights@flights-dev.iam", Rule.PATTERN),
    ("role", _GRANT, "role", "aiplatform.user", Rule.PATTERN),
    ("purpose", _CRYPTO, "purpose", "ENCRYPT", Rule.ENUM),
    ("duration", _CRYPTO, "rotationPeriod", "90d", Rule.FORMAT),
    ("algorithm", _CRYPTO, "versionTemplate.algorithm", "AES", Rule.ENUM),
    ("two-replications", _SECRET, "replication.userManaged", {"replicas": []}, Rule.UNION),
    ("service", "gcp:projects/service:Service", "service", "aiplatform", Rule.PATTERN),
    ("routing", "gcp:compute/network:Network", "routingMode", "LOCAL", Rule.ENUM),
    ("ingress", _SERVICE, "ingress", "ALL", Rule.ENUM),
    ("port", _SERVICE, "template.containers[0].ports.containerPort", "80", Rule.TYPE),
    ("account", _BUDGET, "billingAccount", "flights", Rule.PATTERN),
    ("basis", _BUDGET, "thresholdRules[0].spendBasis", "CURRENT", Rule.ENUM),
]
# A union is judged where it stands.
_UNION_PLACE = {"replication.userManaged": "replication"}

_UPLOAD: dict[str, Any] = {
    "modelId": "late",
    "model": {
        "displayName": "late",
        "versionAliases": ["champion"],
        "artifactUri": "gs://flights/models/1",
        "containerSpec": {
            "imageUri": "europe-west4-docker.pkg.dev/p/r/serve@sha256:0f",
            "predictRoute": "/predict",
            "healthRoute": "/health",
            "ports": [{"containerPort": 8080}],
            "deploymentTimeout": "1200s",
            "sharedMemorySizeMb": "64",
        },
    },
}
_DEPLOY: dict[str, Any] = {
    "deployedModel": {
        "id": "1",
        "model": "projects/p/locations/europe-west4/models/late@1",
        "displayName": "late",
        "dedicatedResources": {
            "machineSpec": {"machineType": "n1-standard-2"},
            "minReplicaCount": 1,
            "maxReplicaCount": 2,
        },
    },
    "trafficSplit": {"0": 100},
}
_REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "upload": ("projects.locations.models.upload", _UPLOAD),
    "deploy": ("projects.locations.endpoints.deployModel", _DEPLOY),
}
_ACCELERATOR = "deployedModel.dedicatedResources.machineSpec.acceleratorType"

REQUEST_FAULTS = [
    ("image-missing", "upload", "model.containerSpec.imageUri", REMOVED, Rule.REQUIRED),
    ("int64-number", "upload", "model.containerSpec.sharedMemorySizeMb", 64, Rule.TYPE),
    ("port-text", "upload", "model.containerSpec.ports[0].containerPort", "8080", Rule.TYPE),
    ("timeout", "upload", "model.containerSpec.deploymentTimeout", "20m", Rule.FORMAT),
    ("read-only", "upload", "model.versionId", "1", Rule.READ_ONLY),
    ("wrong-nesting", "upload", "imageUri", "image", Rule.UNKNOWN),
    ("alias", "upload", "model.versionAliases[0]", "1st", Rule.PATTERN),
    ("model-id", "upload", "modelId", "projects/p/models/late", Rule.PATTERN),
    ("artifact", "upload", "model.artifactUri", "s3://flights", Rule.PATTERN),
    ("route", "upload", "model.containerSpec.predictRoute", "predict", Rule.PATTERN),
    ("deployed-id", "deploy", "deployedModel.id", "late", Rule.PATTERN),
    ("split", "deploy", "trafficSplit", {"0": 90}, Rule.FORMAT),
    ("accelerator", "deploy", _ACCELERATOR, "T4", Rule.ENUM),
    ("deprecated", "deploy", _ACCELERATOR, "NVIDIA_TESLA_K80", Rule.DEPRECATED),
    (
        "no-machine",
        "deploy",
        "deployedModel.dedicatedResources.machineSpec",
        REMOVED,
        Rule.REQUIRED,
    ),
]


@pytest.mark.parametrize("token", SAMPLES)
def test_valid_inputs_have_no_finding(token: str) -> None:
    assert [str(f) for f in checks.gcp(token, SAMPLES[token])] == []


@pytest.mark.parametrize(
    ("token", "path", "value", "rule"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_planted_fault_is_caught(token: str, path: str, value: object, rule: Rule) -> None:
    findings = checks.gcp(token, planted(SAMPLES[token], path, value))

    expected = path if path != "encryptionSpec" else "encryptionSpec.kmsKeyName"
    assert_found(findings, _UNION_PLACE.get(path, expected), rule)


@pytest.mark.parametrize("name", _REQUESTS)
def test_valid_request_has_no_finding(name: str) -> None:
    operation, body = _REQUESTS[name]

    assert [str(f) for f in checks.request("aiplatform.v1", operation, body)] == []


@pytest.mark.parametrize(
    ("name", "path", "value", "rule"),
    [f[1:] for f in REQUEST_FAULTS],
    ids=[f[0] for f in REQUEST_FAULTS],
)
def test_planted_fault_in_a_request_is_caught(
    name: str, path: str, value: object, rule: Rule
) -> None:
    operation, body = _REQUESTS[name]

    findings = checks.request("aiplatform.v1", operation, planted(body, path, value))

    assert_found(findings, path, rule)


def test_two_kinds_of_resources_are_caught() -> None:
    body = planted(_DEPLOY, "deployedModel.automaticResources", {})
    operation = _REQUESTS["deploy"][0]

    assert_found(checks.request("aiplatform.v1", operation, body), "deployedModel", Rule.UNION)


def test_path_parameters_are_judged() -> None:
    params = {"parent": "projects/p"}
    operation = _REQUESTS["upload"][0]

    findings = checks.request("aiplatform.v1", operation, _UPLOAD, params)

    assert_found(findings, "parent", Rule.PATTERN)


@pytest.mark.parametrize("token", ["gcp:vertex/aiModel:AiModel", "gcp:redis/instance:Instance"])
def test_token_without_a_table_is_a_finding(token: str) -> None:
    assert Rule.TOKEN in {f.rule for f in checks.gcp(token, {})}


def test_unknown_method_is_a_finding() -> None:
    findings = checks.request("aiplatform.v1", "projects.locations.models.put", {})

    assert_found(findings, "", Rule.TOKEN)
