"""A whole declaration: the platform and every component, planned together and then built."""

import sys
from collections.abc import Iterable, Mapping
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
    components: tuple[SerializeAsAny[Spec], ...] = ()
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
        from mlops_iac.components import build

        build(self.declaration())

    def declaration(self) -> "Declaration":
        """Return this stack with its place: the folder of the program that declares it."""
        main = getattr(sys.modules.get("__main__"), "__file__", None)
        is_program = main is not None and Path(main).name == "__main__.py"
        return Declaration(self, Path(main).parent.resolve() if is_program else Path.cwd())


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
