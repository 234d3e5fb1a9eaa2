"""Which declaration a command is about: an `mlops.yaml`, or a Pulumi project in Python."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from mlops_iac.engine.automation import Engine
    from mlops_iac.engine.events import OnEvent
    from mlops_iac.operations import Operations
    from mlops_iac.planning import Plan
    from mlops_iac.sharing import SharedPlatform
    from mlops_iac.stack import Declaration
    from mlops_iac.target import TargetConfig

FileOption = Annotated[
    Path,
    typer.Option("-f", "--file", help="An `mlops.yaml`, or the folder of one or of a project."),
]
StackOption = Annotated[
    str, typer.Option("-s", "--stack", envvar="MLOPS_IAC_STACK", help="The environment.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
QuietOption = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing about progress.")]


@dataclass(frozen=True)
class Project:
    """A declaration, its environment, and the program that builds it."""

    declaration: "Declaration"
    stack: str
    config: "TargetConfig"
    program: Callable[[], None]

    @property
    def name(self) -> str:
        """Name of the Pulumi project."""
        return self.declaration.stack.name

    @property
    def folder(self) -> Path:
        """Folder of the project: where state and local parts are kept."""
        return self.declaration.project_dir

    def plan(self, target: str | None = None) -> "Plan":
        """Return the plan for this environment; a platform of another stack is read first."""
        from mlops_iac.planning import plan

        return plan(
            self.declaration,
            stack=self.stack,
            config=self.config,
            target=target,
            shared=self._shared(),
        )

    def _shared(self) -> "SharedPlatform | None":
        from mlops_iac.sharing import read_document

        reference = self.declaration.stack.platform.stack
        if reference is None:
            return None
        answer = self.engine().call("stack", "output", "--json", "--stack", reference)
        return read_document(reference, json.loads(answer), secret=False)

    def engine(
        self, on_event: "OnEvent | None" = None, progress: Callable[[str], None] = lambda _: None
    ) -> "Engine":
        """Return the Pulumi engine for this environment."""
        from mlops_iac.engine.automation import Engine

        return Engine(
            project=self.name,
            stack=self.stack,
            project_dir=self.folder,
            program=self.program,
            on_event=on_event,
            progress=progress,
        )

    def operations(self, component: str | None = None) -> "Operations":
        """Return the run-time verbs of the target that `component` (or the platform) is on."""
        from mlops_iac.discovery import provider, providers
        from mlops_iac.errors import OperationError
        from mlops_iac.provider import OperationScope

        drawn = self.plan()
        name = component or self.declaration.stack.platform.name
        if name not in drawn.scopes:
            drawn.require()
            known = ", ".join(f"`{known}`" for known in self.declaration.specs)
            raise OperationError(f"no component is called `{name}`", remedy=f"known: {known}")
        scope = drawn.scopes[name]
        target = scope.target.name
        known = {field.name: getattr(scope, field.name) for field in fields(scope)}
        verbs = provider(target).run_operations(OperationScope(**known, outputs=_LazyOutputs(self)))
        if verbs is None:
            able = [f"`{name}`" for name, each in providers().items() if each.operations]
            raise OperationError(
                f"target `{target}` has no run-time verbs yet",
                remedy=f"targets that have them: {', '.join(able)}",
            )
        return verbs


class _LazyOutputs(Mapping[str, Mapping[str, Any]]):
    """The stack's outputs, asked of the engine only when somebody reads them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._values: Mapping[str, Any] | None = None

    def _loaded(self) -> Mapping[str, Any]:
        if self._values is None:
            found = self._project.engine().outputs()
            self._values = {name: item.value for name, item in found.items()}
        return self._values

    def __getitem__(self, key: str) -> Mapping[str, Any]:
        return self._loaded()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded())

    def __len__(self) -> int:
        return len(self._loaded())


def open_project(path: Path, stack: str) -> Project:
    """Read the declaration at `path` for one environment.

    Raises:
        PlanError: it has problems.
        MlopsError: there is nothing to read.
    """
    from mlops_iac.errors import MlopsError
    from mlops_iac.manifest import FILE_NAME

    folder = path if path.is_dir() else path.parent
    if path.is_file() or (path / FILE_NAME).is_file():
        return _manifest_project(path, folder, stack)
    if (path / "__main__.py").is_file():
        return _program_project(path, stack)
    raise MlopsError(
        f"`{path}` holds neither `{FILE_NAME}` nor a Pulumi project in Python",
        remedy="`mlops-iac init` makes one; `-f` names another",
    )


def _manifest_project(path: Path, folder: Path, stack: str) -> Project:
    from mlops_iac.manifest import load_manifest
    from mlops_iac.settings import target_config, variables

    declaration = load_manifest(path, stack=stack, config=variables(folder, stack))

    def program() -> None:
        from mlops_iac.components import build

        build(declaration)

    return Project(declaration, stack, target_config(folder, stack), program)


def _program_project(path: Path, stack: str) -> Project:
    from mlops_iac.program import declared_by, run
    from mlops_iac.settings import target_config

    folder = path.resolve()
    declaration = declared_by(folder, stack)
    return Project(declaration, stack, target_config(folder, stack), lambda: run(folder))
