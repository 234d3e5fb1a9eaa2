"""What a killed `up` made with an official plugin is found again by its inputs.

Proves it beside the stand-in plugins on the test cloud; whole kills are in `tests/faults`.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_aws.adoption import KNOWN, made_id

from tests.clouds.aws.plugins.client import Client
from tests.clouds.aws.plugins.life import Life
from tests.clouds.aws.plugins.tables import ROWS
from tests.clouds.aws.running import Cloud
from tests.providers.aws.harness import record
from tests.providers.aws.scenarios import SCENARIOS, write_files

PROVIDER = {"region": "eu-west-1", "allowedAccountIds": '["123456789012"]'}
TAGS = {"mlops-iac-project": "shop", "mlops-iac-stack": "dev"}
POLICY = '{"Version": "2012-10-17", "Statement": []}'
PUT = {
    # Found in its network, and the same ever after.
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
}


@pytest.fixture
def here(serving_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The cloud as the environment names it, emptied."""
    for name, value in serving_cloud.environment.items():
        monkeypatch.setenv(name, value)
    serving_cloud.reset()
    return serving_cloud


def make(token: str, **inputs: Any) -> str:
    """Make a thing as its plugin does; check that it is found again, and return its id."""
    client = Client("eu-west-1")
    life = Life(token=token, row=ROWS[token], client=client, account="123456789012")
    made, _ = life.create(inputs)

    assert made_id(token, inputs, PROVIDER) == made, token
    return made


def test_what_is_created_and_not_put_can_be_found_again(tmp_path: Path) -> None:
    folder = write_files(tmp_path)
    names = ("complete-regulated", "full-dev", "own-network", "tracking-server-region")
    types = {
        resource.type
        for name in names
        for resource in record(
            folder, *SCENARIOS[name].components(), **SCENARIOS[name].platform
        ).resources
        if resource.type in ROWS
    }
    created = {t for t in types - PUT if not ROWS[t].create.operation.startswith("Put")}

    assert len(created) > 20
    assert created - KNOWN == set()


def test_each_part_of_a_network_is_found_again(here: Cloud) -> None:
    del here
    vpc = make(
        "aws:ec2/vpc:Vpc",
        cidrBlock="10.64.0.0/16",
        enableDnsSupport=True,
        enableDnsHostnames=True,
        tags=TAGS,
    )
    subnet = make("aws:ec2/subnet:Subnet", vpcId=vpc, cidrBlock="10.64.0.0/20", tags=TAGS)
    table = make("aws:ec2/routeTable:RouteTable", vpcId=vpc, tags=TAGS)
    make("aws:ec2/routeTableAssociation:RouteTableAssociation", routeTableId=table, subnetId=subnet)
    group = make("aws:ec2/securityGroup:SecurityGroup", name="g", description="d", vpcId=vpc)
    among = {"securityGroupId": group, "referencedSecurityGroupId": group, "ipProtocol": "-1"}
    https = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "0.0.0.0/0"}
    make("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", **among)
    make("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", **among)
    make("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", securityGroupId=group, **https)
    make(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        vpcId=vpc,
        vpcEndpointType="Interface",
        serviceName="com.amazonaws.eu-west-1.logs",
        subnetIds=[subnet],
        policy=POLICY,
    )


def test_what_aws_names_itself_is_found_again(here: Cloud) -> None:
    key = make("aws:kms/key:Key", description="Data of shop in dev", tags=TAGS)
    role = "arn:aws:iam::123456789012:role/tracking"
    store = "s3://bucket-of-shop/mlflow"
    make("aws:sagemaker/mlflowApp:MlflowApp", name="app", artifactStoreUri=store, roleArn=role)
    make(
        "aws-native:sagemaker:Artifact",
        artifactName="flights",
        artifactType="DataSet",
        source={"sourceUri": "s3://bucket-of-shop/flights/"},
    )
    here.client("kms").schedule_key_deletion(KeyId=key)

    gone = {"description": "Data of shop in dev", "tags": TAGS}
    assert made_id("aws:kms/key:Key", gone, PROVIDER) is None


def test_of_two_keys_alike_none_is_taken(here: Cloud) -> None:
    del here
    inputs = {"description": "Data of shop in dev", "tags": TAGS}
    make("aws:kms/key:Key", **inputs)
    with pytest.raises(AssertionError):
        make("aws:kms/key:Key", **inputs)

    assert made_id("aws:kms/key:Key", inputs, PROVIDER) is None


@pytest.mark.parametrize(
    ("token", "inputs", "identity"),
    [
        ("aws:iam/rolePolicy:RolePolicy", {"role": "r", "name": "p"}, "r:p"),
        ("aws:scheduler/schedule:Schedule", {"name": "s"}, "default/s"),
        ("aws:sns/topic:Topic", {"name": "t"}, "arn:aws:sns:eu-west-1:123456789012:t"),
        ("aws:s3/bucketPolicy:BucketPolicy", {"bucket": "b"}, None),
        ("gcp:storage/bucket:Bucket", {"name": "b"}, None),
    ],
)
def test_an_id_is_told_by_the_inputs(
    token: str, inputs: dict[str, Any], identity: str | None
) -> None:
    assert made_id(token, json.loads(json.dumps(inputs)), PROVIDER) == identity
