"""A platform that several stacks use: the guard of its own stack, the mark of each other one."""

from __future__ import annotations

from mlops_iac import custom
from mlops_iac.collecting import Collecting
from mlops_iac.outputs import PlatformOutputs
from mlops_iac.provider import BuildContext
from mlops_iac.sharing import SharedPlatform
from mlops_iac_gcp import facts, sdk
from mlops_iac_gcp.foundation import register_providers
from mlops_iac_gcp.identities import Stores, add_identities

PLATFORM_USE = "mlops-iac:gcp:PlatformUse"
PLATFORM_GUARD = "mlops-iac:gcp:PlatformGuard"


def register_guard(context: Collecting, plugin: sdk.pulumi.ProviderResource) -> None:
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

    Service accounts are its own: each has its grants on what the platform's stack made.
    """
    foundation = register_providers(context)
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
        opts=context.opts("stack", provider=foundation.plugin),
    )
    stores = Stores(bucket=facts.bucket(context), repository=facts.repository_id(context))
    return PlatformOutputs(
        native_id=shared.output("nativeId"),
        console_url=sdk.pulumi.Output.from_input(facts.console(context, "vertex-ai")),
        artifact_root=shared.output("artifactRoot"),
        image_registry=shared.output("imageRegistry"),
        tracking_uri=shared.output("trackingUri"),
        workspace=shared.output("workspace"),
        encryption_key=shared.output("encryptionKey"),
        identities=add_identities(foundation, stores),
        native={name: shared.native(name) for name in shared.document.native},
        pulumi_providers=(foundation.provider, foundation.plugin),
    )
