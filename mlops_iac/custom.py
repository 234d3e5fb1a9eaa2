"""Resources of our own plugin: what a handler is, and how a program registers one.

What no official Pulumi package offers is a resource of `pulumi-resource-mlops-iac`. A provider
package writes a `Handler` for it; the plugin (`mlops_iac.plugin`) hosts the handlers.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    import pulumi

PLUGIN = "mlops-iac"
"""Name of the plugin: the first word of its type tokens."""

Properties = Mapping[str, Any]
"""Inputs or state of a resource: JSON-like values. Secrets arrive as their values."""


@dataclass(frozen=True, kw_only=True)
class InputFailure:
    """An input that a handler refuses, with the reason in the user's words."""

    property: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a new declaration would do to an existing resource."""

    changed: tuple[str, ...] = ()
    """Properties that differ."""
    replaces: tuple[str, ...] = ()
    """Those that cannot change in place."""
    delete_before_replace: bool = False


@dataclass(frozen=True, kw_only=True)
class Existing:
    """A resource as it is in the world."""

    id: str
    state: Properties
    inputs: Properties


class Call(Protocol):
    """What a handler may use while it works; one per engine call, in a worker thread."""

    urn: str
    name: str
    """Logical name."""
    config: Mapping[str, Any]
    """Configuration of the explicit `mlops-iac` provider: the target instance."""
    timeout: float
    """Seconds the engine allows; 0 when it sets no limit."""

    def check_cancelled(self) -> None:
        """Raise `Cancelled` when the user stopped the operation."""
        ...

    def wait(self, seconds: float) -> None:
        """Sleep, but raise `Cancelled` at once when the user stops the operation."""
        ...

    def log(self, message: str) -> None:
        """Tell the user about progress; never give it a secret."""
        ...

    def journal(self, operation: str, **facts: Any) -> None:
        """Write down an outside call *before* it is made, to find its result after a crash."""
        ...

    def intents(self) -> Sequence[Mapping[str, Any]]:
        """Return what an earlier, interrupted call for the same resource had written down.

        Each has `operation`, `time`, `facts`; a last one with the operation `created` (`facts.id`)
        says that the create ended well, but the engine never recorded it.
        """
        ...

    def exists(self, resource_id: str, state: Properties) -> None:
        """Note that the resource exists now: if the call fails from here on, state keeps it.

        The next `up` then calls `update` to finish it, so such a handler implements `update`.
        """
        ...


class Cancelled(Exception):  # noqa: N818  it is a request of the user, not an error
    """The user stopped the operation."""


class Handler(ABC):
    """One custom resource type. Stateless: everything comes in as arguments.

    `create` must adopt what carries this resource's ownership mark and refuse what does not, so
    that a create that was killed after its outside call can be repeated.
    """

    token: ClassVar[str]
    """Type token, such as `mlops-iac:local:ModelDeployment`."""
    schema_version: ClassVar[int] = 1
    """Version of the state that this handler writes."""
    replace_on: ClassVar[frozenset[str]] = frozenset()
    """Inputs that cannot change in place."""
    ignore: ClassVar[frozenset[str]] = frozenset()
    """Inputs whose change is no change."""
    secret_outputs: ClassVar[frozenset[str]] = frozenset()
    """Outputs that are secrets in state."""
    stable_outputs: ClassVar[frozenset[str]] = frozenset()
    """Outputs that an update in place never changes: known while an update is previewed."""

    def check(self, inputs: Properties) -> Sequence[InputFailure]:  # noqa: ARG002  a default
        """Return what is wrong with known inputs; unknown ones are left out of `inputs`."""
        return ()

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:  # noqa: ARG002
        """Compare the inputs that were applied with the new ones, property by property.

        Only known inputs arrive; the host turns unknown ones into "may change" by itself.
        """
        keys = sorted(({*old} | {*new}) - self.ignore)
        changed = tuple(key for key in keys if old.get(key) != new.get(key))
        return Change(
            changed=changed, replaces=tuple(key for key in changed if key in self.replace_on)
        )

    @abstractmethod
    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Create or adopt the resource; return its id and state."""

    @abstractmethod
    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the resource as it is, or `None` when it is gone; serves refresh and import."""

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Change the resource in place; return its new state."""
        raise NotImplementedError(f"{self.token} {resource_id} is never updated in place")

    @abstractmethod
    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Remove the resource and all that carries its mark; succeed when it is gone already."""

    def migrate(self, state: Properties, version: int) -> Properties:  # noqa: ARG002
        """Return state of an older `version` in the present form."""
        return state


def register(
    token: str,
    name: str,
    inputs: Mapping[str, Any],
    *,
    outputs: Sequence[str],
    opts: "pulumi.ResourceOptions",
) -> "pulumi.CustomResource":
    """Register a resource of our plugin in the running Pulumi program.

    Each name in `outputs` becomes an attribute that holds an `Output`. The resource carries the
    plugin's version and download address, so that a missing plugin gives our own remedy.
    """
    from mlops_iac._registration import CustomResource

    return CustomResource(token, name, inputs, outputs, opts)
