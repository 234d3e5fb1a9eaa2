"""Who may do what on which part: the table of grants, assigned."""

from collections.abc import Mapping

import pulumi

from mlops_iac.provider import Purpose, Scope
from mlops_iac.specs import (
    BatchInference,
    ExistingNetwork,
    ModelEndpoint,
    ProcessingJob,
    SecretRef,
    TrainingJob,
)
from mlops_iac_azure import facts, ids
from mlops_iac_azure import place as paths
from mlops_iac_azure.frame.identity import Identity, Target, assign, assign_actions
from mlops_iac_azure.frame.logs import Logs
from mlops_iac_azure.frame.registry import ImageRegistry
from mlops_iac_azure.frame.site import Site
from mlops_iac_azure.frame.storage import Store
from mlops_iac_azure.frame.vault import Vault
from mlops_iac_azure.frame.workspace import Workspace, isolation
from mlops_iac_azure.grants import (
    MANAGED_NETWORK_ROLES,
    SECRETS_USER,
    SUBNET_ACTIONS,
    WORKSPACE_ACTIONS,
    WORKSPACE_ROLES,
    Place,
    actions_of,
    condition_of,
    roles_of,
)

Places = Mapping[Place, Target]
REGISTRIES, VAULTS = "Microsoft.ContainerRegistry/registries", "Microsoft.KeyVault/vaults"
_IDENTITIES: Mapping[Purpose, Place] = {
    Purpose.TRAINING: Place.TRAINING_IDENTITY,
    Purpose.SERVING: Place.SERVING_IDENTITY,
    Purpose.PIPELINE: Place.PIPELINE_IDENTITY,
}
SecretReader = TrainingJob | ProcessingJob | BatchInference | ModelEndpoint
_SECRET_READERS: Mapping[Purpose, tuple[type[SecretReader], ...]] = {
    Purpose.TRAINING: (TrainingJob, ProcessingJob, BatchInference),
    Purpose.SERVING: (ModelEndpoint,),
}


def store_places(
    site: Site, logs: Logs, vault: Vault, store: Store, registry: ImageRegistry
) -> Places:
    """Return what roles are assigned on before there is a workspace."""
    return {
        Place.CONTAINER: Target.made("artifacts", store.container_id, store.container),
        Place.CAPTURES: Target.made("captures", store.captures_id, store.captures),
        Place.STORE: Target.made("store", store.id, store.account),
        Place.REGISTRY: Target.made("registry", registry.id, registry.resource),
        Place.VAULT: Target.made("vault", vault.id, vault.resource),
        Place.INSIGHTS: Target(
            key="insights", scope=f"{site.group_id}/insights", output=logs.insights_id
        ),
    }


def workspace_places(workspace: Workspace, identities: Mapping[Purpose, Identity]) -> Places:
    """Return what roles are assigned on once there is a workspace."""
    return {
        Place.WORKSPACE: Target.made("workspace", workspace.id, workspace.behind),
        **identity_places(identities),
    }


def identity_places(identities: Mapping[Purpose, Identity]) -> Places:
    """Return the identities that others may start work as."""
    return {
        place: Target.made(f"{purpose.value}-identity", found.id, found.resource)
        for purpose, place in _IDENTITIES.items()
        for found in (identities[purpose],)
    }


def shared_places(scope: Scope, insights_id: str) -> Places:
    """Return what roles are assigned on that another stack has made: known by its id."""
    group, account = facts.group_id(scope), facts.account_id(scope)
    containers = f"{account}/blobServices/default/containers"
    registry, vault = facts.registry(scope), facts.vault(scope)
    found = {
        Place.CONTAINER: ("artifacts", f"{containers}/{paths.CONTAINER}"),
        Place.CAPTURES: ("captures", f"{containers}/{paths.CAPTURES}"),
        Place.REGISTRY: ("registry", ids.resource_id(group, REGISTRIES, registry)),
        Place.VAULT: ("vault", ids.resource_id(group, VAULTS, vault)),
        Place.INSIGHTS: ("insights", insights_id),
        Place.WORKSPACE: ("workspace", facts.workspace_id(scope)),
    }
    return {place: Target.shared(key, scope_id) for place, (key, scope_id) in found.items()}


def grant_workspace(site: Site, own: Identity, places: Places) -> list[pulumi.Resource]:
    """Register what the workspace's own identity may do; it cannot be made before."""
    group = Target(key="group", scope=site.group_id, output=site.known(site.group_id))
    network = MANAGED_NETWORK_ROLES if isolation(site) != "Disabled" else ()
    granted: list[pulumi.Resource] = [
        assign(site, own, role, places[place]) for role, place in (*WORKSPACE_ROLES, *network)
    ]
    return [*granted, assign_actions(site, own, WORKSPACE_ACTIONS, group)]


def grant_purposes(
    site: Site, identities: Mapping[Purpose, Identity], places: Places
) -> dict[Purpose, list[pulumi.Resource]]:
    """Register exactly what each purpose's identity may do; return it by purpose."""
    return {
        purpose: [
            *_grant_roles(site, purpose, identity, places),
            assign_actions(site, identity, actions_of(purpose), places[Place.WORKSPACE]),
            *_grant_secrets(site, purpose, identity, places[Place.VAULT]),
            *_grant_subnet(site, purpose, identity),
        ]
        for purpose, identity in identities.items()
    }


def _grant_roles(
    site: Site, purpose: Purpose, identity: Identity, places: Places
) -> list[pulumi.Resource]:
    return [
        assign(site, identity, role, places[place], condition=condition_of(purpose, role, place))
        for role, place in roles_of(purpose)
    ]


def _grant_secrets(
    site: Site, purpose: Purpose, identity: Identity, vault: Target
) -> list[pulumi.Resource]:
    """Let an identity read the secrets that its components name, and no other."""
    return [
        assign(
            site,
            identity,
            SECRETS_USER,
            vault.below(f"secret-{secret}", f"secrets/{secret}"),
            "environment",
        )
        for secret in sorted(_secrets(site, purpose))
    ]


def _secrets(site: Site, purpose: Purpose) -> set[str]:
    kinds = _SECRET_READERS.get(purpose, ())
    return {
        value.secret
        for spec in site.context.specs.values()
        if isinstance(spec, kinds)
        for value in spec.environment.values()
        if isinstance(value, SecretRef)
    }


def _grant_subnet(site: Site, purpose: Purpose, identity: Identity) -> list[pulumi.Resource]:
    network = site.spec.network
    if purpose is not Purpose.TRAINING or not isinstance(network, ExistingNetwork):
        return []
    subnet = Target.foreign("subnet", network.subnets[0])
    return [assign_actions(site, identity, SUBNET_ACTIONS, subnet, "network.subnets")]
