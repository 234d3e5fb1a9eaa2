"""A network of the platform's own: its ranges, its rules, and what is said about `zones`.

Jobs and endpoints run in the workspace's managed network, which lets nothing out but what the
platform names. The network here holds the ways in: private endpoints of the workspace and its
stores, Container Apps, and the machines that a private registry builds on. A subnet of Azure is
in every zone of its region.
https://learn.microsoft.com/azure/machine-learning/how-to-managed-network
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from mlops_iac.errors import Severity
from mlops_iac.provider import Problem
from mlops_iac.specs import Platform
from mlops_iac.specs.platform import OwnNetwork

ENDPOINTS, BUILDS, APPS = "endpoints", "builds", "apps"
_ALL_ZONES = 2
_FIRST, _LAST = 200, 4000
"""Priorities of a security group's rules: the lower number goes first."""


@dataclass(frozen=True, kw_only=True)
class Subnet:
    """One subnet: its share of the range, and what runs in it."""

    name: str
    prefix: str
    delegation: str | None = None
    """Whose machines it is for, when only one service may use it."""
    reaches_out: bool = False
    """Whether it has a way to the internet."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of a security group."""

    name: str
    priority: int
    direction: str
    access: str
    source: str = "VirtualNetwork"
    target: str = "VirtualNetwork"
    port: str = "*"

    @property
    def protocol(self) -> str:
        """Its protocol: a port is TCP's."""
        return "*" if self.port == "*" else "Tcp"


def subnets(declared: OwnNetwork) -> tuple[Subnet, ...]:
    """Return the subnets: half of the range for apps, a quarter each for the rest."""
    apps, rest = IPv4Network(declared.address_range).subnets()
    endpoints, builds = rest.subnets()
    return (
        Subnet(name=ENDPOINTS, prefix=str(endpoints)),
        # What an image is built from comes of public registries and package indexes.
        Subnet(name=BUILDS, prefix=str(builds), reaches_out=True),
        Subnet(name=APPS, prefix=str(apps), delegation="Microsoft.App/environments"),
    )


_INSIDE: tuple[Rule, ...] = (
    Rule(name="in-network", priority=_FIRST, direction="Inbound", access="Allow"),
    Rule(name="out-network", priority=_FIRST, direction="Outbound", access="Allow"),
)
_NOTHING_ELSE: tuple[Rule, ...] = (
    Rule(
        name="in-nothing", priority=_LAST, direction="Inbound", access="Deny", source="*",
        target="*",
    ),
    Rule(
        name="out-nothing", priority=_LAST, direction="Outbound", access="Deny", source="*",
        target="*",
    ),
)  # fmt: skip


def _out(name: str, priority: int, target: str) -> Rule:
    return Rule(
        name=f"out-{name}", priority=priority, direction="Outbound", access="Allow", target=target,
        port="443",
    )  # fmt: skip


# https://learn.microsoft.com/azure/container-apps/firewall-integration ;
# https://learn.microsoft.com/azure/container-registry/tasks-agent-pools#add-firewall-rules
_OWN: Mapping[str, tuple[Rule, ...]] = {
    ENDPOINTS: (),
    BUILDS: (_out("internet", _FIRST + 10, "Internet"),),
    APPS: (
        Rule(
            name="in-balancer",
            priority=_FIRST + 10,
            direction="Inbound",
            access="Allow",
            source="AzureLoadBalancer",
            target="*",
        ),
        _out("images", _FIRST + 10, "MicrosoftContainerRegistry"),
        _out("front-door", _FIRST + 11, "AzureFrontDoor.FirstParty"),
        _out("identity", _FIRST + 12, "AzureActiveDirectory"),
        _out("logs", _FIRST + 13, "AzureMonitor"),
    ),
}


def rules(subnet: Subnet) -> tuple[Rule, ...]:
    """Return who may talk to whom: the network inside, what a service needs, and nothing else."""
    return (*_INSIDE, *_OWN[subnet.name], *_NOTHING_ELSE)


def zone_problems(spec: Platform) -> Iterator[Problem]:
    """Yield that a number of zones chooses nothing here."""
    if isinstance(spec.network, OwnNetwork) and spec.network.zones != _ALL_ZONES:
        # Not an error: the same declaration stands on clouds whose subnets are in one zone.
        yield Problem(
            code="network.zones-unused",
            component=spec.name,
            field="network.zones",
            value=spec.network.zones,
            message="a subnet of Azure is in every zone of its region",
            rule="the platform has its subnets once, whatever `zones` says",
            remedy="leave `zones` out where the stack runs on Azure only",
            severity=Severity.WARNING,
        )
