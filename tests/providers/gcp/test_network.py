"""A network of the platform's own on `gcp`: what is in it, and what cannot leave it."""

from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from types import SimpleNamespace

import pytest
from mlops_iac_gcp.model_endpoint import private_url

from mlops_iac.errors import Severity
from mlops_iac.specs import ExistingNetwork, Profile
from mlops_iac.specs.platform import OwnNetwork
from mlops_iac.testing import Recording
from tests.providers.gcp.harness import planned, problems, recorded
from tests.providers.gcp.scenarios import DATA, ENDPOINT, JOB, MODEL, NETWORK, write_files

FIREWALL = "gcp:compute/firewall:Firewall"
APIS = "gcp:compute/globalAddress:GlobalAddress"
SUBNET = "gcp:compute/subnetwork:Subnetwork"


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    folder = write_files(tmp_path_factory.mktemp("own"))
    network = OwnNetwork(address_range="10.9.0.0/20")
    return recorded(folder, DATA, MODEL, JOB, ENDPOINT, profile=Profile.PROD, network=network)


def test_nothing_leads_out_of_the_network(recording: Recording) -> None:
    network = recording.one("gcp:compute/network:Network")

    assert network.inputs["deleteDefaultRoutesOnCreate"] is True
    assert network.inputs["autoCreateSubnetworks"] is False
    assert not [r.type for r in recording.resources if "outer" in r.type]  # no router, no NAT
    rules = recording.of_type(FIREWALL)
    out = [r.inputs for r in rules if r.inputs["direction"] == "EGRESS"]
    (denied,) = (rule for rule in out if rule.get("denies"))
    assert denied["destinationRanges"] == ["0.0.0.0/0"]
    allowed = [rule for rule in out if rule.get("allows")]
    assert all(rule["priority"] < denied["priority"] for rule in allowed)
    assert {tuple(rule["destinationRanges"]) for rule in allowed} == {
        ("10.9.0.0/21",),
        (f"{recording.one(APIS).inputs['address']}/32",),
    }


def test_every_rule_and_flow_is_logged(recording: Recording) -> None:
    assert all(r.inputs["logConfig"]["metadata"] for r in recording.of_type(FIREWALL))
    flows = recording.one(SUBNET).inputs["logConfig"]
    assert flows["flowSampling"] == 1.0


def test_the_address_of_googles_apis_is_in_the_range_and_in_no_subnet(
    recording: Recording,
) -> None:
    address = IPv4Address(recording.one(APIS).inputs["address"])

    assert address in IPv4Network("10.9.0.0/20")
    assert address not in IPv4Network(recording.one(SUBNET).inputs["ipCidrRange"])


def test_every_name_of_googles_apis_leads_to_that_address(recording: Recording) -> None:
    records = [r.inputs for r in recording.of_type("gcp:dns/recordSet:RecordSet")]

    for domain in ("googleapis.com.", "pkg.dev.", "run.app."):
        (own,) = (r for r in records if r["name"] == domain)
        (any_,) = (r for r in records if r["name"] == f"*.{domain}")
        assert own["rrdatas"] == [recording.one(APIS).inputs["address"]]
        assert (any_["type"], any_["rrdatas"]) == ("CNAME", [domain])
    zones = recording.of_type("gcp:dns/managedZone:ManagedZone")
    assert {zone.inputs["visibility"] for zone in zones} == {"private"}


def test_jobs_and_endpoints_are_in_the_network(recording: Recording) -> None:
    attachment = recording.one("gcp:compute/networkAttachment:NetworkAttachment")
    endpoint = recording.one("gcp:vertex/aiEndpoint:AiEndpoint")
    policy = recording.one(
        "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy"
    )

    subnet = recording.one(SUBNET)
    assert subnet.urn in attachment.property_dependencies["subnetworks"]
    assert endpoint.inputs["privateServiceConnectConfig"]["enablePrivateServiceConnect"] is True
    assert "dedicatedEndpointEnabled" not in endpoint.inputs
    assert policy.inputs["serviceClass"] == "gcp-vertexai"


def test_a_number_of_zones_is_told_to_choose_nothing(tmp_path: Path) -> None:
    drawn = planned(tmp_path, network=OwnNetwork(zones=3))

    (told,) = (p for p in drawn.problems if p.field == "network.zones")
    assert told.severity is Severity.WARNING
    assert not drawn.errors


def test_an_attachment_takes_one_subnet(tmp_path: Path) -> None:
    subnet = NETWORK.subnets[0]
    two = ExistingNetwork(network=NETWORK.network, subnets=(subnet, f"{subnet}-b"))

    assert problems(tmp_path, network=two)["platform.network.subnets"].code == "network.subnets"


@pytest.mark.parametrize(
    ("told", "url"),
    [("10.9.0.7", "https://10.9.0.7/v1/projects/p/endpoints/7:predict"), (None, None), ("", None)],
)
def test_an_endpoint_in_the_network_has_an_address_once_google_tells_one(
    told: str | None, url: str | None
) -> None:
    config = SimpleNamespace(psc_automation_configs=[SimpleNamespace(ip_address=told)])

    assert private_url(config, "projects/p/endpoints/7") == url
