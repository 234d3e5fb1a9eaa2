"""`up`, `preview`, `refresh`, `destroy`, `status`, `recover`, `env`: the life of a stack."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlops_iac.cli.console import emit, note, short, table
from mlops_iac.cli.progress import Progress, summary_document, summary_lines
from mlops_iac.cli.project import (
    FileOption,
    JsonOption,
    Project,
    QuietOption,
    StackOption,
    open_project,
)

if TYPE_CHECKING:
    from mlops_iac.engine.automation import Engine, Summary


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    for command in (preview, up, refresh, destroy, status, recover, env):
        app.command()(command)


def preview(
    file: FileOption = Path(),
    stack: StackOption = "dev",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show what `up` would do to what exists now."""
    _operate(file, stack, "preview", lambda engine: engine.preview(), as_json=as_json, quiet=quiet)


def up(
    file: FileOption = Path(),
    stack: StackOption = "dev",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make what is declared; train what changed; deploy what is approved."""
    _operate(file, stack, "up", lambda engine: engine.up(), as_json=as_json, quiet=quiet)


def refresh(
    file: FileOption = Path(),
    stack: StackOption = "dev",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Look at what exists and bring the state up to date."""
    _operate(file, stack, "refresh", lambda engine: engine.refresh(), as_json=as_json, quiet=quiet)


def destroy(
    file: FileOption = Path(),
    stack: StackOption = "dev",
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Remove what this stack made; what is protected stays, and is listed."""
    if not yes:
        typer.confirm(f"remove everything that stack `{stack}` made?", abort=True, err=True)

    def remove(engine: "Engine") -> "Summary":
        summary = engine.destroy(exclude_protected=True)
        for urn in _protected(engine):
            note(f"kept, because it is protected: {urn}", quiet=quiet)
        engine.remove_empty()
        return summary

    _operate(file, stack, "destroy", remove, as_json=as_json, quiet=quiet)


def status(
    file: FileOption = Path(), stack: StackOption = "dev", as_json: JsonOption = False
) -> None:
    """Show how each component is now, seen in the world."""
    found = open_project(file, stack).operations().status()
    rows = [(s.component, s.kind, s.state, _details(s.details)) for s in found]
    emit(
        [asdict(item) for item in found],
        as_json=as_json,
        text=table(("component", "kind", "state", "details"), rows),
    )


def recover(
    file: FileOption = Path(), stack: StackOption = "dev", as_json: JsonOption = False
) -> None:
    """Mend what a killed run left: dead locks, half-written state, pending creates."""
    from mlops_iac.engine.recover import recover as mend

    project = open_project(file, stack)
    recovery = mend(project.folder, project.name, project.stack)
    emit(asdict(recovery), as_json=as_json, text=recovery.lines or ["nothing to mend"])


def env(file: FileOption = Path(), as_json: JsonOption = False) -> None:
    """Print the exports that plain `pulumi` needs: `eval "$(mlops-iac env)"`."""
    import shlex

    from mlops_iac.engine.backend import environment

    folder = file if file.is_dir() else file.parent
    values = environment(folder.resolve())
    lines = (f"export {name}={shlex.quote(value)}" for name, value in values.items())
    emit(dict(values), as_json=as_json, text=lines)


def _operate(
    file: Path,
    stack: str,
    verb: str,
    operation: Callable[["Engine"], "Summary"],
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    project = open_project(file, stack)
    if verb in {"up", "preview"}:
        project.plan().require().require_appliable()
    with Progress(quiet=quiet) as progress:
        engine = project.engine(progress, lambda line: note(line, quiet=quiet))
        summary = operation(engine)
    lines = summary_lines(verb, summary)
    if verb == "up":
        lines += _where_to_look(project, summary)
    emit(summary_document(verb, summary), as_json=as_json, text=lines)


def _where_to_look(project: Project, summary: "Summary") -> list[str]:
    """Return how each component is now: what was promoted since is newer than the outputs."""
    from mlops_iac.errors import MlopsError

    try:
        found = project.operations().status()
    # What was done stays done: who may not look is shown less.
    except MlopsError:
        return [f"  {name}" for name in project.declaration.specs if name in summary.outputs]
    rows = [(s.component, s.state, _details(s.details)) for s in found]
    return [f"  {line}" for line in table(("component", "state", "details"), rows)]


def _details(details: Mapping[str, Any]) -> str:
    shown = ((key, short(value)) for key, value in details.items())
    return "  ".join(f"{key}={text}" for key, text in shown if text)


def _protected(engine: "Engine") -> list[str]:
    deployment = engine.export().get("deployment") or {}
    return [r["urn"] for r in deployment.get("resources") or [] if r.get("protect")]
