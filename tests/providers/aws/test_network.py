"""A network of the platform's own: closed, logged, with AWS's services inside.

Proves what is registered; `tests/contract/test_aws.py` proves that AWS's models take it.
"""

import json
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_aws.availability import REGIONS
from mlops_iac_aws.own_network import ENDPOINTS
from mlops_iac_aws.zones import ZONES
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

from tests.providers.aws.harness import Recorded, problems, record
from tests.providers.aws.scenarios import FOREIGN, base, delay, write_files

Recorder = Callable[..., Recorded]
UNKNOWN = {"$unknown": True}


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    write_files(tmp_path)

    def made(*components: Any, **network: Any) -> Recorded:
        given = components or base()
        return record(tmp_path, *given, network={"mode": "own", **network})

    return made


def test_each_zone_has_a_private_subnet_of_its_own_range(recorder: Recorder) -> None:
    recorded = recorder(zones=3, address_range="10.80.0.0/20")

    subnets = [r.inputs for r in recorded.of_type("aws:ec2/subnet:Subnet")]
    blocks = [ip_network(s["cidrBlock"]) for s in subnets]
    assert len({s["availabilityZoneId"] for s in subnets}) == 3
    assert not any(s["mapPublicIpOnLaunch"] for s in subnets)
    assert all(b.subnet_of(ip_network("10.80.0.0/20")) for b in blocks)  # pyright: ignore[reportArgumentType]
    assert not any(a.overlaps(b) for a in blocks for b in blocks if a != b)


def test_nothing_leads_out_of_the_network(recorder: Recorder) -> None:
    recorded = recorder()

    kinds = {r.type.rpartition(":")[2] for r in recorded.resources}
    assert not {"InternetGateway", "NatGateway", "Route", "EgressOnlyInternetGateway"} & kinds
    assert recorded.one("platform-routes").inputs.get("routes") in (None, [])
    rules = recorded.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    assert {r.inputs.get("cidrIpv4") for r in rules} == {None, "10.64.0.0/16"}


def test_the_default_group_is_closed_and_traffic_is_logged(recorder: Recorder) -> None:
    recorded = recorder()

    default = recorded.one("platform-default-group").inputs
    assert (default.get("ingress"), default.get("egress")) == (None, None)
    flow = recorded.one("platform-flow-log").inputs
    assert (flow["trafficType"], flow["vpcId"]) == ("ALL", UNKNOWN)
    assert recorded.one("platform-flow-logs").inputs["name"].startswith("/aws/vpc/")


def test_every_service_that_workloads_call_has_an_endpoint_for_this_account_alone(
    recorder: Recorder,
) -> None:
    endpoints = recorder().of_type("aws:ec2/vpcEndpoint:VpcEndpoint")

    names = {r.inputs["serviceName"].removeprefix("com.amazonaws.eu-west-1.") for r in endpoints}
    assert names == {"s3", *ENDPOINTS}
    for endpoint in endpoints:
        own = json.loads(endpoint.inputs["policy"])["Statement"][0]
        assert own["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}
    interfaces = [r.inputs for r in endpoints if r.inputs["vpcEndpointType"] == "Interface"]
    assert all(i["privateDnsEnabled"] and len(i["subnetIds"]) == 2 for i in interfaces)


def test_workloads_run_in_the_networks_subnets_and_group(recorder: Recorder) -> None:
    recorded = recorder()

    requests = recorded.one("score-deployment").inputs["requests"]
    (model,) = [r["body"] for r in requests if r["operation"] == "CreateModel"]
    assert model["VpcConfig"] == {
        "SecurityGroupIds": [UNKNOWN],
        "Subnets": [UNKNOWN, UNKNOWN],
    }
    policy = json.loads(recorded.one("platform-training-policy").inputs["policy"])
    assert "AttachToNetwork" in {s["Sid"] for s in policy["Statement"]}


def test_the_flow_logs_role_writes_its_group_and_nothing_else(recorder: Recorder) -> None:
    policy = json.loads(recorder().one("platform-flow-logs-policy").inputs["policy"])

    (statement,) = policy["Statement"]
    assert {action.partition(":")[0] for action in statement["Action"]} == {"logs"}
    assert all(":log-group:/aws/vpc/" in arn for arn in statement["Resource"])


def test_a_region_with_two_zones_takes_no_third(tmp_path: Path) -> None:
    write_files(tmp_path)

    found = problems(tmp_path, region="us-west-1", network={"mode": "own", "zones": 3})

    assert [(p.code, p.field) for p in found] == [("network.too-few-zones", "network.zones")]


def test_an_image_of_a_foreign_registry_cannot_be_pulled_without_a_way_out(tmp_path: Path) -> None:
    write_files(tmp_path)
    job = delay(image=FOREIGN, script=None)

    found = problems(tmp_path, *base()[:2], job, network={"mode": "own"})

    assert "image.not-in-registry" in {p.code for p in found}


@pytest.mark.parametrize("given", ["10.0.0.1/16", "8.8.0.0/16", "10.0.0.0/8", "10.300.0.0/16"])
def test_a_range_that_is_no_private_network_is_refused(given: str, recorder: Recorder) -> None:
    with pytest.raises(ValueError, match="address_range"):
        recorder(address_range=given)


def test_zones_are_those_of_moto_and_two_at_least_in_every_region() -> None:
    known = {
        region: sorted({zone.zone_id for zone in zones} - {"use1-az3"})
        for region, zones in RegionsAndZonesBackend.zones.items()
    }

    assert {region: list(zones) for region, zones in ZONES.items()} == {
        region: known[region] for region in REGIONS
    }
    assert min(map(len, ZONES.values())) >= 2
