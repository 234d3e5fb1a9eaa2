"""Registers the network of the platform's own, and the machines that its registry builds on."""

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import containerregistry, network

from mlops_iac.specs.platform import OwnNetwork
from mlops_iac_azure import names
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.logs import Logs, send_logs
from mlops_iac_azure.frame.registry import ImageRegistry
from mlops_iac_azure.frame.site import Site
from mlops_iac_azure.image_build import POOL
from mlops_iac_azure.own_network import APPS, BUILDS, ENDPOINTS, Rule, Subnet, rules, subnets

_SUBNETS = "Microsoft.Network/virtualNetworks/subnets"


@dataclass(frozen=True, kw_only=True)
class Network:
    """What workloads need of their network; ids."""

    id: pulumi.Input[str]
    endpoints: pulumi.Input[str]
    """Subnet that private endpoints lie in."""
    builds: pulumi.Output[str] | None = None
    """Subnet of the machines that build; `None` in a network that somebody else owns."""
    apps: pulumi.Output[str] | None = None
    """Subnet of Container Apps; `None` as well there."""


def build_own_network(site: Site, declared: OwnNetwork, logs: Logs) -> Network:
    """Register the network with its subnets, each with a security group of its own."""
    name = site.name(names.NETWORK)
    parts = subnets(declared)
    groups = {part.name: _security_group(site, part, logs) for part in parts}
    resource = network.VirtualNetwork(
        site.logical("network"),
        resource_group_name=site.group,
        virtual_network_name=name,
        location=site.location,
        address_space=network.AddressSpaceArgs(address_prefixes=[declared.address_range]),
        # Inside the network, not beside it: written anew, it would forget what it does not name.
        subnets=[_subnet(part, groups[part.name]) for part in parts],
        tags=site.tags,
        opts=site.opts("network"),
    )
    ids = {part.name: known(site.id(_SUBNETS, name, part.name), resource) for part in parts}
    own_id = known(site.id("Microsoft.Network/virtualNetworks", name), resource)
    send_logs(site.logical("network-logs"), own_id, logs.analytics_id, site.opts("network"))
    return Network(id=own_id, endpoints=ids[ENDPOINTS], builds=ids[BUILDS], apps=ids[APPS])


def build_pool(
    site: Site, registry: ImageRegistry, subnet: pulumi.Output[str]
) -> pulumi.Output[str]:
    """Register the machines that build images; none runs until a build needs one."""
    pool = containerregistry.AgentPool(
        site.logical("builds"),
        resource_group_name=site.group,
        registry_name=known(registry.name, registry.resource),
        agent_pool_name=POOL,
        location=site.location,
        count=0,
        tier="S1",
        os="Linux",
        virtual_network_subnet_resource_id=subnet,
        tags=site.tags,
        # Builds take a machine and give it back.
        opts=site.opts("network", ignore_changes=["count"]),
    )
    return known(POOL, pool)


def _subnet(part: Subnet, group: pulumi.Output[str]) -> network.SubnetArgs:
    delegations = [
        network.DelegationArgs(name=part.name, service_name=part.delegation)
        for _ in (part.delegation,)
        if part.delegation
    ]
    return network.SubnetArgs(
        name=part.name,
        address_prefix=part.prefix,
        network_security_group=network.NetworkSecurityGroupArgs(id=group),
        private_endpoint_network_policies="Enabled",
        default_outbound_access=part.reaches_out,
        delegations=delegations,
    )


def _security_group(site: Site, part: Subnet, logs: Logs) -> pulumi.Output[str]:
    name = site.name(names.SECURITY_GROUP, part.name)
    group = network.NetworkSecurityGroup(
        site.logical(f"{part.name}-rules"),
        resource_group_name=site.group,
        network_security_group_name=name,
        location=site.location,
        security_rules=[_rule(rule) for rule in rules(part)],
        tags=site.tags,
        opts=site.opts("network"),
    )
    group_id = known(site.id("Microsoft.Network/networkSecurityGroups", name), group)
    logical = site.logical(f"{part.name}-rules-logs")
    send_logs(logical, group_id, logs.analytics_id, site.opts("network"), metrics=False)
    return group_id


def _rule(rule: Rule) -> network.SecurityRuleArgs:
    return network.SecurityRuleArgs(
        name=rule.name,
        priority=rule.priority,
        direction=rule.direction,
        access=rule.access,
        protocol=rule.protocol,
        source_address_prefix=rule.source,
        source_port_range="*",
        destination_address_prefix=rule.target,
        destination_port_range=rule.port,
    )
