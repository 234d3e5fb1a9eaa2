"""The platform team's own network: jobs by a network attachment, endpoints by PSC."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_iac.provider import Grant, Problem, Scope
from mlops_iac.specs import ExistingNetwork, Platform, is_output
from mlops_iac_gcp import names, sdk
from mlops_iac_gcp.foundation import Foundation
from mlops_iac_gcp.grants import GRANTS
from mlops_iac_gcp.identities import member

_NETWORK = re.compile(r"projects/[^/]+/global/networks/[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBNET = re.compile(
    r"projects/[^/]+/regions/(?P<region>[^/]+)/subnetworks/[a-z]([-a-z0-9]{0,61}[a-z0-9])?"
)


def network_problems(spec: Platform, scope: Scope) -> Iterator[Problem]:
    """Yield what is wrong with a network that exists already."""
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


def add_network(foundation: Foundation) -> sdk.pulumi.Output[str] | None:
    """Make the attachment through which jobs reach the network; `None` on the public one."""
    context = foundation.context
    network = context.platform.network
    if not isinstance(network, ExistingNetwork):
        return None
    attachment = sdk.gcp.compute.NetworkAttachment(
        foundation.name("network"),
        name=context.physical_name(names.COMPUTE, context.component),
        project=foundation.project,
        region=foundation.region,
        description=f"Training jobs of {context.project} ({context.stack})",
        # Vertex AI adds its tenant project to the accept list, with the permissions below.
        connection_preference="ACCEPT_MANUAL",
        subnetworks=list(network.subnets),
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
