"""Clusters of machines: empty when idle, each with the one identity that its jobs have."""

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from mlops_iac.provider import Purpose
from mlops_iac.specs import ExistingNetwork
from mlops_iac_azure.frame.identity import Identity
from mlops_iac_azure.frame.site import Site
from mlops_iac_azure.jobs.clusters import Cluster, cluster_name, clusters, logical_name

IDLE = "PT2M"
"""How long a machine waits for another job before it goes."""


def build_clusters(
    site: Site, workspace: pulumi.Input[str], identities: Mapping[Purpose, Identity]
) -> dict[Purpose, list[pulumi.Resource]]:
    """Register the clusters that the stack's jobs run on; return them by purpose."""
    made: dict[Purpose, list[pulumi.Resource]] = {purpose: [] for purpose in identities}
    for cluster, nodes in clusters(site.context).items():
        identity = identities[cluster.purpose]
        made[cluster.purpose].append(_cluster(site, workspace, identity, cluster, nodes))
    return made


def _cluster(
    site: Site, workspace: pulumi.Input[str], identity: Identity, cluster: Cluster, nodes: int
) -> ml.Compute:
    return ml.Compute(
        site.logical(logical_name(cluster)),
        resource_group_name=site.group,
        workspace_name=workspace,
        compute_name=cluster_name(cluster, site.context),
        location=site.location,
        identity=ml.ManagedServiceIdentityArgs(
            type="UserAssigned", user_assigned_identities=[identity.known_id]
        ),
        properties=ml.AmlComputeArgs(
            compute_type="AmlCompute",
            compute_location=site.location,
            description=f"jobs of {cluster.purpose}",
            disable_local_auth=True,
            properties=_properties(site, cluster, nodes),
        ),
        tags=site.tags,
        opts=site.opts(""),
    )


def _properties(site: Site, cluster: Cluster, nodes: int) -> ml.AmlComputePropertiesArgs:
    subnet = _subnet(site)
    return ml.AmlComputePropertiesArgs(
        vm_size=cluster.machine,
        vm_priority="LowPriority" if cluster.is_spot else "Dedicated",
        os_type="Linux",
        scale_settings=ml.ScaleSettingsArgs(
            min_node_count=0, max_node_count=nodes, node_idle_time_before_scale_down=IDLE
        ),
        remote_login_port_public_access="Disabled",
        enable_node_public_ip=site.spec.network.mode == "public",
        isolated_network=False,
        subnet=None if subnet is None else ml.ResourceIdArgs(id=subnet),
    )


def _subnet(site: Site) -> str | None:
    """Return the subnet that jobs run in: the first one of a network of somebody's own."""
    network = site.spec.network
    return str(network.subnets[0]) if isinstance(network, ExistingNetwork) else None
