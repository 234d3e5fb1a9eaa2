"""`Platform` on this machine: one private folder, and the explicit provider of the plugin."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mlops_iac.custom import register
from mlops_iac.outputs import PlatformOutputs
from mlops_iac.provider import BuildContext, Problem, Purpose, Scope
from mlops_iac.specs.platform import Platform
from mlops_iac_local.layout import RESERVED_STACKS, Layout

if TYPE_CHECKING:
    import pulumi

OUTPUTS = ("root", "artifactRoot", "trackingUri")


class PlatformAdapter:
    """Maps `Platform`."""

    def check(self, spec: Platform, scope: Scope) -> Iterable[Problem]:
        """Refuse a stack whose folder the engine needs itself."""
        if scope.stack in RESERVED_STACKS:
            yield Problem(
                code="stack.reserved",
                component=spec.name,
                field="target",
                value=scope.stack,
                message=f"the stack `{scope.stack}` would lie in a folder of the engine",
                rule="`.mlops-iac/<stack>/` holds a stack of the target `local`",
                remedy="choose another name for the environment",
            )

    def build(self, spec: Platform, context: BuildContext) -> PlatformOutputs:
        """Register the provider of the plugin and the platform's own resource."""
        import pulumi

        from mlops_iac._registration import PlatformProvider

        layout = Layout.of(context.project_dir, context.stack)
        provider = PlatformProvider(
            context.name("mlops-iac"),
            {
                "target": "local",
                "root": str(layout.root),
                "projectDir": str(context.project_dir.resolve()),
            },
            context.opts("target"),
        )
        platform = register(
            "mlops-iac:local:Platform",
            context.name(),
            {"name": spec.name, "profile": spec.profile.value, "tags": context.tags},
            outputs=OUTPUTS,
            opts=context.opts("target", provider=provider, **context.protected()),
        )
        nothing: pulumi.Output[str | None] = pulumi.Output.from_input(None)
        return PlatformOutputs(
            native_id=platform.id,
            console_url=nothing,
            artifact_root=_output(platform, "artifactRoot"),
            image_registry=nothing,
            tracking_uri=_output(platform, "trackingUri"),
            workspace=nothing,
            encryption_key=nothing,
            # Everything runs as the user who runs `up`.
            identities={purpose: _output(platform, "root") for purpose in Purpose},
            native={
                "root": _output(platform, "root"),
                "platform": pulumi.Output.from_input(platform),
            },
            pulumi_providers=(provider,),
        )


def _output(resource: "pulumi.CustomResource", name: str) -> "pulumi.Output[str]":
    return getattr(resource, name)
