"""The stand-ins of Pulumi's plugins make, read, change and remove what AWS's adapters register.

Proves that each type has a row and that a row does what it says; whole stacks are in
`tests/engine/test_aws_life.py`. Limit: the official plugins may do it by other calls.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from mlops_iac.testing import Registration
from tests.clouds.aws.plugins.client import Client
from tests.clouds.aws.plugins.life import Life
from tests.clouds.aws.plugins.tables import ROWS
from tests.clouds.aws.plugins.tagging import TAGGING
from tests.clouds.aws.running import Cloud
from tests.providers.aws.harness import record
from tests.providers.aws.scenarios import SCENARIOS, write_files

POLICY = '{"Version": "2012-10-17", "Statement": []}'
ALLOW = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
        ],
    }
)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
EVERY_TYPE = ("complete-regulated", "full-dev", "own-network", "tracking-server-region")
"""Scenarios that together register what any registers."""
_PACKAGES = ("aws:", "aws-native:")


@pytest.fixture
def here(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The cloud as the environment of a plugin names it."""
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    return cloud


def life(token: str, **tags: str) -> Life:
    """Return the life of a type, with the tags of a provider's configuration."""
    client = Client("eu-west-1")
    return Life(
        token=token, row=ROWS[token], client=client, account="123456789012", default_tags=tags
    )


def make(token: str, **inputs: Any) -> str:
    """Make a thing; check that it reads back as it was asked for, and return its id."""
    resource_id, state = life(token).create(inputs)
    found = life(token).read(resource_id, state, inputs)

    assert found is not None, token
    assert found[1] == inputs, token
    return resource_id


def test_every_type_that_is_registered_has_a_row(tmp_path: Path) -> None:
    folder = write_files(tmp_path)
    types = {
        resource.type
        for name in EVERY_TYPE
        for resource in _recorded(folder, name)
        if resource.type.startswith(_PACKAGES)
    }

    assert len(types) > 35
    assert types - ROWS.keys() == set()


def _recorded(folder: Path, name: str) -> tuple[Registration, ...]:
    scenario = SCENARIOS[name]
    return record(folder, *scenario.components(), **scenario.platform).resources


def test_every_row_that_has_tags_knows_how_its_service_tags() -> None:
    untagged = {row.tagging or row.service for row in ROWS.values()} - TAGGING.keys()

    assert untagged == set()


def test_a_network_is_made_and_reads_back_and_goes(here: Cloud) -> None:
    vpc = make(
        "aws:ec2/vpc:Vpc",
        cidrBlock="10.64.0.0/16",
        enableDnsSupport=True,
        enableDnsHostnames=True,
        tags={"a": "b"},
    )
    zone = "euw1-az1"
    subnet = make(
        "aws:ec2/subnet:Subnet", vpcId=vpc, cidrBlock="10.64.0.0/20", availabilityZoneId=zone
    )
    table = make("aws:ec2/routeTable:RouteTable", vpcId=vpc)
    make("aws:ec2/routeTableAssociation:RouteTableAssociation", routeTableId=table, subnetId=subnet)
    closed = make("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", vpcId=vpc)
    group = make("aws:ec2/securityGroup:SecurityGroup", name="g", description="d", vpcId=vpc)
    https = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    for way in ("Ingress", "Egress"):
        token = f"aws:vpc/securityGroup{way}Rule:SecurityGroup{way}Rule"
        make(token, securityGroupId=group, referencedSecurityGroupId=group, **https)
    endpoint = {
        "vpcId": vpc,
        "vpcEndpointType": "Interface",
        "serviceName": "com.amazonaws.eu-west-1.logs",
        "subnetIds": [subnet],
        "securityGroupIds": [group],
        "policy": POLICY,
    }
    made = make("aws:ec2/vpcEndpoint:VpcEndpoint", **endpoint)

    described = here.client("ec2").describe_security_groups(GroupIds=[closed])["SecurityGroups"][0]
    assert (described["IpPermissions"], described["IpPermissionsEgress"]) == ([], [])
    life("aws:ec2/vpcEndpoint:VpcEndpoint").delete(made, {}, endpoint)
    assert life("aws:ec2/vpcEndpoint:VpcEndpoint").read(made, {}, endpoint) is None


def test_a_managed_policy_is_made_attached_and_removed_after_its_attachment(here: Cloud) -> None:
    role, policy = life("aws:iam/role:Role"), life("aws:iam/policy:Policy")
    made, _ = role.create({"name": "r", "assumeRolePolicy": TRUST})
    arn = make("aws:iam/policy:Policy", name="p", policy=ALLOW, tags={"a": "b"})
    attachment = {"role": "r", "policyArn": arn}
    attached = make("aws:iam/rolePolicyAttachment:RolePolicyAttachment", **attachment)

    listed = here.client("iam").list_attached_role_policies(RoleName="r")["AttachedPolicies"]
    life("aws:iam/rolePolicyAttachment:RolePolicyAttachment").delete(attached, {}, attachment)
    policy.delete(arn, {}, {"name": "p", "policy": ALLOW})
    role.delete(made, {}, {"name": "r"})

    assert [each["PolicyArn"] for each in listed] == [arn]
    assert policy.read(arn, {}, {"name": "p", "policy": ALLOW}) is None


def test_what_was_changed_outside_is_read(here: Cloud) -> None:
    inputs = {"name": "r", "assumeRolePolicy": TRUST, "description": "as made", "tags": {"a": "b"}}
    role = life("aws:iam/role:Role", owner="us")
    resource_id, state = role.create(inputs)
    iam = here.client("iam")
    iam.update_role(RoleName="r", Description="as changed")
    iam.tag_role(RoleName="r", Tags=[{"Key": "c", "Value": "d"}])
    found = role.read(resource_id, state, inputs)

    assert state["tagsAll"] == {"owner": "us", "a": "b"}
    assert found is not None
    assert found[1] == {**inputs, "description": "as changed", "tags": {"a": "b", "c": "d"}}


def test_an_update_undoes_what_was_changed_outside(here: Cloud) -> None:
    inputs = {"name": "r", "assumeRolePolicy": TRUST, "description": "as made", "tags": {"a": "b"}}
    role = life("aws:iam/role:Role")
    resource_id, state = role.create(inputs)
    wish = {**inputs, "description": "as wished", "tags": {"e": "f"}}
    state = role.update(resource_id, state, inputs, wish)

    described = here.client("iam").get_role(RoleName="r")["Role"]
    assert described["Description"] == "as wished"
    assert described["Tags"] == [{"Key": "e", "Value": "f"}]
    assert role.read(resource_id, state, wish) == (state, wish)


def test_what_is_gone_is_read_as_gone_and_deleted_again(here: Cloud) -> None:
    inputs = {"name": "shop"}
    repository = life("aws:ecr/repository:Repository")
    resource_id, state = repository.create(inputs)
    here.client("ecr").delete_repository(repositoryName="shop")

    assert repository.read(resource_id, state, inputs) is None
    repository.delete(resource_id, state, inputs)
