"""The stand-in of Pulumi's plugin makes, reads, changes and removes what Azure's adapters register.

Proves that each type has a row, and that a row does what it says in the test cloud. Limit: the
official plugin may do it by other calls.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_azure.mutability import MUTABILITY
from pulumi.runtime.proto import provider_pb2

from mlops_iac.mutability import Mutability
from tests.clouds.azure.addresses import SUBSCRIPTION
from tests.clouds.azure.plugins.bodies import Bodies, version
from tests.clouds.azure.plugins.client import Client, RefusedError
from tests.clouds.azure.plugins.servicer import BLOB, AzureServicer, immutable, life
from tests.clouds.azure.plugins.tables import ROWS
from tests.clouds.azure.running import Cloud, cloud_here
from tests.clouds.plugins.servicer import FailedThingError, Life
from tests.clouds.plugins.wire import received, sent
from tests.clouds_azure.plugin_samples import GROUP, samples
from tests.contract.walkers import checks, sdk
from tests.providers.azure.harness import record
from tests.providers.azure.scenarios import SCENARIOS

_ACCOUNT = "azure-native:storage:StorageAccount"
_CONTAINER = "azure-native:storage:BlobContainer"
_RESOURCE_GROUP = "azure-native:resources:ResourceGroup"
_NETWORK = "azure-native:network:VirtualNetwork"
_SUBNET = "azure-native:network:Subnet"
_WORKSPACE = "azure-native:machinelearningservices:Workspace"
_SERVICE = "azure-native:storage:BlobServiceProperties"
_PRINCIPAL = "33333333-3333-4333-8333-333333333399"
_PERMANENT = {_SERVICE}
"""What is there as long as what it is part of."""
_NOT_IMPORTED: dict[str, set[str]] = {
    "azure-native:machinelearningservices:Datastore": {"skipValidation"},
    "azure-native:keyvault:Secret": {"properties"},
    "azure-native:keyvault:Key": {"properties"},
    # The address of a webhook is a secret: only its beginning is told.
    "azure-native:eventgrid:SystemTopicEventSubscription": {"destination"},
}
"""Inputs that no import can know."""
SAMPLES = samples(SUBSCRIPTION, _PRINCIPAL)


@pytest.fixture(scope="module")
def running() -> Iterator[Cloud]:
    with cloud_here() as here:
        yield here


@pytest.fixture
def here(running: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The cloud as the environment of a plugin names it, with nothing in it."""
    running.reset()
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    return running


def lives(token: str) -> Life:
    """Return the life of a type."""
    return life(token, Client(subscription=SUBSCRIPTION))


@pytest.mark.slow
def test_every_type_that_is_registered_has_a_row(tmp_path: Path) -> None:
    types: set[str] = set()
    for name, scenario in SCENARIOS.items():
        folder = tmp_path / name
        folder.mkdir()
        types |= {one.type for one in record(scenario.plan(folder)).azure}

    assert len(types) > 15
    assert types - ROWS.keys() - {BLOB} == set()


@pytest.mark.parametrize("token", ROWS)
def test_a_row_names_inputs_of_the_sdk(token: str) -> None:
    row, members = ROWS[token], sdk.inputs_shape(token).members
    named = {name.partition(".")[0].partition("[")[0] for name in (*row.names, *row.wrapped)}

    assert row.parameters <= members.keys()
    assert named | row.kept.keys() | set(row.immutable.split()) <= members.keys() | {
        "defaultSecurityRules"
    }
    assert version(token)


@pytest.mark.parametrize("token", [token for token in SAMPLES if token in ROWS])
def test_a_body_tells_the_inputs_that_it_was_made_of(token: str) -> None:
    row, inputs = ROWS[token], SAMPLES[token]
    bodies = Bodies(token, row)
    back = bodies.inputs(bodies.outputs(bodies.body(inputs)))

    assert [str(finding) for finding in checks.azure(token, inputs)] == []
    sent_ = inputs.keys() - row.parameters - set(row.query.split())
    assert {name: back.get(name) for name in sent_} == {name: inputs[name] for name in sent_}


@pytest.mark.slow
def test_what_a_plan_calls_replaced_is_replaced_here() -> None:
    wrong = {
        (token, key)
        for (token, key), what in MUTABILITY.items()
        if token in ROWS and key in immutable(token) and what is Mutability.IN_PLACE
    }

    assert wrong == set()


def test_members_of_properties_stand_where_the_api_has_them() -> None:
    def body(token: str) -> dict[str, Any]:
        return Bodies(token, ROWS[token]).body(SAMPLES[token])

    account = body(_ACCOUNT)
    assert account.keys() == {"identity", "kind", "location", "properties", "sku", "tags"}
    assert account["properties"]["networkAcls"]["defaultAction"] == "Allow"
    assert account["properties"]["encryption"]["keyvaultproperties"]["keyname"] == "stores"
    (identity,) = account["identity"]["userAssignedIdentities"].values()
    assert identity == {}
    logs = body("azure-native:operationalinsights:Workspace")
    assert logs["properties"]["sku"] == {"name": "PerGB2018"}
    (connection,) = body("azure-native:network:PrivateEndpoint")["properties"][
        "privateLinkServiceConnections"
    ]
    assert connection.keys() == {"name", "properties"}
    events = body("azure-native:eventgrid:SystemTopicEventSubscription")["properties"]
    assert events["destination"].keys() == {"endpointType", "properties"}


@pytest.mark.slow
def test_each_thing_is_made_reads_back_is_imported_and_goes(here: Cloud) -> None:
    made: dict[str, tuple[str, dict[str, Any]]] = {}
    for token, inputs in _every(here).items():
        resource_id, state = lives(token).create(inputs)
        found = lives(token).read(resource_id, state, inputs)
        assert found is not None, token
        assert found[1] == inputs, token
        made[token] = (resource_id, inputs)
        if token in ROWS:
            assert _imported(token, resource_id, inputs) == _importable(token, inputs), token

    for token, (resource_id, inputs) in reversed(made.items()):
        one = lives(token)
        one.delete(resource_id, {}, inputs)
        one.delete(resource_id, {}, inputs)
        assert (one.read(resource_id, {}, inputs) is None) == (token not in _PERMANENT), token


def _every(cloud: Cloud) -> dict[str, dict[str, Any]]:
    """Return samples whose role is given to somebody who is there."""
    grouped()
    name = "azure-native:managedidentity:UserAssignedIdentity"
    somebody = {**SAMPLES[name], "resourceName": "somebody"}
    _, state = lives(name).create(somebody)
    every = samples(cloud.subscription, state["principalId"])
    del every[_RESOURCE_GROUP]
    return every


def _imported(token: str, resource_id: str, wish: dict[str, Any]) -> dict[str, Any]:
    found = lives(token).read(resource_id, {}, {})
    assert found is not None, token
    wished = wish.keys() - _NOT_IMPORTED.get(token, set())
    return {name: _common(wish[name], found[1].get(name)) for name in wished}


def _common(wish: Any, found: Any) -> Any:
    """Return of what is found what is wished for: the cloud may tell more."""
    if isinstance(wish, dict) and isinstance(found, dict):
        return {key: _common(value, found.get(key)) for key, value in wish.items()}
    if isinstance(wish, list) and isinstance(found, list) and len(wish) == len(found):
        return [_common(*pair) for pair in zip(wish, found, strict=True)]
    return found


def _importable(token: str, inputs: dict[str, Any]) -> dict[str, Any]:
    left = _NOT_IMPORTED.get(token, set())
    return {name: value for name, value in inputs.items() if name not in left}


def grouped() -> None:
    """Make the resource group."""
    lives(_RESOURCE_GROUP).create(SAMPLES[_RESOURCE_GROUP])


@pytest.fixture
def account() -> dict[str, Any]:
    """Inputs of an account that needs nothing."""
    inputs = dict(SAMPLES[_ACCOUNT])
    del inputs["encryption"], inputs["identity"]
    return inputs


@pytest.mark.usefixtures("here")
def test_a_change_reads_back(account: dict[str, Any]) -> None:
    grouped()
    one = lives(_ACCOUNT)
    resource_id, state = one.create(account)
    wish = {**account, "minimumTlsVersion": "TLS1_3", "tags": {"owner": "they"}}
    changed = one.update(resource_id, state, account, wish)

    assert changed["minimumTlsVersion"] == "TLS1_3"
    assert one.read(resource_id, changed, wish) == (changed, wish)


def test_what_was_changed_outside_is_read(here: Cloud, account: dict[str, Any]) -> None:
    grouped()
    one = lives(_ACCOUNT)
    resource_id, state = one.create(account)
    change = {"tags": {"owner": "they"}, "properties": {"minimumTlsVersion": "TLS1_0"}}
    here.ask("PATCH", resource_id, change)
    found = one.read(resource_id, state, account)

    assert found is not None
    assert found[1] == {**account, "tags": {"owner": "they"}, "minimumTlsVersion": "TLS1_0"}


@pytest.mark.usefixtures("here")
def test_nothing_that_is_there_is_adopted(account: dict[str, Any]) -> None:
    grouped()
    lives(_ACCOUNT).create(account)

    with pytest.raises(FailedThingError, match="already existing resource"):
        lives(_ACCOUNT).create(account)


@pytest.mark.usefixtures("here")
def test_parts_that_live_for_themselves_stay() -> None:
    grouped()
    network = dict(SAMPLES[_NETWORK])
    resource_id, state = lives(_NETWORK).create(network)
    subnet = {
        "resourceGroupName": GROUP,
        "virtualNetworkName": "flights",
        "subnetName": "jobs",
        "addressPrefix": "10.20.0.0/20",
    }
    lives(_SUBNET).create(subnet)
    wish = {**network, "tags": {"a": "b"}}
    changed = lives(_NETWORK).update(resource_id, state, network, wish)

    assert [one["name"] for one in changed["subnets"]] == ["jobs"]
    assert lives(_NETWORK).read(resource_id, changed, wish) == (changed, wish)


def test_a_throttled_call_is_repeated_and_a_refusal_is_told(
    here: Cloud, account: dict[str, Any]
) -> None:
    grouped()
    here.faults.ask("throttle", "storageAccounts.put", times=2)
    _, state = lives(_ACCOUNT).create(account)

    assert state["name"] == "flightsdata"
    with pytest.raises(RefusedError, match="404"):
        lives(_ACCOUNT).create({**account, "accountName": "elsewhere", "resourceGroupName": "x"})


def test_the_engine_is_told_what_is_wrong_what_changes_and_what_is_made(here: Cloud) -> None:
    servicer = AzureServicer()
    config = {"subscriptionId": here.subscription, "location": here.region}
    servicer.Configure(provider_pb2.ConfigureRequest(args=sent(config)), None)
    grouped()
    urn = f"urn:pulumi:dev::flights::{_ACCOUNT}::store"
    inputs = dict(SAMPLES[_ACCOUNT])
    del inputs["encryption"], inputs["identity"]

    news = sent({**inputs, "accountName": "No"})
    wrong = servicer.Check(provider_pb2.CheckRequest(urn=urn, news=news), None)
    assert [failure.property for failure in wrong.failures] == ["accountName"]
    made = servicer.Create(provider_pb2.CreateRequest(urn=urn, properties=sent(inputs)), None)
    assert made.id.endswith("/storageAccounts/flightsdata")
    assert received(made.properties)["primaryEndpoints"]["blob"]
    rules = {**inputs["networkRuleSet"], "defaultAction": "Deny"}
    wish = {**inputs, "networkRuleSet": rules, "location": "northeurope"}
    olds = sent(inputs)
    changed = servicer.Diff(
        provider_pb2.DiffRequest(urn=urn, old_inputs=olds, news=sent(wish)), None
    )
    assert list(changed.diffs) == ["location", "networkRuleSet.defaultAction"]
    assert (list(changed.replaces), changed.deleteBeforeReplace) == (["location"], True)


@pytest.mark.usefixtures("here")
def test_a_function_tells_who_asks() -> None:
    servicer = AzureServicer()
    servicer.Configure(
        provider_pb2.ConfigureRequest(args=sent({"subscriptionId": SUBSCRIPTION})), None
    )
    asked = provider_pb2.InvokeRequest(tok="azure-native:authorization:getClientConfig")
    told = received(getattr(servicer.Invoke(asked, None), "return"))

    assert told["subscriptionId"] == SUBSCRIPTION
    assert told["objectId"]
