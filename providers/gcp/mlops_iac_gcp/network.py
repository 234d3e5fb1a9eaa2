"""The platform team's own network: jobs by a network attachment, endpoints by PSC."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlops_iac.provider import Grant, Problem, Scope
from mlops_iac.specs import ExistingNetwork, Platform, is_output
from mlops_iac.specs.platform import OwnNetwork
from mlops_iac_gcp import names, sdk
from mlops_iac_gcp.foundation import Foundation
from mlops_iac_gcp.grants import GRANTS
from mlops_iac_gcp.identities import member
from mlops_iac_gcp.own_network import add_own_network, zone_problems

_NETWORK = re.compile(r"projects/[^/]+/global/networks/[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBNET = re.compile(
    r"projects/[^/]+/regions/(?P<region>[^/]+)/subnetworks/[a-z]([-a-z0-9]{0,61}[a-z0-9])?"
)


def network_problems(spec: Platform, scope: Scope) -> Iterator[Problem]:
    """Yield what Google Cloud would refuse of a network, and what it does not need."""
    yield from zone_problems(spec)
    network = spec.network
    if not isinstance(network, ExistingNetwork):
        return
    if network.security_groups:
        yield Problem(
            code="network.security-groups",
            component=spec.name,
            field="network.security_groups",
            value=[str(group) for group in network.security_groups],
            message="Google Cloud has no security groups",
            rule="a VPC's firewall rules hold for its subnets",
            remedy="leave `security_groups` out; put the rules on the network",
        )
    if not is_output(network.network) and not _NETWORK.fullmatch(str(network.network)):
        yield _malformed(spec, "network.network", network.network, "projects/P/global/networks/N")
    if len(network.subnets) > 1:
        yield Problem(
            code="network.subnets",
            component=spec.name,
            field="network.subnets",
            value=[str(subnet) for subnet in network.subnets],
            message=f"{len(network.subnets)} subnets are named",
            # https://cloud.google.com/vpc/docs/create-manage-network-attachments
            rule="a network attachment has one subnet; it is in every zone of its region",
            remedy="name one subnet",
        )
    for index, subnet in enumerate(network.subnets):
        match = None if is_output(subnet) else _SUBNET.fullmatch(str(subnet))
        if not is_output(subnet) and (match is None or match["region"] != scope.target.region):
            rule = f"projects/P/regions/{scope.target.region}/subnetworks/S"
            yield _malformed(spec, f"network.subnets.{index}", subnet, rule)


def _malformed(spec: Platform, field: str, value: object, rule: str) -> Problem:
    return Problem(
        code="network.name",
        component=spec.name,
        field=field,
        value=str(value),
        message=f"`{value}` is not the full name that Vertex AI needs",
        rule=f"`{rule}`",
        remedy="`gcloud compute networks subnets list --format='value(selfLink)'` shows them",
    )


@dataclass(frozen=True, kw_only=True)
class Attached:
    """How workloads are in a network; both `None` on the public one."""

    network: sdk.pulumi.Input[str] | None = None
    """`projects/P/global/networks/N`: endpoints are called from inside it."""
    attachment: sdk.pulumi.Output[str] | None = None
    """What jobs reach it through."""
    subnet: sdk.pulumi.Input[str] | None = None
    """What serverless endpoints are in."""


def add_network(foundation: Foundation) -> Attached:
    """Make or take the network, and the attachment through which jobs reach it."""
    declared = foundation.context.platform.network
    if isinstance(declared, OwnNetwork):
        own = add_own_network(foundation, declared)
        attachment = _attachment(foundation, [own.subnet])
        return Attached(network=own.name, attachment=attachment, subnet=own.subnet)
    if isinstance(declared, ExistingNetwork):
        attachment = _attachment(foundation, declared.subnets)
        (subnet, *_) = declared.subnets
        return Attached(network=declared.network, attachment=attachment, subnet=subnet)
    return Attached()


def _attachment(
    foundation: Foundation, subnets: Sequence[sdk.pulumi.Input[str]]
) -> sdk.pulumi.Output[str]:
    context = foundation.context
    attachment = sdk.gcp.compute.NetworkAttachment(
        foundation.name("attachment"),
        name=context.physical_name(names.COMPUTE, context.component),
        project=foundation.project,
        region=foundation.region,
        description=f"Training jobs of {context.project} ({context.stack})",
        # Vertex AI adds its tenant project to the accept list, with the permissions below.
        connection_preference="ACCEPT_MANUAL",
        subnetworks=list(subnets),
        opts=foundation.opts("network", ignore_changes=["producerAcceptLists"]),
    )
    granted = _let_vertex_attach(foundation)
    return sdk.pulumi.Output.all(attachment.id, granted.id).apply(lambda values: str(values[0]))


def _let_vertex_attach(foundation: Foundation) -> sdk.gcp.projects.IAMMember:
    context = foundation.context
    (binding,) = GRANTS[Grant.USE_NETWORK]
    role = sdk.gcp.projects.IAMCustomRole(
        foundation.name("network-permissions"),
        role_id=context.physical_name(names.ROLE, context.component, "network"),
        project=foundation.project,
        title=f"{context.project} {context.stack} network",
        description="mlops-iac: what Vertex AI needs to attach jobs to the network",
        permissions=list(binding.permissions),
        stage="GA",
        opts=foundation.opts("network"),
    )
    assert foundation.agent is not None  # noqa: S101  made when the foundation is opened
    return sdk.gcp.projects.IAMMember(
        foundation.name("network-agent"),
        project=foundation.project,
        role=role.name,
        member=member(foundation.agent.email),
        opts=foundation.opts("network"),
    )
