"""Private endpoints: the ways to workspace and stores from inside a network."""

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import network, privatedns

from mlops_iac.specs import ExistingNetwork
from mlops_iac.specs.platform import OwnNetwork
from mlops_iac_azure import names
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.logs import Logs
from mlops_iac_azure.frame.own_network import Network, build_own_network
from mlops_iac_azure.frame.site import Site

GROUPS: Mapping[str, tuple[str, ...]] = {
    "amlworkspace": ("privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"),
    "blob": ("privatelink.blob.core.windows.net",),
    "file": ("privatelink.file.core.windows.net",),
    "table": ("privatelink.table.core.windows.net",),
    "vault": ("privatelink.vaultcore.azure.net",),
    "registry": ("privatelink.azurecr.io",),
}
"""Private DNS zones by the part of a service that an endpoint reaches (public cloud)."""


def build_network(site: Site, logs: Logs) -> Network | None:
    """Make or take the network; `None` on the public one."""
    declared = site.spec.network
    if isinstance(declared, OwnNetwork):
        return build_own_network(site, declared, logs)
    if isinstance(declared, ExistingNetwork):
        return Network(id=declared.network, endpoints=declared.subnets[-1])
    return None


def build_private_access(
    site: Site, reached: Network, targets: Mapping[str, pulumi.Output[str]]
) -> list[pulumi.Resource]:
    """Register a private endpoint, with its DNS, for each id in `targets` by its group.

    Returns:
        What makes them reachable: nothing is written to a store before.
    """
    zones = {zone: _zone(site, reached, zone) for group in targets for zone in GROUPS[group]}
    return [
        _endpoint(site, reached, group, target, {zone: zones[zone] for zone in GROUPS[group]})
        for group, target in targets.items()
    ]


def _zone(site: Site, declared: Network, name: str) -> pulumi.Output[str]:
    slug = name.removeprefix("privatelink.").replace(".", "-")
    zone = privatedns.PrivateZone(
        site.logical(f"dns-{slug}"),
        resource_group_name=site.group,
        private_zone_name=name,
        location="global",
        tags=site.tags,
        opts=site.opts("network"),
    )
    link = privatedns.VirtualNetworkLink(
        site.logical(f"dns-{slug}-link"),
        resource_group_name=site.group,
        private_zone_name=known(name, zone),
        virtual_network_link_name="mlops-iac",
        location="global",
        registration_enabled=False,
        virtual_network=privatedns.SubResourceArgs(id=declared.id),
        tags=site.tags,
        opts=site.opts("network"),
    )
    return known(site.id("Microsoft.Network/privateDnsZones", name), zone, link)


def _endpoint(
    site: Site,
    declared: Network,
    group: str,
    target: pulumi.Output[str],
    zones: Mapping[str, pulumi.Output[str]],
) -> pulumi.Resource:
    name = site.name(names.PRIVATE_ENDPOINT, group)
    endpoint = network.PrivateEndpoint(
        site.logical(f"{group}-endpoint"),
        resource_group_name=site.group,
        private_endpoint_name=name,
        location=site.location,
        subnet=network.SubnetArgs(id=declared.endpoints),
        private_link_service_connections=[
            network.PrivateLinkServiceConnectionArgs(
                name=group, group_ids=[group], private_link_service_id=target
            )
        ],
        tags=site.tags,
        opts=site.opts("network"),
    )
    return network.PrivateDnsZoneGroup(
        site.logical(f"{group}-endpoint-dns"),
        resource_group_name=site.group,
        private_endpoint_name=known(name, endpoint),
        private_dns_zone_group_name="default",
        private_dns_zone_configs=[
            network.PrivateDnsZoneConfigArgs(
                name=zone.replace(".", "-"), private_dns_zone_id=zone_id
            )
            for zone, zone_id in zones.items()
        ],
        opts=site.opts("network"),
    )
