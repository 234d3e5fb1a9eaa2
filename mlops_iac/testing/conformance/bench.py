"""A provider on the bench: declares scenarios on it, plans and records them, each once."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import pulumi

from mlops_iac.capabilities import Capability, Support
from mlops_iac.components.base import Component, Site
from mlops_iac.components.building import COMPONENTS
from mlops_iac.discovery import provider
from mlops_iac.planning import Plan, plan
from mlops_iac.provider import Provider
from mlops_iac.recording import Recording, Registration, record
from mlops_iac.specs import Spec
from mlops_iac.stack import Declaration, Stack
from mlops_iac.testing.cast import write_project
from mlops_iac.testing.conformance.scenario import SUBJECT, Scenario, Table
from mlops_iac.testing.conformance.scenarios import TABLES
from mlops_iac.testing.examples import Facts, examples_of, facts, fill, location, place_of
from mlops_iac.witness import Witness

TWIN = "other"
"""Name of a second component of the same fields."""
CALLERS = "callers-own"
"""Beginning of the names of the caller's own Pulumi providers."""
TAG = ("kit", "conformance")
"""A tag that only the caller can have put there."""


@dataclass(frozen=True)
class Built:
    """What one run of a program registered, and made of the components."""

    recording: Recording
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Outputs of each component by name, as the adapter returned them."""
    classes: Mapping[str, type] = field(default_factory=dict[str, type])
    """Class of each resource by type token."""

    def component(self, name: str = SUBJECT) -> Registration:
        """Return the registration of a component."""
        return next(
            r for r in self.recording.resources if r.type.startswith(_COMPONENT) and r.name == name
        )

    def below(self, name: str = SUBJECT) -> tuple[Registration, ...]:
        """Return everything under a component, at any depth."""
        parents = {r.urn: r.parent for r in self.recording.resources}
        top = self.component(name).urn
        return tuple(r for r in self.recording.resources if top in ancestors(r.parent, parents))

    @property
    def providers(self) -> tuple[Registration, ...]:
        """The explicit Pulumi providers."""
        return tuple(r for r in self.recording.resources if r.type.startswith(PROVIDER))

    @property
    def made(self) -> tuple[Registration, ...]:
        """What is neither a component of ours nor a Pulumi provider."""
        return tuple(
            r for r in self.recording.resources if not r.type.startswith((_COMPONENT, PROVIDER))
        )


_COMPONENT = "mlops-iac:index:"
PROVIDER = "pulumi:providers:"


def ancestors(urn: str, parents: Mapping[str, str]) -> Iterator[str]:
    """Yield `urn`, its parent, and so on."""
    while urn:
        yield urn
        urn = parents.get(urn, "")


@dataclass(frozen=True, kw_only=True)
class Variant:
    """How a scenario is declared and built, when not as it stands."""

    asks: bool = True
    """Whether it asks for its capability."""
    is_there: bool = True
    """Whether the component stands in the stack at all."""
    is_careful: bool = False
    """With the profile `prod`, the kit's tag, and a second component of the same fields."""
    run: int = 0
    """Which of several equal runs it is."""
    inputs: Callable[[Any], Any] | None = None
    """Makes an Output of each value that is an `Input`, while the program runs."""
    callers: frozenset[str] = frozenset()
    """Pulumi packages for which the caller gives a provider, and protection with them."""


PLAIN = Variant()
CAREFUL = Variant(is_careful=True)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """One provider, and a folder with every file that the kit's declarations name."""

    target: str
    record_at: str
    """Where the provider's record is, as `module:NAME`."""
    folder: Path
    seen: dict[Any, Built] = field(default_factory=dict[Any, Built])

    @classmethod
    def of(cls, target: str, folder: Path, record_at: str | None = None) -> "Bench":
        """Return the bench of a target; writes the project into `folder`."""
        found = record_at or location(target)
        return cls(target=target, record_at=found, folder=write_project(folder))

    @property
    def provider(self) -> Provider:
        """The provider's record."""
        return provider(self.target)

    @cached_property
    def facts(self) -> Facts:
        """What the provider says of itself to the kit."""
        return facts(self.record_at)

    @cached_property
    def examples(self) -> Mapping[str, Any]:
        """A value for every `Own`; `{project}` in a text is the folder of the declaration."""
        found = examples_of(self.target, self.facts)
        return {
            key: value.replace("{project}", str(self.folder)) if isinstance(value, str) else value
            for key, value in found.items()
        }

    @property
    def place(self) -> dict[str, Any]:
        """Fields that a platform here cannot do without."""
        return place_of(self.target, self.examples)

    def support(self, capability: Capability) -> Support:
        """Return the row of the provider's table."""
        return self.provider.capabilities[capability]

    def witness(self, capability: Capability) -> Any:
        """Return what shows that a capability is wired; `None` when the provider does not say."""
        return self.facts.witnesses.get(capability)

    def stack(self, table: Table, scenario: Scenario, variant: Variant = PLAIN) -> Stack:
        """Return the declaration of a scenario."""
        own = scenario.fields if variant.asks else scenario.without or {}
        names = [SUBJECT, TWIN] if variant.is_careful and not table.is_platform else [SUBJECT]
        return table.stack(
            dict.fromkeys(names if variant.is_there else [], own),
            self.place,
            {key: self._input(key, variant) for key in self.examples},
            {"profile": "prod", "tags": dict([TAG])} if variant.is_careful else {},
            scenario.beside,
        )

    def _input(self, key: str, variant: Variant) -> Any:
        value = self.examples[key]
        if variant.inputs is None or key not in WIRED:
            return value
        return [*map(variant.inputs, value)] if isinstance(value, list) else variant.inputs(value)

    def plan(self, stack: Stack) -> Plan:
        """Return the plan of a declaration in the kit's folder."""
        return plan(Declaration(stack, self.folder))

    def refusals(self, specs: Iterable[Spec]) -> set[tuple[str, str]]:
        """Return component and field of every ask that the provider's own table refuses."""
        found: set[tuple[str, str]] = set()
        for spec in specs:
            refused = {
                (spec.name, place)
                for capability, place in spec.required_capabilities()
                if not self.support(capability).level.is_usable
            }
            if not refused and spec.kind not in self.provider.adapters:
                refused = {(spec.name, "kind")}
            found |= refused
        return found

    def is_refused(self, table: Table, scenario: Scenario, variant: Variant = PLAIN) -> bool:
        """Whether the table refuses something of what a scenario declares."""
        stack = self.stack(table, scenario, replace(variant, inputs=None))
        return bool(self.refusals([stack.platform, *stack.components]))

    def build(self, table: Table, scenario: Scenario, variant: Variant = PLAIN) -> Built:
        """Return what a scenario registers; each variant is recorded once."""
        key = (table.kind, scenario.id, variant)
        if key not in self.seen:
            self.seen[key] = self._record(lambda: self.stack(table, scenario, variant), variant)
        return self.seen[key]

    def resources(self, stack: Stack) -> list[Mapping[str, Any]]:
        """Return what a declaration registers, as a plan prints it; each is recorded once."""
        key = stack.canonical()
        if key not in self.seen:
            self.seen[key] = self._record(lambda: stack, PLAIN)
        return [resource.document() for resource in self.seen[key].recording.resources]

    def _record(self, declare: Callable[[], Stack], variant: Variant) -> Built:
        outputs: dict[str, Any] = {}
        classes: dict[str, type] = {}

        def program() -> None:
            pulumi.runtime.register_stack_transformation(
                lambda args: classes.update({args.type_: type(args.resource)})
            )
            site = Site(self.plan(declare()).require())
            opts = _callers_options(variant.callers) if variant.callers else None
            for name in [*(p.name for p in site.plan.platforms.values()), *site.plan.order]:
                built = _component(site, name, opts if name == SUBJECT else None)
                outputs[name] = built.outputs

        return Built(record(program, project="kit"), outputs, classes)

    def differs(self, first: Built, second: Built) -> bool:
        """Whether two runs registered something different."""
        return _text(first.recording) != _text(second.recording)

    def sees(self, capability: Capability, built: Built) -> bool:
        """Whether one of the provider's witnesses of a capability is true of a run."""
        said = self.witness(capability)
        witnesses = cast("Iterable[Witness]", said if isinstance(said, tuple) else (said,))
        return any(
            replace(each, value=fill(each.value, self.examples)).sees(built.recording.resources)
            for each in witnesses
        )


def _callers_options(packages: Iterable[str]) -> pulumi.ResourceOptions:
    own = [pulumi.ProviderResource(name, f"{CALLERS}-{name}", {}) for name in sorted(packages)]
    return pulumi.ResourceOptions(protect=True, providers=own)


def _component(site: Site, name: str, opts: pulumi.ResourceOptions | None) -> Component[Any]:
    kind = (
        next((p.kind for p in site.plan.platforms.values() if p.name == name), None)
        or site.plan.declaration.specs[name].kind
    )
    return COMPONENTS[kind](name, site=site, opts=opts)


def _text(recording: Recording) -> str:
    return json.dumps([r.document() for r in recording.resources], sort_keys=True, default=str)


WIRED = frozenset({"network", "subnets", "key"})
"""Examples that stand in fields that are `Input`s; a test compares them with the scenarios."""

__all__ = [
    "CALLERS",
    "CAREFUL",
    "PLAIN",
    "PROVIDER",
    "SUBJECT",
    "TABLES",
    "TAG",
    "TWIN",
    "Bench",
    "Built",
    "Variant",
]
