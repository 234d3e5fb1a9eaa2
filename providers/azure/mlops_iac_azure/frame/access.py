"""Who may do what on which part: the table of grants, assigned."""

from collections.abc import Mapping

import pulumi

from mlops_iac.provider import Purpose
from mlops_iac.specs import ExistingNetwork, ModelEndpoint, SecretRef, TrainingJob
from mlops_iac_azure.frame.identity import Identity, Target, assign, assign_actions
from mlops_iac_azure.frame.logs import Logs
from mlops_iac_azure.frame.registry import ImageRegistry
from mlops_iac_azure.frame.site import Site
from mlops_iac_azure.frame.storage import Store
from mlops_iac_azure.frame.vault import Vault
from mlops_iac_azure.frame.workspace import Workspace
from mlops_iac_azure.grants import (
    SECRETS_USER,
    SUBNET_ACTIONS,
    WORKSPACE_ACTIONS,
    WORKSPACE_ROLES,
    Place,
    actions_of,
    roles_of,
)

Places = Mapping[Place, Target]
_SECRET_READERS: Mapping[Purpose, type[TrainingJob] | type[ModelEndpoint]] = {
    Purpose.TRAINING: TrainingJob,
    Purpose.SERVING: ModelEndpoint,
}


def store_places(
    site: Site, logs: Logs, vault: Vault, store: Store, registry: ImageRegistry
) -> Places:
    """Return what roles are assigned on before there is a workspace."""
    return {
        Place.CONTAINER: Target.made("artifacts", store.container_id, store.container),
        Place.STORE: Target.made("store", store.id, store.account),
        Place.REGISTRY: Target.made("registry", registry.id, registry.resource),
        Place.VAULT: Target.made("vault", vault.id, vault.resource),
        Place.INSIGHTS: Target(
            key="insights", scope=f"{site.group_id}/insights", output=logs.insights_id
        ),
    }


def workspace_places(workspace: Workspace, identities: Mapping[Purpose, Identity]) -> Places:
    """Return what roles are assigned on once there is a workspace."""
    training, serving = identities[Purpose.TRAINING], identities[Purpose.SERVING]
    return {
        Place.WORKSPACE: Target.made("workspace", workspace.id, workspace.resource),
        Place.TRAINING_IDENTITY: Target.made("training-identity", training.id, training.resource),
        Place.SERVING_IDENTITY: Target.made("serving-identity", serving.id, serving.resource),
    }


def grant_workspace(site: Site, own: Identity, places: Places) -> list[pulumi.Resource]:
    """Register what the workspace's own identity may do; it cannot be made before."""
    group = Target.made("group", site.group_id, site.resource_group)
    granted: list[pulumi.Resource] = [
        assign(site, own, role, places[place]) for role, place in WORKSPACE_ROLES
    ]
    return [*granted, assign_actions(site, own, WORKSPACE_ACTIONS, group)]


def grant_purposes(
    site: Site, identities: Mapping[Purpose, Identity], places: Places, vault: Vault
) -> dict[Purpose, list[pulumi.Resource]]:
    """Register exactly what each purpose's identity may do; return it by purpose."""
    return {
        purpose: [
            *(assign(site, identity, role, places[place]) for role, place in roles_of(purpose)),
            assign_actions(site, identity, actions_of(purpose), places[Place.WORKSPACE]),
            *_grant_secrets(site, purpose, identity, vault),
            *_grant_subnet(site, purpose, identity),
        ]
        for purpose, identity in identities.items()
    }


def _grant_secrets(
    site: Site, purpose: Purpose, identity: Identity, vault: Vault
) -> list[pulumi.Resource]:
    """Let an identity read the secrets that its components name, and no other."""
    return [
        assign(
            site,
            identity,
            SECRETS_USER,
            Target.made(f"secret-{secret}", f"{vault.id}/secrets/{secret}", vault.resource),
            "environment",
        )
        for secret in sorted(_secrets(site, purpose))
    ]


def _secrets(site: Site, purpose: Purpose) -> set[str]:
    kind = _SECRET_READERS.get(purpose)
    return {
        value.secret
        for spec in site.context.specs.values()
        if kind is not None and isinstance(spec, kind)
        for value in spec.environment.values()
        if isinstance(value, SecretRef)
    }


def _grant_subnet(site: Site, purpose: Purpose, identity: Identity) -> list[pulumi.Resource]:
    network = site.spec.network
    if purpose is not Purpose.TRAINING or not isinstance(network, ExistingNetwork):
        return []
    subnet = Target.foreign("subnet", network.subnets[0])
    return [assign_actions(site, identity, SUBNET_ACTIONS, subnet, "network.subnets")]
