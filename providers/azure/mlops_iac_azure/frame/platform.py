"""The whole platform, in the order in which its parts depend on each other."""

from dataclasses import dataclass

import pulumi

from mlops_iac.outputs import PlatformOutputs
from mlops_iac.provider import BuildContext, Purpose
from mlops_iac.specs import Platform
from mlops_iac_azure import facts, names, place
from mlops_iac_azure.foundation import Foundation
from mlops_iac_azure.frame.access import (
    grant_purposes,
    grant_workspace,
    store_places,
    workspace_places,
)
from mlops_iac_azure.frame.clusters import build_clusters
from mlops_iac_azure.frame.identity import Identity, build_identities, build_identity
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.logs import build_logs, send_logs
from mlops_iac_azure.frame.network import build_network, build_private_access
from mlops_iac_azure.frame.own_network import Network, build_pool
from mlops_iac_azure.frame.registry import build_registry
from mlops_iac_azure.frame.site import Site, build_providers, build_site
from mlops_iac_azure.frame.storage import build_store
from mlops_iac_azure.frame.topic import build_topic
from mlops_iac_azure.frame.vault import build_key, build_vault
from mlops_iac_azure.frame.workspace import (
    Datastores,
    Parts,
    Workspace,
    build_datastores,
    build_workspace,
)
from mlops_iac_azure.image_build import Owned, runtime_image


@dataclass(frozen=True, kw_only=True)
class _Built:
    """Everything that the platform consists of."""

    parts: Parts
    network: Network | None
    ways: list[pulumi.Resource]
    """Private ways to the stores, where the platform is in a network."""
    pool: pulumi.Output[str] | None
    workspace: Workspace
    datastores: Datastores
    identities: dict[Purpose, Identity]
    granted: dict[Purpose, list[pulumi.Resource]]

    def identity(self, purpose: Purpose) -> pulumi.Output[str]:
        """Return an identity's id, after everything that it may do."""
        identity = self.identities[purpose]
        return known(identity.id, identity.resource, *self.granted[purpose])


def build_platform(spec: Platform, context: BuildContext) -> PlatformOutputs:
    """Register the foundation of a stack."""
    azure, plugin = build_providers(context)
    site = build_site(spec, context, azure, plugin)
    built = _build(site)
    foundation = _foundation(site, built)
    key = built.parts.key
    return PlatformOutputs(
        native_id=foundation.workspace_id,
        console_url=foundation.workspace_id.apply(lambda id_: f"https://ml.azure.com/?wsid={id_}"),
        artifact_root=foundation.container_url,
        image_registry=foundation.registry_server,
        tracking_uri=built.workspace.resource.ml_flow_tracking_uri,
        workspace=foundation.workspace,
        encryption_key=pulumi.Output.from_input(None) if key is None else key.identifier,
        identities={purpose: built.identity(purpose) for purpose in built.identities},
        native=foundation.native(),
        pulumi_providers=(azure, plugin),
    )


def _build(site: Site) -> _Built:
    identities = build_identities(site)
    parts = _parts(site)
    network = build_network(site, parts.logs)
    workspace = build_workspace(site, parts)
    places = {
        **store_places(site, parts.logs, parts.vault, parts.store, parts.registry),
        **workspace_places(workspace, identities),
    }
    subnet = None if network is None else network.builds
    granted = grant_purposes(site, identities, places)
    clusters = build_clusters(site, known(workspace.name, workspace.behind), identities)
    return _Built(
        parts=parts,
        network=network,
        ways=[] if network is None else _ways(site, network, parts, workspace),
        pool=None if subnet is None else build_pool(site, parts.registry, subnet),
        workspace=workspace,
        datastores=build_datastores(site, workspace, parts.store),
        identities=identities,
        # Who runs as an identity runs on its clusters.
        granted={purpose: [*of, *clusters[purpose]] for purpose, of in granted.items()},
    )


def _parts(site: Site) -> Parts:
    logs = build_logs(site)
    own = build_identity(site, "workspace")
    # The tenant is read off an identity: no call, so that a plan needs no credential.
    vault = build_vault(site, own.resource.tenant_id)
    if site.posture.store_logs:
        uri = known(vault.id, vault.resource)
        send_logs(site.logical("vault-logs"), uri, logs.analytics_id, site.opts("profile"))
    key = build_key(site, vault)
    store = build_store(site, key, logs)
    registry = build_registry(site, key, logs)
    return Parts(
        logs=logs,
        vault=vault,
        key=key,
        store=store,
        registry=registry,
        identity=own,
        granted=grant_workspace(site, own, store_places(site, logs, vault, store, registry)),
    )


def _ways(
    site: Site, network: Network, parts: Parts, workspace: Workspace
) -> list[pulumi.Resource]:
    """Register the private ways in, where the platform is in a network."""
    store = known(parts.store.id, parts.store.account)
    return build_private_access(
        site,
        network,
        {
            "amlworkspace": known(workspace.id, workspace.behind),
            "blob": store,
            "file": store,
            "table": store,
            "vault": known(parts.vault.id, parts.vault.resource),
            "registry": known(parts.registry.id, parts.registry.resource),
        },
    )


def _foundation(site: Site, built: _Built) -> Foundation:
    parts, workspace, network = built.parts, built.workspace, built.network
    store, registry, vault = parts.store, parts.registry, parts.vault
    scope = site.context
    optional = pulumi.Output.from_input
    return Foundation(
        subscription=site.known(site.subscription),
        group=site.group,
        workspace=known(workspace.name, workspace.behind, built.datastores.artifacts),
        workspace_id=known(workspace.id, workspace.behind),
        location=site.known(site.location),
        account=known(store.account_name, store.account),
        account_id=known(store.id, store.account),
        # Whoever writes there needs a way.
        container=known(place.CONTAINER, store.container, *built.ways),
        container_id=known(store.container_id, store.container),
        container_url=known(store.url, store.container, built.datastores.artifacts),
        captures=known(place.CAPTURES, store.captures),
        captures_id=known(store.captures_id, store.captures),
        captures_datastore=known(names.CAPTURES_DATASTORE, built.datastores.captures),
        table_endpoint=known(
            facts.place(scope).address("table", store.account_name), store.account
        ),
        registry=known(registry.name, registry.resource),
        registry_id=known(registry.id, registry.resource),
        registry_server=known(registry.server, registry.resource),
        build_pool=optional(built.pool),
        vault=known(facts.vault(scope), vault.resource),
        vault_id=known(vault.id, vault.resource),
        vault_uri=known(vault.uri, vault.resource),
        logs_id=parts.logs.analytics_id,
        logs_customer=parts.logs.customer_id,
        insights_id=parts.logs.insights_id,
        events=build_topic(site, known(workspace.id, workspace.behind)),
        runtime_image=_image(site, built),
        network=optional(None if network is None else network.id),
        subnet=optional(None if network is None else network.endpoints),
        apps_subnet=optional(None if network is None else network.apps),
        **_identity_facts(built),
    )


def _image(site: Site, built: _Built) -> pulumi.Output[str]:
    if site.spec.runtime_image is not None:
        return pulumi.Output.from_input(site.spec.runtime_image)
    registry = built.parts.registry
    owned = Owned(
        registry=known(registry.name, registry.resource),
        pool=built.pool,
        depends_on=built.ways,
        plugin=site.plugin,
    )
    return runtime_image(site.context, owned)


def _identity_facts(built: _Built) -> dict[str, pulumi.Output[str]]:
    found: dict[str, pulumi.Output[str]] = {}
    for purpose, identity in built.identities.items():
        found[f"{purpose.value}_id"] = built.identity(purpose)
        found[f"{purpose.value}_client"] = identity.resource.client_id
        found[f"{purpose.value}_principal"] = identity.resource.principal_id
    return found
