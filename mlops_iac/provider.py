"""What a provider package is: a record of data, and one small adapter per kind.

Importing a provider must not import its SDK: adapters are named as text and loaded when used.
"""

import importlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, cast, runtime_checkable

from mlops_iac.capabilities import Capability, CapabilityTable, Level, Support, total_table
from mlops_iac.custom import Handler
from mlops_iac.errors import Problem, ProviderError
from mlops_iac.grants import PURPOSES, Grant, Purpose
from mlops_iac.names import NameRule, content_hash, physical_name
from mlops_iac.operations import Operations
from mlops_iac.outputs import Outputs, PlatformOutputs
from mlops_iac.sharing import SharedPlatform
from mlops_iac.specs import Spec
from mlops_iac.specs.platform import Platform, Profile
from mlops_iac.target import Target

if TYPE_CHECKING:
    import pulumi

__all__ = [
    "PURPOSES",
    "Adapter",
    "BuildContext",
    "Capability",
    "CapabilityTable",
    "Grant",
    "Handler",
    "Level",
    "NameRule",
    "Problem",
    "Provider",
    "Purpose",
    "Scope",
    "Support",
    "content_hash",
    "total_table",
]

S_contra = TypeVar("S_contra", bound=Spec, contravariant=True)
O_co = TypeVar("O_co", bound=Outputs, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is known, without any engine or network, when a component is checked or built."""

    project: str
    stack: str
    project_dir: Path
    """Folder of the declaration; paths in it are relative to this."""
    target: Target
    platform: Platform
    specs: Mapping[str, Spec]
    """Every component of the stack by name."""
    shared: SharedPlatform | None = None
    """The platform, when another stack owns it; `platform` is then what that stack declares."""

    @property
    def profile(self) -> Profile:
        """How careful the defaults are."""
        return self.platform.profile

    @property
    def tags(self) -> dict[str, str]:
        """Tags for everything that can carry them: the user's, and the ownership mark."""
        return {
            **self.platform.tags,
            "mlops-iac-project": self.project,
            "mlops-iac-stack": self.stack,
        }

    def physical_name(self, rule: NameRule, *parts: str, content: Any = None) -> str:
        """Return a legal, stable name for a part of this stack; see `mlops_iac.names`."""
        return physical_name(rule, (self.project, self.stack, *parts), content=content)

    def platform_name(self, rule: NameRule, *parts: str, content: Any = None) -> str:
        """Return the name of a part of the platform: that of its own stack where it is shared."""
        owner = (self.project, self.stack, self.platform.name)
        if self.shared is not None:
            found = self.shared.document
            owner = (found.project, found.stack, found.platform.name)
        return physical_name(rule, (*owner, *parts), content=content)


class PlaceRecorder(Protocol):
    """Notes which field of the declaration asked for a resource."""

    def __call__(self, type_token: str, name: str, component: str, field: str) -> None:
        """Note one registration."""
        ...


place_recorders: list[PlaceRecorder] = []
"""Who listens while a plan is recorded; empty during a real deployment."""


@dataclass(frozen=True, kw_only=True)
class BuildContext(Scope):
    """A `Scope` inside a running Pulumi program."""

    component: str
    """Name of the component that is built."""
    parent: "pulumi.Resource"
    """The component resource that owns every child."""
    foundation: PlatformOutputs | None = None
    """The built platform; `None` only while the platform itself is built."""
    outputs: Mapping[str, Outputs] = field(default_factory=dict)
    """Outputs of the components built before this one, by name."""
    components: "Mapping[str, pulumi.Resource]" = field(default_factory=dict)
    """Component resources built before this one, by name, for `depends_on`."""

    def name(self, suffix: str = "") -> str:
        """Return the logical name of a child."""
        return f"{self.component}-{suffix}" if suffix else self.component

    def opts(self, field: str = "", **options: Any) -> "pulumi.ResourceOptions":
        """Return options for a child that `field` of the declaration asked for.

        The child's parent is the component; `options` are `pulumi.ResourceOptions` arguments.
        """
        import pulumi

        return pulumi.ResourceOptions(
            parent=options.pop("parent", self.parent),
            transformations=[partial(_note_place, self.component, field)],
            **options,
        )

    def protected(self) -> dict[str, Any]:
        """Return the options of a resource that holds data, by the profile's removal rule."""
        return {"protect": True} if self.profile.protects_data else {}

    @property
    def built_platform(self) -> PlatformOutputs:
        """The built platform."""
        if self.foundation is None:
            raise ProviderError(f"`{self.component}` asks for the platform while it is built")
        return self.foundation

    def at(self, component: str, parent: "pulumi.Resource") -> "BuildContext":
        """Return the same context for another component."""
        return replace(self, component=component, parent=parent)


def _note_place(component: str, field: str, args: Any) -> None:
    # Old-style transformations run in this process, before the registration, and see the type and
    # the logical name: enough to tell later which field asked for the resource.
    for recorder in place_recorders:
        recorder(args.type_, args.name, component, field)


class Adapter(Protocol[S_contra, O_co]):
    """Maps one kind on one provider. Small and stateless."""

    def check(self, spec: S_contra, scope: Scope) -> Iterable[Problem]:
        """Return every problem that the capability table cannot express. Pure."""
        ...

    def build(self, spec: S_contra, context: BuildContext) -> O_co:
        """Register the resources of one component; return its outputs."""
        ...


@runtime_checkable
class SharingAdapter(Protocol):
    """An adapter of `Platform` whose platforms other stacks can stand on."""

    shares: ClassVar[tuple[str, ...]]
    """Native facts that go into the exported document."""

    def join(self, spec: Platform, context: BuildContext) -> PlatformOutputs:
        """Register what a stack needs of its own to stand on another stack's platform."""
        ...


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A package that serves a target."""

    name: str
    """The target's name."""
    title: str
    """Name for people: `AWS SageMaker`."""
    extra: str
    """Extra of the distribution that installs its SDK."""
    requires: tuple[str, ...]
    """Modules that must be importable to build; named in the hint when one is missing."""
    capabilities: CapabilityTable
    adapters: Mapping[str, str]
    """Adapter per kind, as `module:Class`."""
    regions: tuple[str, ...] = ()
    """Regions that may be named; empty where any is taken, or none exists."""
    example_region: str | None = None
    """Region to plan for when a declaration for another target is only looked at."""
    example_account: str | None = None
    """Account to plan for in the same case; one that nobody has."""
    needs_region: bool = False
    needs_account: bool = False
    can_apply: bool = True
    """Whether `up` works; else the target can only be planned yet."""
    default_wait: str = "submitted"
    """What `up` waits for after it started a run, when a declaration is silent."""
    resources: str | None = None
    """Handlers of its custom resources, as `module:RESOURCES` (a sequence of `Handler`)."""
    operations: str | None = None
    """Its run-time verbs, as `module:Class`."""
    permissions: str | None = None
    """What deploying takes, as `module:function`: takes a plan's resources as its document has
    them, and the platform's scope; returns a policy in the target's own form."""
    made_id: str | None = None
    """For `recover`, as `module:function`: takes type, inputs and provider's inputs of a resource
    of an official plugin; returns the id that its creation gave it, or `None`."""

    def adapter(self, kind: str) -> Adapter[Any, Any] | None:
        """Return the adapter for `kind`, or `None` when the provider has none."""
        location = self.adapters.get(kind)
        return None if location is None else cast("Adapter[Any, Any]", load(location)())

    def handlers(self) -> Sequence[Handler]:
        """Return the handlers of its custom resources."""
        return () if self.resources is None else cast("Sequence[Handler]", load(self.resources))

    def run_operations(self, scope: "OperationScope") -> Operations | None:
        """Return its run-time verbs for one stack, or `None` when it has none yet."""
        return None if self.operations is None else cast("Operations", load(self.operations)(scope))


@dataclass(frozen=True, kw_only=True)
class OperationScope(Scope):
    """What run-time verbs know: the stack as it is planned, and what it exported."""

    outputs: Mapping[str, Mapping[str, Any]]
    """The stack's exported outputs, by component."""


def load(location: str) -> Any:
    """Import `module:name` and return it."""
    module, _, name = location.partition(":")
    return getattr(importlib.import_module(module), name)
