"""Planning: specs by provider, every problem at once. Pure; registers nothing, calls nobody."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mlops_iac.capabilities import Level
from mlops_iac.discovery import provider, providers
from mlops_iac.errors import MlopsError, PlanError, Problem, Severity, UnknownTargetError
from mlops_iac.provider import Provider, Scope, SharingAdapter
from mlops_iac.sharing import SharedPlatform, unread
from mlops_iac.specs import Platform, Spec
from mlops_iac.stack import Declaration
from mlops_iac.structure import build_order, structure_problems
from mlops_iac.target import TargetConfig, resolve, target_instance


class NotAppliableError(MlopsError):
    """A target's resources can be planned and checked, but there is no `up` for it yet."""

    code = "target.planned-only"


@dataclass(frozen=True, kw_only=True)
class Portability:
    """How one ask of a declaration is carried by a target, when it is not native."""

    component: str
    field: str
    capability: str
    level: Level
    note: str

    def document(self) -> dict[str, str]:
        """Return the JSON form."""
        return {
            "component": self.component,
            "field": self.field,
            "capability": self.capability,
            "level": self.level.value,
            "note": self.note,
        }


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a declaration becomes, before anything exists."""

    declaration: Declaration
    stack: str
    """The Pulumi stack: the environment."""
    problems: tuple[Problem, ...]
    portability: tuple[Portability, ...] = ()
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    """Scope of each component, platforms included, by name."""
    platforms: Mapping[str, Platform] = field(default_factory=dict)
    """The platform of each target that is used."""
    order: tuple[str, ...] = ()
    """Component names in the order in which they are built."""

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that prevent building."""
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)

    def require(self) -> "Plan":
        """Return this plan, or raise `PlanError` with every problem."""
        if self.errors:
            raise PlanError(self.errors)
        return self

    def require_appliable(self) -> "Plan":
        """Return this plan, or raise `NotAppliableError` when a target can only be planned yet."""
        for target in self.platforms:
            if not provider(target).can_apply:
                raise NotAppliableError(
                    f"target `{target}` can be planned, but not applied yet",
                    remedy=f"`mlops-iac plan --target {target}` shows what it becomes; "
                    "`local` runs it",
                )
        return self


def plan(
    declaration: Declaration,
    *,
    stack: str = "dev",
    config: TargetConfig | None = None,
    target: str | None = None,
    shared: SharedPlatform | None = None,
) -> Plan:
    """Return the plan of a declaration for one environment.

    Args:
        declaration: what is declared, and where.
        stack: name of the Pulumi stack.
        config: what the stack's configuration says about targets.
        target: plan for this target instead of the one that is declared.
        shared: the platform, when the declaration names another stack's.
    """
    draft = _Draft(declaration, stack, config or TargetConfig(), target, shared)
    found = tuple(_located(problem, declaration) for problem in draft.problems())
    return Plan(
        declaration=declaration,
        stack=stack,
        problems=found,
        portability=tuple(draft.portability()),
        scopes=draft.scopes,
        platforms=draft.platforms,
        order=build_order(declaration.specs),
    )


class _Draft:
    """The targets, scopes and problems of one plan, gathered step by step."""

    def __init__(
        self,
        declaration: Declaration,
        stack: str,
        config: TargetConfig,
        target: str | None,
        shared: SharedPlatform | None,
    ) -> None:
        self.declaration = declaration
        self.declared = _declared_platform(declaration, shared)
        self.shared = shared
        self.stack = stack
        self.config = config
        self.override = target
        self.platforms: dict[str, Platform] = {}
        self.scopes: dict[str, Scope] = {}
        self.target_problems = list(self._resolve_targets())

    def problems(self) -> Iterator[Problem]:
        """Yield every problem, in the order of the declaration."""
        found = list(structure_problems(self.declaration))
        yield from found
        yield from self.target_problems
        # An adapter may stumble over the same file or reference: one message about it is enough.
        known = {(problem.component, problem.field) for problem in found}
        for spec, scope in self._members():
            for problem in _component_problems(spec, scope):
                if (problem.component, problem.field) not in known:
                    yield problem

    def portability(self) -> Iterator[Portability]:
        """Yield every ask that a target does not carry natively."""
        for spec, scope in self._members():
            table = provider(scope.target.name).capabilities
            for capability, field_name in spec.required_capabilities():
                support = table[capability]
                if support.level is not Level.NATIVE:
                    yield Portability(
                        component=spec.name,
                        field=field_name,
                        capability=capability.value,
                        level=support.level,
                        note=support.note,
                    )

    def _members(self) -> Iterator[tuple[Spec, Scope]]:
        specs: dict[str, Spec] = {p.name: p for p in self.platforms.values()}
        specs |= self.declaration.specs
        for name, scope in self.scopes.items():
            yield specs[name], scope

    def _resolve_targets(self) -> Iterator[Problem]:
        declared = self.declared
        if declared.stack is not None:
            yield unread(declared.name, declared.stack)
            return
        main = self.override or resolve(Platform.kind, declared.target, None, self.config)
        if main is None:
            yield _no_target(declared.name)
            return
        platform, assumed = self._platform_for(main)
        yield from assumed
        yield from self._admit(main, platform, declared.name)
        for spec in self.declaration.specs.values():
            chosen = self.override or resolve(spec.kind, None, main, self.config) or main
            yield from self._place(spec, chosen, main)
        yield from self._mixed()

    def _platform_for(self, target: str) -> tuple[Platform, list[Problem]]:
        """Return the platform on `target`; elsewhere than declared its place is an example."""
        declared = self.declared
        named = resolve(Platform.kind, declared.target, None, self.config)
        if target == named or target not in providers():
            return declared.model_copy(update={"target": target}), []
        served_by = provider(target)
        # Region, account and role belong to the declared target and mean nothing on another.
        place = {
            "region": self.config.region or served_by.example_region,
            "account": self.config.account or served_by.example_account,
            "role": None,
        }
        platform = declared.model_copy(update={"target": target, **place})
        return platform, [_assumed(platform)] if served_by.needs_region else []

    def _place(self, spec: Spec, target: str, main: str) -> Iterator[Problem]:
        if target not in self.platforms and target != main:
            yield from self._admit(target, _companion(self.declared, target), spec.name)
        if target in self.platforms:
            self.scopes[spec.name] = self._scope(target)

    def _admit(self, target: str, platform: Platform, component: str) -> Iterator[Problem]:
        try:
            provider(target)
        except UnknownTargetError as error:
            yield Problem(
                code="target.unknown",
                component=component,
                field="target",
                value=target,
                message=error.message,
                rule="names an installed target",
                remedy=error.remedy,
            )
            return
        self.platforms[target] = platform
        self.scopes[platform.name] = self._scope(target)

    def _scope(self, target: str) -> Scope:
        platform = self.platforms[target]
        return Scope(
            project=self.declaration.stack.name,
            stack=self.stack,
            project_dir=self.declaration.project_dir,
            target=target_instance(target, platform, self.config),
            platform=platform,
            specs=self.declaration.specs,
            shared=self.shared if self.declared.target == target else None,
        )

    def _mixed(self) -> Iterator[Problem]:
        for spec in self.declaration.specs.values():
            for reference in spec.references():
                mine, theirs = self.scopes.get(spec.name), self.scopes.get(reference.name)
                if mine and theirs and mine.target.name != theirs.target.name:
                    yield Problem(
                        code="target.mixed",
                        component=spec.name,
                        field=reference.field,
                        value=reference.name,
                        message=f"`{spec.name}` is on `{mine.target.name}` and "
                        f"`{reference.name}` on `{theirs.target.name}`",
                        rule="components that refer to each other share a target",
                        remedy="change `mlops-iac:targets`, or split the stack",
                    )


def _declared_platform(declaration: Declaration, shared: SharedPlatform | None) -> Platform:
    """Return what is declared of the platform: here, or in the stack that owns it."""
    own = declaration.stack.platform
    if own.stack is None or shared is None:
        return own
    theirs = shared.document.platform
    return theirs.model_copy(update={"name": own.name, "tags": {**theirs.tags, **own.tags}})


def _component_problems(spec: Spec, scope: Scope) -> Iterator[Problem]:
    served_by = provider(scope.target.name)
    if isinstance(spec, Platform):
        yield from _place_problems(spec, scope, served_by)
    refused = list(_refused_asks(spec, served_by))
    if scope.shared is not None and isinstance(spec, Platform):
        yield from _unshared(spec, served_by)
    yield from refused
    adapter = served_by.adapter(spec.kind)
    if adapter is None and refused:
        return  # the table has said why, and what to do
    if adapter is None:
        yield Problem(
            code="kind.unsupported",
            component=spec.name,
            field="kind",
            value=spec.kind,
            message=f"target `{served_by.name}` has no {spec.kind} yet",
            rule="each kind needs an adapter on its target",
            remedy="`mlops-iac matrix` shows which targets have it",
        )
    else:
        yield from adapter.check(spec, scope)


def _unshared(spec: Platform, served_by: Provider) -> Iterator[Problem]:
    if not isinstance(served_by.adapter(spec.kind), SharingAdapter):
        yield Problem(
            code="platform.not-shared",
            component=spec.name,
            field="stack",
            value=served_by.name,
            message=f"a platform on `{served_by.name}` cannot be shared by stacks",
            rule="the target's adapter must know how to stand on another stack's platform",
            remedy="declare a platform of this stack's own: `platform: {target: …}`",
        )


def _refused_asks(spec: Spec, served_by: Provider) -> Iterator[Problem]:
    values: dict[str, Any] = spec.model_dump(mode="json")
    for capability, field_name in spec.required_capabilities():
        support = served_by.capabilities[capability]
        if not support.level.is_usable:
            yield Problem(
                code="capability.refused",
                component=spec.name,
                field=field_name,
                value=values.get(field_name.split(".")[0]),
                message=f"target `{served_by.name}` does not offer `{capability.value}` "
                f"({support.level.value})",
                rule=support.url or f"capability table of `{served_by.name}`",
                remedy=support.note,
            )


def _place_problems(spec: Platform, scope: Scope, served_by: Provider) -> Iterator[Problem]:
    region = scope.target.region
    if served_by.needs_region and region is None:
        yield _missing_place(spec, served_by, "region", served_by.example_region)
    elif region is not None and served_by.regions and region not in served_by.regions:
        yield Problem(
            code="region.unknown",
            component=spec.name,
            field="region",
            value=region,
            message=f"`{region}` is no region of target `{served_by.name}`",
            rule=f"one of {', '.join(served_by.regions)}",
            remedy=_nearest_region(region, served_by.regions),
        )
    if served_by.needs_account and scope.target.account is None:
        yield _missing_place(spec, served_by, "account", served_by.example_account)


def _missing_place(
    spec: Platform, served_by: Provider, field_name: str, example_value: str | None
) -> Problem:
    example = f", such as `{example_value}`" if example_value else ""
    return Problem(
        code=f"{field_name}.missing",
        component=spec.name,
        field=field_name,
        message=f"target `{served_by.name}` needs `{field_name}`",
        rule=f"`{field_name}` is required on `{served_by.name}`{example}",
        remedy=f"set `platform.{field_name}`, or `pulumi config set mlops-iac:{field_name}`",
    )


def _nearest_region(region: str, regions: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(region, regions, n=1, cutoff=0.0)
    return f"did you mean `{close[0]}`?"


def _no_target(component: str) -> Problem:
    names = ", ".join(f"`{name}`" for name in providers())
    return Problem(
        code="target.missing",
        component=component,
        field="target",
        message="nothing says which target this stack runs on",
        rule=f"one of {names}",
        remedy="set `platform: {target: local}`, or `pulumi config set mlops-iac:target local`",
    )


def _assumed(platform: Platform) -> Problem:
    return Problem(
        code="place.assumed",
        component=platform.name,
        field="target",
        value=platform.target,
        message=f"planned for region `{platform.region}` and account `{platform.account}`, "
        "as an example",
        rule=f"the declaration names no place on `{platform.target}`",
        remedy="declare it in an environment of its own: `platform: {target, region, account}`",
        severity=Severity.WARNING,
    )


def _companion(main: Platform, target: str) -> Platform:
    """Return the platform of a second target in the same stack."""
    return Platform(
        name=f"{main.name}-{target}", target=target, profile=main.profile, tags=main.tags
    )


def _located(problem: Problem, declaration: Declaration) -> Problem:
    if declaration.file is None:
        return problem
    return replace(
        problem,
        file=str(declaration.file),
        line=declaration.line(problem.component, problem.field),
    )
