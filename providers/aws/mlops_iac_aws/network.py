"""Workloads inside a network: one that the platform team owns, or the platform's own."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from mlops_iac.provider import BuildContext
from mlops_iac.specs.platform import ExistingNetwork, OwnNetwork, PublicNetwork
from mlops_iac.specs.types import is_output
from mlops_iac_aws import names, sdk


def workload_groups(
    context: BuildContext, provider: sdk.pulumi.ProviderResource
) -> list[sdk.pulumi.Input[str]]:
    """Return the security groups of workloads; one of our own when the declaration names none.

    Ours lets workloads reach each other (distributed training) and HTTPS (the AWS APIs), and
    nothing reach them: SageMaker's own calls do not pass through it.
    """
    network = context.platform.network
    if not isinstance(network, ExistingNetwork):
        return []
    if network.security_groups:
        return list(network.security_groups)
    group = sdk.aws.ec2.SecurityGroup(
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
    context: BuildContext, provider: sdk.pulumi.ProviderResource, group: sdk.aws.ec2.SecurityGroup
) -> None:
    among: dict[str, Any] = {"ip_protocol": "-1", "referenced_security_group_id": group.id}
    https: dict[str, Any] = {
        "ip_protocol": "tcp",
        "from_port": 443,
        "to_port": 443,
        "cidr_ipv4": "0.0.0.0/0",
    }
    rules: tuple[tuple[Any, str, dict[str, Any], str], ...] = (
        (sdk.aws.vpc.SecurityGroupIngressRule, "in-peers", among, "Workloads among themselves"),
        (sdk.aws.vpc.SecurityGroupEgressRule, "out-peers", among, "Workloads among themselves"),
        (sdk.aws.vpc.SecurityGroupEgressRule, "out-https", https, "AWS APIs and package mirrors"),
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


def vpc_config(context: BuildContext) -> dict[str, list[Any]] | None:
    """Return `VpcConfig` of the SageMaker API; `None` in SageMaker's own network."""
    network = context.platform.network
    if isinstance(network, PublicNetwork):
        return None
    made = context.built_platform.native
    group = made["security_groups"].apply(lambda ids: ids[0])
    if isinstance(network, OwnNetwork):
        subnets = [made["subnets"].apply(itemgetter(number)) for number in range(network.zones)]
        return {"SecurityGroupIds": [group], "Subnets": subnets}
    groups = list(network.security_groups) or [group]
    return {"SecurityGroupIds": groups, "Subnets": list(network.subnets)}


def vpc_parameters(config: dict[str, list[Any]] | None) -> dict[str, Any]:
    """Return the parts of `config` that only deploying tells, by the name of a parameter."""
    return {
        _parameter(kind, index): item
        for kind, items in (config or {}).items()
        for index, item in enumerate(items)
        if is_output(item)
    }


def vpc_in_pipeline(config: dict[str, list[Any]] | None) -> dict[str, list[Any]] | None:
    """Return `config` with references to parameters in place of what only deploying tells."""
    if config is None:
        return None
    return {
        kind: [
            {"Get": f"Parameters.{_parameter(kind, index)}"} if is_output(item) else item
            for index, item in enumerate(items)
        ]
        for kind, items in config.items()
    }


def _parameter(kind: str, index: int) -> str:
    return f"{kind}{index}"
