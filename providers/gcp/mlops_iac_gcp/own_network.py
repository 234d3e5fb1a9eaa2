"""A network of the platform's own: a private subnet, an address of Google's APIs, no way out.

There is no default route and no NAT: workloads reach Google's APIs by Private Service Connect, and
nothing else. A subnet of Google Cloud is in every zone of its region.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from mlops_iac.errors import Severity
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import Platform
from mlops_iac.specs.platform import OwnNetwork
from mlops_iac_gcp import names, sdk
from mlops_iac_gcp.foundation import Foundation

DOMAINS = ("googleapis.com", "pkg.dev", "run.app")
"""Names that lead to Google's APIs, to images, and to services of Cloud Run.

https://cloud.google.com/vpc/docs/configure-private-service-connect-apis
"""
ALL_APIS = "all-apis"
"""Bundle of the APIs that an endpoint of Private Service Connect leads to."""
VERTEX = "gcp-vertexai"
"""Service class of Vertex AI's private endpoints.

https://cloud.google.com/vertex-ai/docs/predictions/private-service-connect
"""
TTL_SECONDS = 300
_DENY, _ALLOW = 65_000, 1_000
"""Priorities of firewall rules: the lower number goes first."""
_ALL_ZONES = 2


def zone_problems(spec: Platform) -> Iterator[Problem]:
    """Yield that a number of zones chooses nothing here."""
    if isinstance(spec.network, OwnNetwork) and spec.network.zones != _ALL_ZONES:
        # Not an error: the same declaration stands on clouds whose subnets are in one zone.
        yield Problem(
            code="network.zones-unused",
            component=spec.name,
            field="network.zones",
            value=spec.network.zones,
            message="a subnet of Google Cloud is in every zone of its region",
            rule="the platform has one subnet, whatever `zones` says",
            remedy="leave `zones` out where the stack runs on Google Cloud only",
            severity=Severity.WARNING,
        )


@dataclass(frozen=True, kw_only=True)
class Network:
    """What workloads need of their network."""

    name: sdk.pulumi.Output[str]
    """`projects/<number>/global/networks/<name>`, once the ways to Google's APIs are there."""
    subnet: sdk.pulumi.Output[str]


def network_name(scope: Scope) -> str:
    """Return the name of the network."""
    return scope.platform_name(names.COMPUTE, "network")


def add_own_network(foundation: Foundation, declared: OwnNetwork) -> Network:
    """Register the network with its subnet, its flow logs and its firewall."""
    ground = _Ground(foundation, declared)
    context = foundation.context
    network = ground.register(
        sdk.gcp.compute.Network, "network",
        name=network_name(context),
        description=f"Workloads of {context.project} ({context.stack})",
        auto_create_subnetworks=False,
        delete_default_routes_on_create=True,
        routing_mode="REGIONAL",
    )  # fmt: skip
    subnet = _subnet(ground, network)
    _firewall(ground, network)
    ways = [*_ways_to_apis(ground, network), _way_to_endpoints(ground, network, subnet)]
    name = foundation.agent_email(f"projects/{{number}}/global/networks/{network_name(context)}")
    return Network(name=_after(name, ways), subnet=_after(subnet.id, ways))


def _after(value: sdk.pulumi.Output[str], others: list[Any]) -> sdk.pulumi.Output[str]:
    return sdk.pulumi.Output.all(value, *[other.id for other in others]).apply(
        lambda known: str(known[0])
    )


@dataclass(frozen=True)
class _Ground:
    foundation: Foundation
    declared: OwnNetwork

    @property
    def halves(self) -> tuple[IPv4Network, IPv4Network]:
        """The subnet's range, and the one that the address of Google's APIs is of."""
        first, second = IPv4Network(self.declared.address_range).subnets()
        return first, second

    @property
    def apis(self) -> str:
        """Address of Google's APIs in the network: it may be in no subnet."""
        return str(self.halves[1][1])

    def name(self, suffix: str) -> str:
        """Return the name of a part."""
        return self.foundation.context.platform_name(names.COMPUTE, "network", suffix)

    def register(self, resource: Any, suffix: str, **arguments: Any) -> Any:
        """Register a part of the network."""
        return resource(
            self.foundation.name(suffix),
            **arguments,
            project=self.foundation.project,
            opts=self.foundation.opts("network"),
        )


def _subnet(ground: _Ground, network: Any) -> sdk.gcp.compute.Subnetwork:
    return ground.register(
        sdk.gcp.compute.Subnetwork, "subnet",
        name=ground.name("subnet"),
        network=network.id,
        region=ground.foundation.region,
        ip_cidr_range=str(ground.halves[0]),
        private_ip_google_access=True,
        log_config=sdk.gcp.compute.SubnetworkLogConfigArgs(
            aggregation_interval="INTERVAL_5_SEC",
            flow_sampling=1.0,
            metadata="INCLUDE_ALL_METADATA",
        ),
    )  # fmt: skip


# --- who may talk to whom


def _firewall(ground: _Ground, network: Any) -> None:
    """Let workloads reach each other (distributed training) and Google's APIs; deny the rest."""
    inside = [str(ground.halves[0])]
    allow, deny = sdk.gcp.compute.FirewallAllowArgs, sdk.gcp.compute.FirewallDenyArgs
    everything = [allow(protocol="all")]
    rules: tuple[tuple[str, dict[str, Any]], ...] = (
        ("in-peers", {"direction": "INGRESS", "source_ranges": inside, "allows": everything}),
        ("out-peers", {"direction": "EGRESS", "destination_ranges": inside, "allows": everything}),
        (
            "out-apis",
            {
                "direction": "EGRESS",
                "destination_ranges": [f"{ground.apis}/32"],
                "allows": [allow(protocol="tcp", ports=["443"])],
            },
        ),
        (
            "out-nothing",
            {
                "direction": "EGRESS",
                "destination_ranges": ["0.0.0.0/0"],
                "denies": [deny(protocol="all")],
            },
        ),
    )
    for suffix, rule in rules:
        ground.register(
            sdk.gcp.compute.Firewall, f"network-{suffix}",
            name=ground.name(suffix),
            network=network.id,
            priority=_DENY if "denies" in rule else _ALLOW,
            log_config=sdk.gcp.compute.FirewallLogConfigArgs(metadata="INCLUDE_ALL_METADATA"),
            **rule,
        )  # fmt: skip


# --- the ways to Google's APIs, and from the network to private endpoints


def _ways_to_apis(ground: _Ground, network: Any) -> Iterator[Any]:
    address = ground.register(
        sdk.gcp.compute.GlobalAddress, "apis-address",
        name=ground.name("apis"),
        network=network.id,
        address=ground.apis,
        address_type="INTERNAL",
        purpose="PRIVATE_SERVICE_CONNECT",
    )  # fmt: skip
    yield ground.register(
        sdk.gcp.compute.GlobalForwardingRule, "apis",
        # At most twenty letters and digits, unlike other rules.
        name=ground.foundation.context.platform_name(names.APIS_ENDPOINT),
        network=network.id,
        ip_address=address.id,
        target=ALL_APIS,
        load_balancing_scheme="",
    )  # fmt: skip
    for domain in DOMAINS:
        yield from _zone(ground, network, domain)


def _zone(ground: _Ground, network: Any, domain: str) -> Iterator[Any]:
    """Register that every name of a domain leads to the address of Google's APIs."""
    slug = domain.replace(".", "-")
    visible = sdk.gcp.dns.ManagedZonePrivateVisibilityConfigArgs(
        networks=[sdk.gcp.dns.ManagedZonePrivateVisibilityConfigNetworkArgs(network_url=network.id)]
    )
    zone = ground.register(
        sdk.gcp.dns.ManagedZone, f"zone-{slug}",
        name=ground.name(slug),
        description=f"Google's APIs by Private Service Connect: {domain}",
        dns_name=f"{domain}.",
        visibility="private",
        private_visibility_config=visible,
        labels=ground.foundation.labels,
    )  # fmt: skip
    records = (("record", f"{domain}.", "A", ground.apis), ("any", f"*.{domain}.", "CNAME", ""))
    for suffix, name, kind, data in records:
        yield ground.register(
            sdk.gcp.dns.RecordSet, f"zone-{slug}-{suffix}",
            name=name,
            managed_zone=zone.name,
            type=kind,
            ttl=TTL_SECONDS,
            rrdatas=[data or f"{domain}."],
        )  # fmt: skip


def _way_to_endpoints(ground: _Ground, network: Any, subnet: Any) -> Any:
    """Let Vertex AI make the addresses in the subnet by which its private endpoints are called."""
    return ground.register(
        sdk.gcp.networkconnectivity.ServiceConnectionPolicy, "endpoints",
        name=ground.name("vertex"),
        location=ground.foundation.region,
        description="Private endpoints of Vertex AI",
        service_class=VERTEX,
        network=network.id,
        psc_config=sdk.gcp.networkconnectivity.ServiceConnectionPolicyPscConfigArgs(
            subnetworks=[subnet.id]
        ),
        labels=ground.foundation.labels,
    )  # fmt: skip
