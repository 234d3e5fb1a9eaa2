"""A network of the platform's own: private subnets, AWS's services by endpoint, no way out.

There is no internet gateway and no NAT: workloads reach AWS's services and the bucket, nothing
else. Each interface endpoint is billed by the hour in each zone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from mlops_iac.provider import BuildContext
from mlops_iac.specs.platform import OwnNetwork
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.identities import register_identity
from mlops_iac_aws.zones import ZONES

SUBNET_BITS = 4
"""A subnet is a sixteenth of the network's range."""
LOG_DAYS = 365
ENDPOINTS: Mapping[str, str] = {
    "application-autoscaling": "application-autoscaling",
    "ecr.api": "ecr",
    "ecr.dkr": "ecr",
    "kms": "kms",
    "logs": "logs",
    "monitoring": "cloudwatch",
    "sagemaker.api": "sagemaker",
    "sagemaker.featurestore-runtime": "sagemaker",
    "sagemaker.runtime": "sagemaker",
    "secretsmanager": "secretsmanager",
    "sts": "sts",
}
"""Services with an interface endpoint, and the prefix of their actions."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """What workloads need of their network."""

    subnets: list[sdk.pulumi.Output[str]]
    groups: list[sdk.pulumi.Output[str]]


def own_network(
    context: BuildContext,
    provider: sdk.pulumi.ProviderResource,
    declared: OwnNetwork,
    key: sdk.pulumi.Output[str] | None,
) -> Network:
    """Register the network with its endpoints and its flow log."""
    ground = _Ground(context, provider, declared)
    vpc = ground.register(
        sdk.aws.ec2.Vpc, "vpc",
        cidr_block=declared.address_range, enable_dns_hostnames=True, enable_dns_support=True,
    )  # fmt: skip
    # Everything that names no group is in this one: it lets nothing in and nothing out.
    ground.register(sdk.aws.ec2.DefaultSecurityGroup, "default-group", vpc_id=vpc.id)
    _flow_log(ground, vpc, key)
    subnets = [subnet.id for subnet in _subnets(ground, vpc)]
    storage = _storage_endpoint(ground, vpc, subnets)
    workloads = _group(ground, vpc, "workloads", "Workloads")
    _interface_endpoints(ground, vpc, subnets, workloads)
    _allow(ground, workloads, storage)
    return Network(subnets=subnets, groups=[workloads.id])


@dataclass(frozen=True)
class _Ground:
    context: BuildContext
    provider: sdk.pulumi.ProviderResource
    declared: OwnNetwork

    def register(self, resource: Any, suffix: str, **arguments: Any) -> Any:
        """Register a part of the network, with the ownership mark."""
        return self.untagged(resource, suffix, tags=self.context.tags, **arguments)

    def untagged(self, resource: Any, suffix: str, **arguments: Any) -> Any:
        """Register a part that takes no tags."""
        opts = self.context.opts(
            "network", provider=self.provider, depends_on=arguments.pop("depends_on", None)
        )
        return resource(self.context.name(suffix), **arguments, opts=opts)


def _subnets(ground: _Ground, vpc: sdk.aws.ec2.Vpc) -> Iterator[sdk.aws.ec2.Subnet]:
    ranges = ip_network(ground.declared.address_range).subnets(prefixlen_diff=SUBNET_BITS)
    zones = ZONES[place.region(ground.context)][: ground.declared.zones]
    for number, (zone, block) in enumerate(zip(zones, ranges, strict=False), start=1):
        yield ground.register(
            sdk.aws.ec2.Subnet, f"subnet-{number}",
            vpc_id=vpc.id, availability_zone_id=zone, cidr_block=str(block),
            map_public_ip_on_launch=False,
        )  # fmt: skip


def _flow_log(ground: _Ground, vpc: sdk.aws.ec2.Vpc, key: sdk.pulumi.Output[str] | None) -> None:
    context = ground.context
    granted = register_identity(context, ground.provider, names.FLOW_LOG_ROLE)
    group = ground.register(
        sdk.aws.cloudwatch.LogGroup, "flow-logs",
        name=place.flow_log_group(context), retention_in_days=LOG_DAYS, kms_key_id=key,
    )  # fmt: skip
    ground.register(
        sdk.aws.ec2.FlowLog, "flow-log",
        vpc_id=vpc.id, traffic_type="ALL", max_aggregation_interval=60,
        log_destination_type="cloud-watch-logs",
        log_destination=place.arn(context, "logs", f"log-group:{place.flow_log_group(context)}"),
        iam_role_arn=place.role_arn(context, names.FLOW_LOG_ROLE),
        depends_on=[granted, group],
    )  # fmt: skip


# --- the ways to AWS's services


def _storage_endpoint(
    ground: _Ground, vpc: sdk.aws.ec2.Vpc, subnets: list[sdk.pulumi.Output[str]]
) -> sdk.aws.ec2.VpcEndpoint:
    table = ground.register(sdk.aws.ec2.RouteTable, "routes", vpc_id=vpc.id)
    for number, subnet in enumerate(subnets, start=1):
        ground.untagged(
            sdk.aws.ec2.RouteTableAssociation, f"route-{number}",
            route_table_id=table.id, subnet_id=subnet,
        )  # fmt: skip
    return ground.register(
        sdk.aws.ec2.VpcEndpoint, "endpoint-s3",
        vpc_id=vpc.id, vpc_endpoint_type="Gateway", route_table_ids=[table.id],
        service_name=_service(ground.context, "s3"),
        policy=json.dumps(_storage_policy(ground.context)),
    )  # fmt: skip


def _interface_endpoints(
    ground: _Ground,
    vpc: sdk.aws.ec2.Vpc,
    subnets: list[sdk.pulumi.Output[str]],
    workloads: sdk.aws.ec2.SecurityGroup,
) -> None:
    group = _group(ground, vpc, "endpoints", "Endpoints of AWS's services")
    ground.register(
        sdk.aws.vpc.SecurityGroupIngressRule, "endpoints-in",
        security_group_id=group.id, description="Workloads",
        referenced_security_group_id=workloads.id, **_HTTPS,
    )  # fmt: skip
    for service, prefix in ENDPOINTS.items():
        ground.register(
            sdk.aws.ec2.VpcEndpoint, f"endpoint-{service.replace('.', '-')}",
            vpc_id=vpc.id, vpc_endpoint_type="Interface", private_dns_enabled=True,
            service_name=_service(ground.context, service),
            subnet_ids=subnets, security_group_ids=[group.id],
            policy=json.dumps(_policy([_own_account(ground.context, f"{prefix}:*")])),
        )  # fmt: skip


def _service(context: BuildContext, service: str) -> str:
    return f"com.amazonaws.{place.region(context)}.{service}"


def _policy(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def _own_account(context: BuildContext, action: str) -> dict[str, Any]:
    """Return what lets through whom IAM lets through, of this account alone."""
    return {
        "Sid": "OwnAccount",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": action,
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": place.account(context)}},
    }


def _storage_policy(context: BuildContext) -> dict[str, Any]:
    layers = f"prod-{place.region(context)}-starport-layer-bucket"
    # ECR's layers lie in a bucket of AWS, which is read without the account's identity.
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    read_layers = {
        "Sid": "LayersOfImages",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "s3:GetObject",
        "Resource": f"arn:{place.PARTITION}:s3:::{layers}/*",
    }
    return _policy([_own_account(context, "s3:*"), read_layers])


# --- who may talk to whom

_HTTPS: Mapping[str, Any] = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443}


def _group(ground: _Ground, vpc: sdk.aws.ec2.Vpc, use: str, who: str) -> sdk.aws.ec2.SecurityGroup:
    context = ground.context
    return ground.register(
        sdk.aws.ec2.SecurityGroup, use,
        name=names.security_group(context, use), vpc_id=vpc.id,
        description=f"{who} of {context.project} in {context.stack}",
    )  # fmt: skip


def _allow(
    ground: _Ground, workloads: sdk.aws.ec2.SecurityGroup, storage: sdk.aws.ec2.VpcEndpoint
) -> None:
    """Let workloads reach each other (distributed training), the endpoints and the bucket."""
    peers: dict[str, Any] = {"ip_protocol": "-1", "referenced_security_group_id": workloads.id}
    inside = {**_HTTPS, "cidr_ipv4": ground.declared.address_range}
    bucket = {**_HTTPS, "prefix_list_id": storage.prefix_list_id}
    rules: tuple[tuple[Any, str, Mapping[str, Any], str], ...] = (
        (sdk.aws.vpc.SecurityGroupIngressRule, "in-peers", peers, "Workloads among themselves"),
        (sdk.aws.vpc.SecurityGroupEgressRule, "out-peers", peers, "Workloads among themselves"),
        (sdk.aws.vpc.SecurityGroupEgressRule, "out-https", inside, "Endpoints of AWS's services"),
        (sdk.aws.vpc.SecurityGroupEgressRule, "out-storage", bucket, "The bucket"),
    )
    for resource, suffix, arguments, description in rules:
        ground.register(
            resource, f"workloads-{suffix}",
            security_group_id=workloads.id, description=description, **arguments,
        )  # fmt: skip
