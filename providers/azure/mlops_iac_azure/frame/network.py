"""Private endpoints in a network that somebody else owns."""

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import network, privatedns

from mlops_iac.specs import ExistingNetwork
from mlops_iac_azure import names
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.site import Site

GROUPS: Mapping[str, tuple[str, ...]] = {
    "amlworkspace": ("privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"),
    "blob": ("privatelink.blob.core.windows.net",),
    "file": ("privatelink.file.core.windows.net",),
    "vault": ("privatelink.vaultcore.azure.net",),
    "registry": ("privatelink.azurecr.io",),
}
"""Private DNS zones by the part of a service that an endpoint reaches (public cloud)."""


def build_private_access(site: Site, targets: Mapping[str, pulumi.Output[str]]) -> None:
    """Register a private endpoint, with its DNS, for each id in `targets` by its group."""
    if not isinstance(site.spec.network, ExistingNetwork):
        return
    zones = {zone: _zone(site, zone) for group in targets for zone in GROUPS[group]}
    for group, target in targets.items():
        _endpoint(site, group, target, {zone: zones[zone] for zone in GROUPS[group]})


def _zone(site: Site, name: str) -> pulumi.Output[str]:
    declared = site.spec.network
    assert isinstance(declared, ExistingNetwork)  # noqa: S101  asked by the caller
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
        virtual_network=privatedns.SubResourceArgs(id=declared.network),
        tags=site.tags,
        opts=site.opts("network.network"),
    )
    return known(site.id("Microsoft.Network/privateDnsZones", name), zone, link)


def _endpoint(
    site: Site, group: str, target: pulumi.Output[str], zones: Mapping[str, pulumi.Output[str]]
) -> None:
    declared = site.spec.network
    assert isinstance(declared, ExistingNetwork)  # noqa: S101  asked by the caller
    name = site.name(names.PRIVATE_ENDPOINT, group)
    endpoint = network.PrivateEndpoint(
        site.logical(f"{group}-endpoint"),
        resource_group_name=site.group,
        private_endpoint_name=name,
        location=site.location,
        subnet=network.SubnetArgs(id=declared.subnets[-1]),
        private_link_service_connections=[
            network.PrivateLinkServiceConnectionArgs(
                name=group, group_ids=[group], private_link_service_id=target
            )
        ],
        tags=site.tags,
        opts=site.opts("network.subnets"),
    )
    network.PrivateDnsZoneGroup(
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
        opts=site.opts("network.subnets"),
    )
