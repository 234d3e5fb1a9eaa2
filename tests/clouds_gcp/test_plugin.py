"""The stand-in of Pulumi's plugin makes, reads, changes and removes what GCP's adapters register.

Proves that each type has a row, and that a row does what it says in the test cloud. Limit: the
official plugin may do it by other calls.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_gcp.mutability import MUTABILITY
from mlops_iac_gcp.session import Place
from pulumi.runtime.proto import provider_pb2

from mlops_iac.mutability import Mutability
from tests.clouds.gcp.plugins.client import Client, RefusedError, method_of
from tests.clouds.gcp.plugins.labels import Labels
from tests.clouds.gcp.plugins.servicer import GcpServicer, immutable, life
from tests.clouds.gcp.plugins.tables import MEMBERS, ROWS
from tests.clouds.gcp.running import Cloud, cloud_here
from tests.clouds.plugins.servicer import FailedThingError, Life
from tests.clouds.plugins.wire import received, sent
from tests.clouds_gcp.samples import REGION, samples
from tests.contract.walkers import checks, sdk
from tests.contract.walkers.gcp_tables import TRANSLATIONS
from tests.providers.gcp.harness import recorded
from tests.providers.gcp.scenarios import SCENARIOS, write_files

_BUCKET = "gcp:storage/bucket:Bucket"
_DASHBOARD = "gcp:monitoring/dashboard:Dashboard"
_GRANT = "gcp:storage/bucketIAMMember:BucketIAMMember"
_OBJECT = "gcp:storage/bucketObject:BucketObject"
_TOPIC = "gcp:pubsub/topic:Topic"
_PERMANENT = {
    "gcp:kms/cryptoKey:CryptoKey",
    "gcp:kms/keyRing:KeyRing",
    "gcp:projects/service:Service",
    "gcp:projects/serviceIdentity:ServiceIdentity",
}
"""What Google Cloud never deletes, or what stays because others may use it."""
_NOT_IMPORTED = {
    _BUCKET: {"forceDestroy", "labels"},
    _OBJECT: {"content"},
    "gcp:bigquery/dataset:Dataset": {"deleteContentsOnDestroy"},
    "gcp:bigquery/table:Table": {"deletionProtection"},
    "gcp:cloudrunv2/service:Service": {"deletionProtection"},
    "gcp:compute/forwardingRule:ForwardingRule": {"loadBalancingScheme"},
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": {"loadBalancingScheme"},
    "gcp:logging/projectSink:ProjectSink": {"uniqueWriterIdentity"},
    "gcp:projects/service:Service": {"disableOnDestroy"},
    "gcp:pubsub/subscription:Subscription": {"topic"},
    "gcp:sql/databaseInstance:DatabaseInstance": {"deletionProtection"},
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": {"forceDestroy"},
    "gcp:workflows/workflow:Workflow": {"deletionProtection"},
    # The provider reads the request's parent, and what the cloud adds to conditions.
    "gcp:colab/schedule:Schedule": {"createPipelineJobRequest"},
    "gcp:monitoring/alertPolicy:AlertPolicy": {"conditions"},
}
"""Inputs that no import can know, or that it spells in full."""


@pytest.fixture(scope="module")
def running() -> Iterator[Cloud]:
    with cloud_here() as here:
        yield here


@pytest.fixture
def here(running: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The cloud as the environment of a plugin names it, with nothing in it."""
    running.control("reset")
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    return running


def lives(cloud: Cloud, token: str, **labels: str) -> Life:
    """Return the life of a type, with the labels of a provider's configuration."""
    return life(token, Client(Place(project=cloud.project, region=REGION)), Labels(labels))


@pytest.mark.slow
def test_every_type_that_is_registered_has_a_row(tmp_path: Path) -> None:
    folder = write_files(tmp_path)
    types = {
        resource.type
        for scenario in SCENARIOS.values()
        for resource in recorded(folder, *scenario.components, **scenario.platform).resources
        if resource.type.startswith("gcp:")
    }

    assert len(types) > 15
    assert types - ROWS.keys() - MEMBERS.keys() == set()


@pytest.mark.parametrize("token", ROWS)
def test_every_method_of_a_row_is_in_its_document(token: str) -> None:
    row = ROWS[token]
    made = [] if row.make or row.put else [row.create]
    changed = [] if row.make else [row.update]
    removed = [] if row.put else [row.delete]

    for name in filter(None, [*made, row.get, *changed, *removed]):
        assert method_of(row.api, f"{row.methods}.{name}").http
    assert token in TRANSLATIONS


@pytest.mark.slow
def test_what_a_plan_calls_replaced_is_replaced_here() -> None:
    wrong = {
        (token, key)
        for (token, key), what in MUTABILITY.items()
        if token in ROWS
        and key in sdk.inputs_shape(token).members
        and what is not Mutability.UNKNOWN
        and (key in immutable(token)) != (what is Mutability.REPLACE)
    }

    assert wrong == set()


def test_inputs_that_no_plan_has_judged_are_judged_by_the_document() -> None:
    servicer = GcpServicer()

    feature_group = "gcp:vertex/aiFeatureGroup:AiFeatureGroup"
    assert servicer.replaces(feature_group, "name")
    assert not servicer.replaces(feature_group, "description")


@pytest.mark.slow
def test_each_thing_is_made_reads_back_is_imported_and_goes(here: Cloud) -> None:
    made: dict[str, tuple[str, dict[str, Any]]] = {}
    for token, inputs in samples(here.project).items():
        assert [str(finding) for finding in checks.gcp(token, inputs)] == []
        resource_id, state = lives(here, token).create(inputs)
        found = lives(here, token).read(resource_id, state, inputs)
        assert found is not None, token
        assert found[1] == inputs, token
        made[token] = (resource_id, inputs)
        if token in ROWS and ROWS[token].get:
            assert _imported(here, token, resource_id) == _importable(token, inputs)

    for token, (resource_id, inputs) in reversed(made.items()):
        one = lives(here, token)
        one.delete(resource_id, {}, inputs)
        one.delete(resource_id, {}, inputs)
        assert (one.read(resource_id, {}, inputs) is None) == (token not in _PERMANENT), token


def _imported(cloud: Cloud, token: str, resource_id: str) -> dict[str, Any]:
    found = lives(cloud, token).read(resource_id, {}, {})
    assert found is not None, token
    wished = samples(cloud.project)[token].keys() - _NOT_IMPORTED.get(token, set()) - {"labels"}
    return {name: value for name, value in found[1].items() if name in wished}


def _importable(token: str, inputs: dict[str, Any]) -> dict[str, Any]:
    left = _NOT_IMPORTED.get(token, set()) | {"labels"}
    return {name: value for name, value in inputs.items() if name not in left}


CHANGES: dict[str, dict[str, Any]] = {
    _BUCKET: {"lifecycleRules": None, "versioning": {"enabled": False}},
    "gcp:artifactregistry/repository:Repository": {"description": "d", "cleanupPolicies": None},
    "gcp:bigquery/dataset:Dataset": {"description": "d", "labels": {"c": "d"}},
    "gcp:bigquery/table:Table": {"description": "d"},
    "gcp:cloudrunv2/service:Service": {"template": {"containers": [{"image": "next"}]}},
    "gcp:cloudscheduler/job:Job": {"schedule": "0 4 * * *"},
    "gcp:colab/schedule:Schedule": {"cron": "0 4 * * *", "desiredState": "PAUSED"},
    "gcp:compute/networkAttachment:NetworkAttachment": {"description": "d"},
    "gcp:compute/firewall:Firewall": {"priority": 1000},
    "gcp:compute/routerNat:RouterNat": {"minPortsPerVm": 128},
    "gcp:dataplex/datascan:Datascan": {"description": "d"},
    "gcp:dns/managedZone:ManagedZone": {"description": "other", "labels": {"a": "b"}},
    "gcp:dns/recordSet:RecordSet": {"ttl": 60},
    "gcp:eventarc/trigger:Trigger": {"labels": {"a": "b"}},
    "gcp:kms/cryptoKey:CryptoKey": {"rotationPeriod": "15552000s"},
    "gcp:logging/metric:Metric": {"filter": "severity>=WARNING"},
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": {"retentionDays": 60},
    "gcp:logging/projectSink:ProjectSink": {"filter": "severity>=WARNING"},
    "gcp:monitoring/alertPolicy:AlertPolicy": {"enabled": False},
    _DASHBOARD: {"dashboardJson": '{"displayName": "other", "gridLayout": {"widgets": []}}'},
    "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy": {"description": "d"},
    "gcp:projects/iAMCustomRole:IAMCustomRole": {"permissions": ["storage.objects.list"]},
    "gcp:pubsub/subscription:Subscription": {"ackDeadlineSeconds": 60},
    "gcp:secretmanager/secret:Secret": {"labels": {"c": "d"}},
    "gcp:serviceaccount/account:Account": {"displayName": "other"},
    "gcp:sql/databaseInstance:DatabaseInstance": {
        "settings": {"tier": "db-custom-2-7680", "ipConfiguration": {"ipv4Enabled": True}}
    },
    "gcp:vertex/aiEndpoint:AiEndpoint": {"description": "d", "labels": {"c": "d"}},
    "gcp:vertex/aiFeatureGroup:AiFeatureGroup": {"description": "d"},
    "gcp:vertex/aiTensorboard:AiTensorboard": {"description": "d"},
    "gcp:workflows/workflow:Workflow": {"sourceContents": "main:\n  steps: [{a: {return: 1}}]\n"},
}


@pytest.mark.slow
def test_each_change_in_place_reads_back(here: Cloud) -> None:
    for token, inputs in samples(here.project).items():
        one = lives(here, token)
        resource_id, state = one.create(inputs)
        if token not in CHANGES:
            continue
        wish = {k: v for k, v in {**inputs, **CHANGES[token]}.items() if v is not None}
        changed = one.update(resource_id, state, inputs, wish)
        found = one.read(resource_id, changed, wish)

        assert found is not None, token
        assert found[1] == wish, token


def test_a_change_is_sent_alone_and_reads_back(here: Cloud) -> None:
    topic = lives(here, _TOPIC, owner="us")
    inputs = {"name": "alerts", "labels": {"a": "b"}}
    resource_id, state = topic.create(inputs)
    wish = {"name": "alerts", "labels": {"c": "d"}, "messageRetentionDuration": "600s"}
    state = topic.update(resource_id, state, inputs, wish)

    assert state["effectiveLabels"] == {"owner": "us", "c": "d"}
    assert here.call("GET", f"pubsub/v1/{resource_id}")["labels"] == {"owner": "us", "c": "d"}
    assert topic.read(resource_id, state, wish) == (state, wish)


def test_what_was_changed_outside_is_read(here: Cloud) -> None:
    inputs = samples(here.project)[_BUCKET]
    del inputs["encryption"]
    bucket = lives(here, _BUCKET)
    resource_id, state = bucket.create(inputs)
    change = {"versioning": {"enabled": False}, "labels": {"o": "other", "new": "label"}}
    here.call("PATCH", f"storage/storage/v1/b/{resource_id}", change)
    found = bucket.read(resource_id, state, inputs)

    assert found is not None
    assert found[1] == {**inputs, "versioning": {"enabled": False}, "labels": {"o": "other"}}


def test_what_holds_something_goes_only_when_it_was_said_so(here: Cloud) -> None:
    inputs = {"name": "flights-y", "location": "EUROPE-WEST4"}
    bucket = lives(here, _BUCKET)
    resource_id, state = bucket.create(inputs)
    lives(here, _OBJECT).create({"bucket": "flights-y", "name": "a", "content": "b"})

    with pytest.raises(RefusedError, match="not empty"):
        bucket.delete(resource_id, state, inputs)
    bucket.delete(resource_id, state, {**inputs, "forceDestroy": True})
    assert bucket.read(resource_id, state, inputs) is None


def test_what_the_provider_protects_is_not_deleted(here: Cloud) -> None:
    token = "gcp:workflows/workflow:Workflow"
    inputs = {"name": "w", "region": REGION, "sourceContents": "main:\n  steps: []\n"}
    workflow = lives(here, token)
    resource_id, state = workflow.create(inputs)

    with pytest.raises(FailedThingError, match="deletionProtection"):
        workflow.delete(resource_id, state, inputs)
    assert workflow.read(resource_id, state, inputs) is not None


def test_members_of_one_policy_are_added_at_the_same_time(here: Cloud) -> None:
    lives(here, _BUCKET).create({"name": "flights-z", "location": "EUROPE-WEST4"})
    wishes = [
        {"bucket": "flights-z", "role": "roles/storage.admin", "member": f"user:{name}@a.com"}
        for name in "abcdefgh"
    ]
    with ThreadPoolExecutor(len(wishes)) as threads:
        made = list(threads.map(lives(here, _GRANT).create, wishes))

    for (resource_id, state), inputs in zip(made, wishes, strict=True):
        assert lives(here, _GRANT).read(resource_id, state, inputs) is not None
    lives(here, _GRANT).delete(*made[0], wishes[0])
    assert lives(here, _GRANT).read(*made[0], wishes[0]) is None
    assert lives(here, _GRANT).read(*made[1], wishes[1]) is not None


def test_a_member_is_imported_with_its_condition(here: Cloud) -> None:
    token = "gcp:projects/iAMMember:IAMMember"
    inputs = {
        "project": here.project,
        "role": "roles/aiplatform.user",
        "member": "user:a@example.com",
        "condition": {"title": "office hours", "expression": "request.time < timestamp('x')"},
    }
    lives(here, token).create(inputs)
    named = f"{here.project} {inputs['role']} {inputs['member']}"

    found = lives(here, token).read(f"{named} office hours", {}, {})
    assert found is not None
    assert found[1] == inputs
    assert lives(here, token).read(named, {}, {}) is None


def test_a_throttled_call_is_repeated_and_a_refusal_is_told(here: Cloud) -> None:
    here.faults.ask("throttle", "topics.create", service="pubsub", times=2)
    resource_id, _ = lives(here, _TOPIC).create({"name": "alerts"})

    with pytest.raises(RefusedError, match="409"):
        lives(here, _TOPIC).create({"name": "alerts"})
    assert resource_id == f"projects/{here.project}/topics/alerts"


def test_the_engine_is_told_what_is_wrong_what_changes_and_what_is_made(here: Cloud) -> None:
    servicer = GcpServicer()
    config = {"project": here.project, "region": REGION, "defaultLabels": '{"owner": "us"}'}
    servicer.Configure(provider_pb2.ConfigureRequest(args=sent(config)), None)
    urn = f"urn:pulumi:dev::flights::{_TOPIC}::alerts"

    wrong = servicer.Check(provider_pb2.CheckRequest(urn=urn, news=sent({"name": "1"})), None)
    assert [failure.property for failure in wrong.failures] == ["name"]
    made = servicer.Create(
        provider_pb2.CreateRequest(urn=urn, properties=sent({"name": "alerts"})), None
    )
    labels = received(made.properties)["effectiveLabels"]
    assert labels == {"owner": "us", "goog-pulumi-provisioned": "true"}
    old, new = sent({"name": "alerts"}), sent({"name": "events", "labels": {"a": "b"}})
    changed = servicer.Diff(provider_pb2.DiffRequest(urn=urn, old_inputs=old, news=new), None)
    assert (list(changed.diffs), list(changed.replaces)) == (["labels", "name"], ["name"])
