"""A fault planted into one of each thing that `gcp` may register is caught by the walkers.

Proves that the contract tests would see an adapter's slip in schedules, alerts, events, features,
scans, networks, tables and policies: a wrong enum, a missing or misplaced field, a wrong unit, and
faults inside texts of JSON. Those of storage, endpoints and keys are in `test_walkers_gcp.py`; the
samples themselves are made in the test cloud by `tests/clouds_gcp/test_plugin.py`.
"""

import json
from typing import Any

import pytest

from tests.clouds_gcp.samples import samples
from tests.contract.faults import REMOVED, assert_found, planted
from tests.contract.walkers import checks
from tests.contract.walkers.finding import Rule

_SAMPLES = samples("flights-dev")
_ALERT = "gcp:monitoring/alertPolicy:AlertPolicy"
_CHANNEL = "gcp:monitoring/notificationChannel:NotificationChannel"
_DASHBOARD = "gcp:monitoring/dashboard:Dashboard"
_DATASET = "gcp:bigquery/dataset:Dataset"
_ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
_FIREWALL = "gcp:compute/firewall:Firewall"
_GROUP = "gcp:vertex/aiFeatureGroup:AiFeatureGroup"
_JOB = "gcp:cloudscheduler/job:Job"
_NAT = "gcp:compute/routerNat:RouterNat"
_RECORD = "gcp:dns/recordSet:RecordSet"
_REPOSITORY = "gcp:artifactregistry/repository:Repository"
_SCAN = "gcp:dataplex/datascan:Datascan"
_SCHEDULE = "gcp:colab/schedule:Schedule"
_STORE = "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore"
_SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
_TABLE = "gcp:bigquery/table:Table"
_TRIGGER = "gcp:eventarc/trigger:Trigger"
_VIEW = "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview"
_WORKFLOW = "gcp:workflows/workflow:Workflow"
_ZONE = "gcp:dns/managedZone:ManagedZone"
_PIPELINE = "createPipelineJobRequest.pipelineJob"
_CONDITION = "conditions[0].conditionThreshold"
_SERVICE_IMAGE = "template.containers[0].image"
_SCALING = "bigtable.autoScaling"
_KEY = "encryptionSpec.kmsKeyName"

FAULTS: list[tuple[str, str, object, Rule]] = [
    # type, path, planted value, rule
    (_SCHEDULE, "cron", "every day", Rule.CRON),
    (_SCHEDULE, "maxConcurrentRunCount", "one", Rule.FORMAT),
    (_SCHEDULE, "desiredState", "STOPPED", Rule.ENUM),
    (_SCHEDULE, "startTime", "tomorrow", Rule.FORMAT),
    (_SCHEDULE, f"{_PIPELINE}.pipelineSpec", "{", Rule.FORMAT),
    (_SCHEDULE, f"{_PIPELINE}.runtimeConfig.gcsOutputDirectory", REMOVED, Rule.REQUIRED),
    (_SCHEDULE, f"{_PIPELINE}.runtimeConfig.failurePolicy", "FAIL_FAST", Rule.ENUM),
    (_SCHEDULE, f"{_PIPELINE}.encryptionSpec", {}, Rule.REQUIRED),
    (_SCHEDULE, "pipelineSpec", "{}", Rule.UNKNOWN),
    (_JOB, "schedule", "0 3 * *", Rule.CRON),
    (_JOB, "attemptDeadline", "5m", Rule.FORMAT),
    (_JOB, "pubsubTarget.data", "not base 64!", Rule.FORMAT),
    (_ALERT, "combiner", "ANY", Rule.ENUM),
    (_ALERT, f"{_CONDITION}.comparison", ">", Rule.ENUM),
    (_ALERT, f"{_CONDITION}.duration", "1m", Rule.FORMAT),
    (_ALERT, f"{_CONDITION}.thresholdValue", "0.5", Rule.TYPE),
    (_ALERT, "conditions[0].threshold", {}, Rule.UNKNOWN),
    (_CHANNEL, "type", REMOVED, Rule.REQUIRED),
    (_CHANNEL, "labels", "topic", Rule.TYPE),
    (_SUBSCRIPTION, "ackDeadlineSeconds", "20s", Rule.TYPE),
    (_SUBSCRIPTION, "messageRetentionDuration", "7d", Rule.FORMAT),
    (_SUBSCRIPTION, "topic", "a", Rule.PATTERN),
    (_SUBSCRIPTION, "name", "goog-alerts", Rule.PATTERN),
    (_TRIGGER, "matchingCriterias[0].attribute", REMOVED, Rule.REQUIRED),
    (_TRIGGER, "matchingCriterias[0].key", "type", Rule.UNKNOWN),
    (_TRIGGER, "destination.workflowName", "w", Rule.UNKNOWN),
    (_TRIGGER, "name", "On_Alert", Rule.PATTERN),
    (_WORKFLOW, "callLogLevel", "ALL", Rule.ENUM),
    (_WORKFLOW, "cryptoKeyName", "key", Rule.PATTERN),
    (_GROUP, "name", "Flights", Rule.PATTERN),
    (_GROUP, "bigQuery.bigQuerySource.inputUri", "flights.t", Rule.PATTERN),
    (_GROUP, "bigQuery.bigQuerySource", REMOVED, Rule.REQUIRED),
    (_STORE, f"{_SCALING}.minNodeCount", "1", Rule.TYPE),
    (_STORE, f"{_SCALING}.maxNodeCount", REMOVED, Rule.REQUIRED),
    (_VIEW, "syncConfig.schedule", "0 * * * *", Rule.UNKNOWN),
    (_VIEW, "featureRegistrySource.featureGroups[0].featureIds", REMOVED, Rule.REQUIRED),
    (_SCAN, "dataScanId", "Scan", Rule.PATTERN),
    (_SCAN, "dataQualitySpec.rules[0].dimension", REMOVED, Rule.REQUIRED),
    (_SCAN, "dataQualitySpec.rules[0].threshold", "0.9", Rule.TYPE),
    (_SCAN, "dataQualitySpec.rules[0].nonNull", {}, Rule.UNKNOWN),
    (_FIREWALL, "direction", "OUT", Rule.ENUM),
    (_FIREWALL, "denies[0].ports", "443", Rule.TYPE),
    (_NAT, "natIpAllocateOption", "AUTO", Rule.ENUM),
    (_ZONE, "dnsName", "p.googleapis.com", Rule.PATTERN),
    (_ZONE, "visibility", "PRIVATE", Rule.ENUM),
    (_RECORD, "ttl", "300", Rule.TYPE),
    (_REPOSITORY, "cleanupPolicies[0].action", "REMOVE", Rule.ENUM),
    (_REPOSITORY, "cleanupPolicies[0].condition.olderThan", "30d", Rule.FORMAT),
    (_TABLE, "timePartitioning.kind", "DAY", Rule.UNKNOWN),
    (_TABLE, "schema", "a STRING", Rule.FORMAT),
    (_DATASET, "defaultTableExpirationMs", "1d", Rule.TYPE),
    ("gcp:cloudrunv2/service:Service", _SERVICE_IMAGE, REMOVED, Rule.REQUIRED),
    ("gcp:vertex/aiTensorboard:AiTensorboard", _KEY, "key", Rule.PATTERN),
    ("gcp:compute/address:Address", "addressType", "PRIVATE", Rule.ENUM),
    ("gcp:pubsub/topicIAMMember:TopicIAMMember", "member", "a@example.com", Rule.PATTERN),
    ("gcp:secretmanager/secretIamMember:SecretIamMember", "role", "secrets", Rule.PATTERN),
]

# The API keys the policies by their ids; and a required member is missed at its own place.
_FOUND_AT = {
    "cleanupPolicies[0].action": "cleanupPolicies.old.action",
    "cleanupPolicies[0].condition.olderThan": "cleanupPolicies.old.condition.olderThan",
    f"{_PIPELINE}.encryptionSpec": f"{_PIPELINE}.encryptionSpec.kmsKeyName",
}

_TEXTS: list[tuple[str, str, object, str, Rule]] = [
    # type, input, planted text, place in it, rule
    (_TABLE, "schema", [{"name": "a", "type": 1}], "schema[0].type", Rule.TYPE),
    (_TABLE, "schema", [{"name": "a", "kind": "STRING"}], "schema[0].kind", Rule.TRANSLATION),
    (_DASHBOARD, "dashboardJson", {"name": 1}, "dashboardJson.name", Rule.TYPE),
    (_DASHBOARD, "dashboardJson", {"grid": {}}, "dashboardJson.grid", Rule.TRANSLATION),
    (_ENDPOINT, "trafficSplit", {"1": "all"}, "trafficSplit.1", Rule.TYPE),
]


@pytest.mark.parametrize(("token", "path", "value", "rule"), FAULTS)
def test_planted_fault_is_caught(token: str, path: str, value: object, rule: Rule) -> None:
    findings = checks.gcp(token, planted(_with_parents(_SAMPLES[token], path), path, value))

    assert_found(findings, _FOUND_AT.get(path, path), rule)


@pytest.mark.parametrize(("token", "name", "text", "place", "rule"), _TEXTS)
def test_planted_fault_inside_a_text_is_caught(
    token: str, name: str, text: object, place: str, rule: Rule
) -> None:
    findings = checks.gcp(token, {**_SAMPLES[token], name: json.dumps(text)})

    assert_found(findings, place, rule)


def _with_parents(sample: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the sample with the object that a fault in `encryptionSpec` needs."""
    return {**sample, "encryptionSpec": {}} if path.startswith("encryptionSpec.") else sample
