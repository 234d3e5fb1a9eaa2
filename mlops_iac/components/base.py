"""What all components share: they plan, then build, then register exactly their outputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar, cast

import pulumi

from mlops_iac.components.configuration import shared_platform, stack_config
from mlops_iac.discovery import install_hint, missing_modules, provider
from mlops_iac.errors import PlanError
from mlops_iac.outputs import Outputs, PlatformOutputs
from mlops_iac.planning import Plan, plan
from mlops_iac.provider import BuildContext, Scope, SharingAdapter
from mlops_iac.sharing import SharedPlatform
from mlops_iac.specs import KINDS, Spec
from mlops_iac.specs import Platform as PlatformSpec
from mlops_iac.stack import Declaration, Stack

OutputsT = TypeVar("OutputsT", bound=Outputs)


@dataclass
class Site:
    """What has been built so far of one plan."""

    plan: Plan
    components: dict[str, "Component[Any]"] = field(default_factory=dict)

    def context(self, spec: Spec, parent: pulumi.Resource) -> BuildContext:
        """Return the context in which the adapter builds `spec`."""
        scope = self.plan.scopes[spec.name]
        return BuildContext(
            **{name: getattr(scope, name) for name in type(scope).__dataclass_fields__},
            component=spec.name,
            parent=parent,
            foundation=None if isinstance(spec, PlatformSpec) else self.foundation(spec.name),
            outputs={name: built.outputs for name, built in self.components.items()},
            components=dict(self.components),
        )

    def foundation(self, component: str) -> PlatformOutputs:
        """Return the outputs of the platform that `component` stands on."""
        built = self.components[self.plan.scopes[component].platform.name].outputs
        assert isinstance(built, PlatformOutputs)  # noqa: S101  the plan holds it
        return built


class Component(pulumi.ComponentResource, Generic[OutputsT]):
    """A component of an MLOps stack.

    Used directly, it takes the fields of its spec, with component objects where the spec names
    another component, and `platform=` for what it stands on; it is planned alone.
    """

    kind: ClassVar[str]
    spec: Spec
    """The declaration that this was built from."""
    site: Site
    """What it was planned and built with."""
    outputs: OutputsT
    """Everything that comes back, typed."""

    def __init__(
        self,
        name: str,
        *,
        platform: "Component[Any] | None" = None,
        opts: pulumi.ResourceOptions | None = None,
        site: Site | None = None,
        **fields: Any,
    ) -> None:
        site = site or _site_of_one(self.kind, name, platform, fields)
        self.site = site
        self.spec = _spec(site, name)
        super().__init__(f"mlops-iac:index:{self.kind}", name, None, self._options(site, opts))
        self.outputs = self._build(site)
        self._assign(self.outputs)
        self.register_outputs(self.outputs.exported())
        site.components[name] = self

    def _options(
        self, site: Site, opts: pulumi.ResourceOptions | None
    ) -> pulumi.ResourceOptions | None:
        if isinstance(self.spec, PlatformSpec):
            return opts
        explicit = list(site.foundation(self.spec.name).pulumi_providers)
        mine = pulumi.ResourceOptions(providers=explicit)
        return pulumi.ResourceOptions.merge(mine, opts) if opts else mine

    def _build(self, site: Site) -> OutputsT:
        served_by = provider(site.plan.scopes[self.spec.name].target.name)
        if missing := missing_modules(served_by):
            raise pulumi.RunError(
                f"target `{served_by.name}` needs {', '.join(missing)}\n"
                f"  hint: {install_hint(served_by)}"
            )
        adapter = served_by.adapter(self.kind)
        assert adapter is not None  # noqa: S101  planning refuses kinds without an adapter
        context = site.context(self.spec, self)
        if isinstance(self.spec, PlatformSpec) and context.shared is not None:
            joined = cast("SharingAdapter", adapter).join(self.spec, context)
            return cast("OutputsT", joined)
        return adapter.build(self.spec, context)

    def _assign(self, outputs: Outputs) -> None:
        for name in type(outputs).__dataclass_fields__:
            setattr(self, name, getattr(outputs, name))


def _spec(site: Site, name: str) -> Spec:
    platforms: Mapping[str, Spec] = {p.name: p for p in site.plan.platforms.values()}
    return platforms.get(name) or site.plan.declaration.specs[name]


def _site_of_one(
    kind: str, name: str, platform: Component[Any] | None, fields: Mapping[str, Any]
) -> Site:
    """Plan a component that is used directly, beside the components that it was given."""
    plain = {key: _without_components(value) for key, value in fields.items()}
    spec = KINDS[kind](name, **plain)
    if isinstance(spec, PlatformSpec):
        return Site(_require(Stack(pulumi.get_project(), platform=spec), name, _read(spec)))
    stood_on = platform or _platform_of(_components_in(fields))
    # Everything that was built on the platform so far is known to what is built now.
    built = stood_on.site.components
    neighbours = [b.spec for b in built.values() if not isinstance(b.spec, PlatformSpec)]
    stack = Stack(
        pulumi.get_project(),
        platform=cast("PlatformSpec", stood_on.spec),
        components=[*neighbours, spec],
    )
    return Site(_require(stack, name, _scope_of(stood_on).shared), built)


def _read(spec: PlatformSpec) -> SharedPlatform | None:
    try:
        return shared_platform(spec)
    except PlanError as error:
        raise pulumi.RunError(str(error)) from None


def _require(stack: Stack, component: str, shared: SharedPlatform | None) -> Plan:
    declaration: Declaration = stack.declaration()
    drawn = plan(declaration, stack=pulumi.get_stack(), config=stack_config(), shared=shared)
    mine = tuple(problem for problem in drawn.errors if problem.component == component)
    if mine:
        raise pulumi.RunError(str(PlanError(mine)))
    return drawn


def _scope_of(built: Component[Any]) -> Scope:
    return built.site.plan.scopes[built.spec.name]


def _platform_of(given: Sequence[Component[Any]]) -> Component[Any]:
    for built in given:
        site = built.site
        return site.components[site.plan.scopes[built.spec.name].platform.name]
    raise pulumi.RunError(
        "a component needs a platform\n"
        "  hint: pass `platform=Platform(…)` from `mlops_iac.components`"
    )


def _components_in(value: Any) -> list[Component[Any]]:
    if isinstance(value, Component):
        return [value]
    if isinstance(value, Mapping):
        return [found for item in value.values() for found in _components_in(item)]
    if isinstance(value, list | tuple):
        return [found for item in value for found in _components_in(item)]
    return []


def _without_components(value: Any) -> Any:
    if isinstance(value, Component):
        return value.spec
    if isinstance(value, Mapping):
        return {key: _without_components(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_components(item) for item in value]
    return value
