"""A network of the platform's own on `azure`: what is in it, and what cannot leave it."""

from collections.abc import Callable
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from mlops_iac_azure.own_network import APPS, BUILDS, ENDPOINTS, rules, subnets

from mlops_iac.errors import Severity
from mlops_iac.specs.platform import OwnNetwork
from tests.providers.azure.harness import Recording, planned

Recorded = Callable[[str], Recording]
DECLARED = OwnNetwork(address_range="10.9.0.0/20")


@pytest.fixture
def recording(recorded: Recorded) -> Recording:
    return recorded("own-network")


def test_the_subnets_share_the_range() -> None:
    parts = {part.name: IPv4Network(part.prefix) for part in subnets(DECLARED)}

    assert set(parts) == {APPS, BUILDS, ENDPOINTS}
    assert sum(part.num_addresses for part in parts.values()) == 4096
    # A Container Apps environment takes /27 at least, also of the smallest range.
    smallest = subnets(OwnNetwork(address_range="10.9.0.0/24"))
    assert all(IPv4Network(part.prefix).prefixlen <= 27 for part in smallest)


def test_nothing_leads_out_of_the_network_but_for_builds() -> None:
    """The least rule that fits goes last: it denies what no other names."""
    for part in subnets(DECLARED):
        out = [rule for rule in rules(part) if rule.direction == "Outbound"]
        last = max(out, key=lambda rule: rule.priority)
        assert (last.access, last.target) == ("Deny", "*")
        targets = {rule.target for rule in out if rule.access == "Allow"}
        assert ("Internet" in targets) is (part.name == BUILDS)
        assert "*" not in targets


def test_nobody_comes_in_from_outside() -> None:
    for part in subnets(DECLARED):
        opened = {r.source for r in rules(part) if (r.direction, r.access) == ("Inbound", "Allow")}
        assert opened <= {"VirtualNetwork", "AzureLoadBalancer"}


def test_rules_of_a_group_differ_in_priority_and_name() -> None:
    for part in subnets(DECLARED):
        found = [(rule.direction, rule.priority) for rule in rules(part)]
        assert len(found) == len(set(found))
        named = [rule.name for rule in rules(part)]
        assert len(named) == len(set(named))


def test_every_subnet_has_its_rules_and_none_a_way_out_by_itself(recording: Recording) -> None:
    network = recording.one("network:VirtualNetwork").inputs

    assert all(each["networkSecurityGroup"]["id"] for each in network["subnets"])
    ways = {each["name"]: each["defaultOutboundAccess"] for each in network["subnets"]}
    assert ways == {APPS: False, BUILDS: True, ENDPOINTS: False}
    assert recording.of("network:NatGateway") == []


def test_stores_and_workspace_are_reached_from_inside_only(recording: Recording) -> None:
    network = recording.one("network:VirtualNetwork")
    endpoints = recording.of("network:PrivateEndpoint")
    workspace = recording.one("machinelearningservices:Workspace").inputs

    groups = {e.inputs["privateLinkServiceConnections"][0]["groupIds"][0] for e in endpoints}
    assert groups == {"amlworkspace", "blob", "file", "table", "vault", "registry"}
    assert all(e.inputs["subnet"]["id"].endswith(f"/subnets/{ENDPOINTS}") for e in endpoints)
    linked = {r.inputs["virtualNetwork"]["id"] for r in recording.of("VirtualNetworkLink")}
    (one,) = linked
    assert one.endswith(network.inputs["virtualNetworkName"])
    assert workspace["publicNetworkAccess"] == "Disabled"


def test_jobs_run_in_a_managed_network_that_reaches_tables_too(recording: Recording) -> None:
    managed = recording.one("machinelearningservices:Workspace").inputs["managedNetwork"]

    assert managed["isolationMode"] == "AllowOnlyApprovedOutbound"
    (rule,) = managed["outboundRules"].values()
    assert rule["destination"]["subresourceTarget"] == "table"
    roles = [r.name for r in recording.of("RoleAssignment") if "connection-approver" in r.name]
    assert len(roles) == 3


def test_images_are_built_inside(recording: Recording) -> None:
    pool = recording.one("containerregistry:AgentPool").inputs
    build = recording.one("ImageBuild").inputs

    assert pool["count"] == 0
    assert build["pool"] == pool["agentPoolName"]
    assert build["requests"][0]["body"]["agentPoolName"] == pool["agentPoolName"]


def test_nothing_is_written_to_a_store_before_there_is_a_way(recording: Recording) -> None:
    upload = recording.one("Upload", "departures-manifest")
    groups = {r.urn for r in recording.of("network:PrivateDnsZoneGroup")}

    assert groups <= set(upload.depends_on)


def test_a_number_of_zones_is_told_to_choose_nothing(tmp_path: Path) -> None:
    drawn = planned((), tmp_path, network=OwnNetwork(zones=3))

    (told,) = (p for p in drawn.problems if p.field == "network.zones")
    assert told.severity is Severity.WARNING
    assert not drawn.errors
