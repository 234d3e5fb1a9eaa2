"""Workloads inside a network that the platform team owns."""

from typing import Any

import pulumi
import pulumi_aws as aws

from mlops_iac.provider import BuildContext
from mlops_iac.specs.platform import ExistingNetwork
from mlops_iac_aws import names


def workload_groups(
    context: BuildContext, provider: pulumi.ProviderResource
) -> list[pulumi.Input[str]]:
    """Return the security groups of workloads; one of our own when the declaration names none.

    Ours lets workloads reach each other (distributed training) and HTTPS (the AWS APIs), and
    nothing reach them: SageMaker's own calls do not pass through it.
    """
    network = context.platform.network
    if not isinstance(network, ExistingNetwork):
        return []
    if network.security_groups:
        return list(network.security_groups)
    group = aws.ec2.SecurityGroup(
        context.name("workloads"),
        name=names.security_group(context),
        description=f"Workloads of {context.project} in {context.stack}",
        vpc_id=network.network,
        tags=context.tags,
        opts=context.opts("network", provider=provider),
    )
    _rules(context, provider, group)
    return [group.id]


def _rules(
    context: BuildContext, provider: pulumi.ProviderResource, group: aws.ec2.SecurityGroup
) -> None:
    among = {"ip_protocol": "-1", "referenced_security_group_id": group.id}
    https = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "0.0.0.0/0"}
    rules: tuple[tuple[Any, str, dict[str, Any], str], ...] = (
        (aws.vpc.SecurityGroupIngressRule, "in-peers", among, "Workloads among themselves"),
        (aws.vpc.SecurityGroupEgressRule, "out-peers", among, "Workloads among themselves"),
        (aws.vpc.SecurityGroupEgressRule, "out-https", https, "AWS APIs and package mirrors"),
    )
    for resource, suffix, arguments, description in rules:
        resource(
            context.name(f"workloads-{suffix}"),
            security_group_id=group.id,
            description=description,
            tags=context.tags,
            **arguments,
            opts=context.opts("network", provider=provider),
        )


def vpc_config(
    network: object, groups: list[pulumi.Input[str]] | pulumi.Output[Any]
) -> dict[str, Any] | None:
    """Return `VpcConfig` of the SageMaker API; `None` in SageMaker's own network."""
    if not isinstance(network, ExistingNetwork):
        return None
    return {"SecurityGroupIds": groups, "Subnets": list(network.subnets)}
