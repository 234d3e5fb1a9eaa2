"""A platform that several stacks use: the guard of its own stack, the mark of each other one."""

from __future__ import annotations

from mlops_iac import custom
from mlops_iac.collecting import Collecting
from mlops_iac.outputs import PlatformOutputs
from mlops_iac.provider import BuildContext, Purpose
from mlops_iac.sharing import SharedPlatform
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.identities import register_identity
from mlops_iac_aws.pulumi_providers import register_providers

PLATFORM_USE = "mlops-iac:aws:PlatformUse"
PLATFORM_GUARD = "mlops-iac:aws:PlatformGuard"


def register_guard(context: Collecting, plugin: sdk.pulumi.ProviderResource) -> None:
    """Register what refuses to go while another stack uses the platform.

    It depends on all of the platform, so that `destroy` asks it before anything else is removed.
    """
    made = tuple(context.made)
    custom.register(
        PLATFORM_GUARD,
        context.name("guard"),
        {"bucket": names.bucket(context)},
        outputs=(),
        opts=context.opts("name", provider=plugin, depends_on=made),
    )


def join_platform(context: BuildContext, shared: SharedPlatform) -> PlatformOutputs:
    """Register the providers, the mark and the roles of a stack on another stack's platform.

    Roles are its own: each is narrowed to the components that this stack declares.
    """
    providers = register_providers(context)
    custom.register(
        PLATFORM_USE,
        context.name("use"),
        {
            "bucket": names.bucket(context),
            "project": context.project,
            "stack": context.stack,
            "components": sorted(context.specs),
        },
        outputs=(),
        opts=context.opts("stack", provider=providers[-1]),
    )
    for purpose in Purpose:
        register_identity(context, providers[0], purpose)
    return PlatformOutputs(
        native_id=shared.output("nativeId"),
        console_url=sdk.pulumi.Output.from_input(place.console(context, "landing")),
        artifact_root=shared.output("artifactRoot"),
        image_registry=shared.output("imageRegistry"),
        tracking_uri=shared.output("trackingUri"),
        workspace=shared.output("workspace"),
        encryption_key=shared.output("encryptionKey"),
        identities={
            purpose: sdk.pulumi.Output.from_input(place.role_arn(context, purpose))
            for purpose in Purpose
        },
        native={name: shared.native(name) for name in shared.document.native},
        pulumi_providers=providers,
    )
