"""A whole declaration: the platform and every component, planned together and then built."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, SerializeAsAny, field_validator
from pydantic_core import PydanticCustomError

from mlops_iac.specs import KINDS, Platform, Spec
from mlops_iac.specs.base import Part

if TYPE_CHECKING:
    from mlops_iac.planning import Plan

PROJECT_PATTERN = r"^[a-z][a-z0-9-]{0,39}$"


class Stack(Part):
    """Everything that is declared: `Stack("flights", platform=…, components=[…])`."""

    name: str = Field(kw_only=False, pattern=PROJECT_PATTERN)
    """Name of the Pulumi project."""
    platform: Platform = Platform()
    """The foundation."""
    components: Sequence[SerializeAsAny[Spec]] = ()
    """The components, in any order."""

    if not TYPE_CHECKING:

        def __init__(self, *name: Any, **fields: Any) -> None:
            super().__init__(**dict(zip(("name",), name, strict=False)), **fields)

    @field_validator("components", mode="before")
    @classmethod
    def _are_components(cls, value: Any) -> Any:
        if not isinstance(value, Iterable):
            raise PydanticCustomError("components", "is a list of components")
        items = tuple(value)
        for item in items:
            if type(item) not in KINDS.values() or isinstance(item, Platform):
                raise PydanticCustomError(
                    "components",
                    "holds {found}; it may hold {kinds}",
                    {
                        "found": type(item).__name__,
                        "kinds": ", ".join(kind for kind in KINDS if kind != Platform.kind),
                    },
                )
        return items

    def plan(self, stack: str = "dev", **options: Any) -> "Plan":
        """Return what this declaration becomes, with every problem; see `planning.plan`."""
        from mlops_iac.planning import plan

        return plan(self.declaration(), stack=stack, **options)

    def build(self) -> None:
        """Register everything in the running Pulumi program; call it in `__main__.py`.

        Raises:
            pulumi.RunError: the declaration has problems; nothing was registered.
        """
        self.declaration().build()

    @classmethod
    def from_file(cls, path: "Path | str" = "mlops.yaml") -> "Declaration":
        """Read an `mlops.yaml` for the stack that is running; call `build()` on the result."""
        from mlops_iac.manifest import load_manifest
        from mlops_iac.settings import variables

        folder = Path(path).resolve().parent
        stack = environment_name()
        return load_manifest(path, stack=stack, config=variables(folder, stack))

    def declaration(self) -> "Declaration":
        """Return this stack with its place: the working folder, where Pulumi runs a program."""
        return Declaration(self, Path.cwd())


def environment_name() -> str:
    """Return the environment that the running program is for: the name of the Pulumi stack."""
    if (collector := _collector.get()) is not None:
        return collector.stack
    import pulumi

    return pulumi.get_stack()


@dataclass
class _Collector:
    """Takes declarations in place of building them."""

    stack: str
    found: "list[Declaration]" = field(default_factory=list)


_collector: ContextVar[_Collector | None] = ContextVar("collector", default=None)


@contextmanager
def collecting(stack: str) -> "Generator[list[Declaration]]":
    """Collect what programs declare inside this block, instead of building it."""
    collector = _Collector(stack)
    token = _collector.set(collector)
    try:
        yield collector.found
    finally:
        _collector.reset(token)


@dataclass(frozen=True)
class Declaration:
    """A stack and where it was written."""

    stack: Stack
    project_dir: Path
    """Folder that paths in the declaration are relative to."""
    file: Path | None = None
    """The `mlops.yaml`, when there is one."""
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    """Line of each place in `file`, such as `("score", "scaling", "min")`."""

    def build(self) -> None:
        """Register everything in the running Pulumi program."""
        if (collector := _collector.get()) is not None:
            collector.found.append(self)
            return
        from mlops_iac.components import build

        build(self)

    @property
    def specs(self) -> dict[str, Spec]:
        """Every component by name; of two with one name the first."""
        found: dict[str, Spec] = {}
        for spec in self.stack.components:
            found.setdefault(spec.name, spec)
        return found

    def line(self, component: str, field: str) -> int | None:
        """Return the line of a field, or of the nearest thing around it."""
        path = (component, *field.split(".")) if field else (component,)
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None
