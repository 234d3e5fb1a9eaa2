"""The whole platform, in the order in which its parts depend on each other."""

import pulumi

from mlops_iac.outputs import PlatformOutputs
from mlops_iac.provider import BuildContext, Purpose
from mlops_iac.specs import ExistingNetwork, ModelEndpoint, Platform, SecretRef, Spec, TrainingJob
from mlops_iac.version import VERSION
from mlops_iac_azure import grants
from mlops_iac_azure.foundation import Foundation
from mlops_iac_azure.frame.identity import (
    Identity,
    Target,
    assign,
    assign_actions,
    build_identities,
    build_identity,
)
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.logs import build_logs, send_logs
from mlops_iac_azure.frame.network import build_private_access
from mlops_iac_azure.frame.registry import build_registry
from mlops_iac_azure.frame.site import Site, build_providers, build_site
from mlops_iac_azure.frame.storage import build_store
from mlops_iac_azure.frame.vault import Vault, build_key, build_vault
from mlops_iac_azure.frame.workspace import Parts, Workspace, build_datastore, build_workspace

_SECRET_READERS: dict[Purpose, type[Spec]] = {
    Purpose.TRAINING: TrainingJob,
    Purpose.SERVING: ModelEndpoint,
}


def build_platform(spec: Platform, context: BuildContext) -> PlatformOutputs:
    """Register the foundation of a stack."""
    azure, plugin = build_providers(context)
    site = build_site(spec, context, azure)
    logs = build_logs(site)
    identities = build_identities(site)
    own = build_identity(site, "workspace")
    # The tenant is read off an identity: no call, so that a plan needs no credential.
    vault = build_vault(site, own.resource.tenant_id)
    key = build_key(site, vault)
    store = build_store(site, key, logs)
    registry = build_registry(site, key, logs)
    places = {
        grants.Place.CONTAINER: Target.made("artifacts", store.container_id, store.container),
        grants.Place.STORE: Target.made("store", store.id, store.account),
        grants.Place.REGISTRY: Target.made("registry", registry.id, registry.resource),
        grants.Place.VAULT: Target.made("vault", vault.id, vault.resource),
        grants.Place.INSIGHTS: Target(
            key="insights", scope=f"{site.group_id}/insights", output=logs.insights_id
        ),
    }
    whole_group = Target.made("group", site.group_id, site.resource_group)
    granted = [assign(site, own, role, places[place]) for role, place in grants.WORKSPACE_ROLES]
    granted.append(assign_actions(site, own, grants.WORKSPACE_ACTIONS, whole_group))
    parts = Parts(
        logs=logs,
        vault=vault,
        key=key,
        store=store,
        registry=registry,
        identity=own,
        granted=granted,
    )
    workspace = build_workspace(site, parts)
    if site.posture.store_logs:
        uri = known(vault.id, vault.resource)
        send_logs(site.logical("vault-logs"), uri, logs.analytics_id, site.opts("profile"))
    datastore = build_datastore(site, workspace, store)
    places |= _late_places(workspace, identities)
    for purpose, identity in identities.items():
        _grant(site, purpose, identity, places)
    _grant_secrets(site, identities, vault)
    _grant_subnet(site, identities[Purpose.TRAINING])
    workspace_id = known(workspace.id, workspace.resource)
    store_id = known(store.id, store.account)
    build_private_access(
        site,
        {
            "amlworkspace": workspace_id,
            "blob": store_id,
            "file": store_id,
            "vault": known(vault.id, vault.resource),
            "registry": known(registry.id, registry.resource),
        },
    )
    training, serving = identities[Purpose.TRAINING], identities[Purpose.SERVING]
    foundation = Foundation(
        group=site.group,
        group_id=known(site.group_id, site.resource_group),
        workspace=known(workspace.name, workspace.resource),
        workspace_id=workspace_id,
        location=known(site.location, site.resource_group),
        account=known(store.account_name, store.account),
        container=known(store.container_id.rpartition("/")[2], store.container),
        container_url=known(store.url, store.container, datastore),
        registry_server=known(registry.server, registry.resource),
        vault_uri=known(vault.uri, vault.resource),
        logs_id=logs.analytics_id,
        runtime_image=known(
            spec.runtime_image or f"{registry.server}/mlops-iac/runtime:{VERSION}",
            registry.resource,
        ),
        training_id=training.known_id,
        training_client=training.resource.client_id,
        serving_id=serving.known_id,
    )
    return PlatformOutputs(
        native_id=workspace_id,
        console_url=known(f"https://ml.azure.com/?wsid={workspace.id}", workspace.resource),
        artifact_root=foundation.container_url,
        image_registry=foundation.registry_server,
        tracking_uri=workspace.resource.ml_flow_tracking_uri,
        workspace=foundation.workspace,
        encryption_key=pulumi.Output.from_input(None) if key is None else key.identifier,
        identities={purpose: identity.known_id for purpose, identity in identities.items()},
        native=foundation.native(),
        pulumi_providers=(azure, plugin),
    )


def _late_places(
    workspace: Workspace, identities: dict[Purpose, Identity]
) -> dict[grants.Place, Target]:
    training, serving = identities[Purpose.TRAINING], identities[Purpose.SERVING]
    return {
        grants.Place.WORKSPACE: Target.made("workspace", workspace.id, workspace.resource),
        grants.Place.TRAINING_IDENTITY: Target.made(
            "training-identity", training.id, training.resource
        ),
        grants.Place.SERVING_IDENTITY: Target.made(
            "serving-identity", serving.id, serving.resource
        ),
    }


def _grant(
    site: Site, purpose: Purpose, identity: Identity, places: dict[grants.Place, Target]
) -> None:
    for role, place in grants.roles_of(purpose):
        assign(site, identity, role, places[place])
    workspace = places[grants.Place.WORKSPACE]
    assign_actions(site, identity, grants.actions_of(purpose), workspace)


def _grant_secrets(site: Site, identities: dict[Purpose, Identity], vault: Vault) -> None:
    """Let each identity read the secrets that its components name, and no other."""
    for purpose, kind in _SECRET_READERS.items():
        for secret in sorted(_secrets(site, kind)):
            scope = f"{vault.id}/secrets/{secret}"
            target = Target.made(f"secret-{secret}", scope, vault.resource)
            assign(site, identities[purpose], grants.SECRETS_USER, target, "environment")


def _secrets(site: Site, kind: type[Spec]) -> set[str]:
    return {
        value.secret
        for spec in site.context.specs.values()
        if isinstance(spec, kind) and isinstance(spec, TrainingJob | ModelEndpoint)
        for value in spec.environment.values()
        if isinstance(value, SecretRef)
    }


def _grant_subnet(site: Site, identity: Identity) -> None:
    network = site.spec.network
    if isinstance(network, ExistingNetwork):
        subnet = Target.foreign("subnet", network.subnets[0])
        assign_actions(site, identity, grants.SUBNET_ACTIONS, subnet, "network.subnets")
