"""A platform that several stacks use: the guard of its own stack, the mark of each other one."""

import pulumi

from mlops_iac import custom
from mlops_iac.collecting import Collecting
from mlops_iac.outputs import PlatformOutputs
from mlops_iac.provider import BuildContext, Purpose
from mlops_iac.sharing import SharedPlatform
from mlops_iac_azure import facts
from mlops_iac_azure.foundation import Foundation
from mlops_iac_azure.frame.access import grant_purposes, identity_places, shared_places
from mlops_iac_azure.frame.clusters import build_clusters
from mlops_iac_azure.frame.identity import build_identities
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.site import build_providers, joined_site

PLATFORM_USE = "mlops-iac:azure:PlatformUse"
PLATFORM_GUARD = "mlops-iac:azure:PlatformGuard"


def register_guard(context: Collecting, plugin: pulumi.ProviderResource) -> None:
    """Register what refuses to go while another stack uses the platform.

    It depends on all of the platform, so that `destroy` asks it before anything else is removed.
    """
    made = tuple(context.made)
    custom.register(
        PLATFORM_GUARD,
        context.name("guard"),
        {"bucket": facts.bucket(context)},
        outputs=(),
        opts=context.opts("name", provider=plugin, depends_on=made),
    )


def join_platform(context: BuildContext, shared: SharedPlatform) -> PlatformOutputs:
    """Register the providers, the mark and the identities of a stack on another's platform.

    Identities are its own: each has its roles on what the platform's stack made.
    """
    azure, plugin = build_providers(context)
    custom.register(
        PLATFORM_USE,
        context.name("use"),
        {
            "bucket": facts.bucket(context),
            "project": context.project,
            "stack": context.stack,
            "components": sorted(context.specs),
        },
        outputs=(),
        opts=context.opts("stack", provider=plugin),
    )
    site = joined_site(context, azure, plugin)
    identities = build_identities(site)
    insights = str(shared.document.native["insights_id"])
    places = {**shared_places(context, insights), **identity_places(identities)}
    granted = grant_purposes(site, identities, places)
    clusters = build_clusters(site, facts.workspace(context), identities)
    ready: dict[Purpose, pulumi.Output[str]] = {
        purpose: known(identity.id, identity.resource, *granted[purpose], *clusters[purpose])
        for purpose, identity in identities.items()
    }
    native = {name: shared.native(name) for name in Foundation.names()}
    for purpose, identity in identities.items():
        native[f"{purpose.value}_id"] = ready[purpose]
        native[f"{purpose.value}_client"] = identity.resource.client_id
        native[f"{purpose.value}_principal"] = identity.resource.principal_id
    return PlatformOutputs(
        native_id=shared.output("nativeId"),
        console_url=shared.output("consoleUrl"),
        artifact_root=shared.output("artifactRoot"),
        image_registry=shared.output("imageRegistry"),
        tracking_uri=shared.output("trackingUri"),
        workspace=shared.output("workspace"),
        encryption_key=shared.output("encryptionKey"),
        identities=ready,
        native=native,
        pulumi_providers=(azure, plugin),
    )
