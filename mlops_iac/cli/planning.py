"""`plan` and `schema`: what a declaration becomes, offline."""

import json
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlops_iac.cli.console import emit, note, style, table
from mlops_iac.cli.project import FileOption, Project, QuietOption, StackOption, open_project

if TYPE_CHECKING:
    from mlops_iac.sharing import SharedPlatform


class Format(StrEnum):
    """How a plan is printed."""

    TABLE = "table"
    JSON = "json"


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(plan)
    app.command()(schema)


def plan(
    file: FileOption = Path(),
    stack: StackOption = "dev",
    target: Annotated[
        str | None,
        typer.Option("-t", "--target", help="Plan for this target, or for `all` side by side."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    as_json: Annotated[bool, typer.Option("--json", help="The same as `--format json`.")] = False,
    platform: Annotated[
        Path | None,
        typer.Option(
            "--platform",
            help="Outputs of the stack that owns the platform, as `pulumi stack output --json`.",
        ),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Show what the declaration becomes: resources, problems, portability. Offline."""
    from mlops_iac.discovery import providers

    targets: Sequence[str | None] = list(providers()) if target == "all" else [target]
    if targets[0] is not None:
        note(f"planning for {', '.join(str(name) for name in targets)} …", quiet=quiet)
    document = _document(file, stack, targets, platform)
    wants_json = as_json or form is Format.JSON
    emit(document, as_json=wants_json, text=_lines(document["targets"]))
    refused = [t for t in document["targets"].values() if _errors(t)]
    # Side by side, a target that refuses is a finding, not a failure, as long as one can be built.
    if len(refused) == len(document["targets"]):
        raise typer.Exit(2)


def _document(
    file: Path, stack: str, targets: Sequence[str | None], platform: Path | None
) -> dict[str, Any]:
    from mlops_iac.document import plan_document, recorded_document
    from mlops_iac.program import NoStackError, recorded

    try:
        project = open_project(file, stack)
    except NoStackError as error:
        if error.__cause__ is not None:
            raise
        chosen = {name or "program": {"mlops-iac:target": name} if name else {} for name in targets}
        folder = file.resolve()
        return recorded_document({t: recorded(folder, stack, c) for t, c in chosen.items()})
    documents: dict[str, Any] = {"targets": {}}
    for name in targets:
        chosen = _environment_for(file, project, name)
        planned = plan_document(
            chosen.declaration,
            [name],
            stack=chosen.stack,
            config=chosen.config,
            shared=_shared(chosen, platform),
        )
        documents = {**planned, "targets": {**documents["targets"], **planned["targets"]}}
    return documents


def _shared(project: Project, file: Path | None) -> "SharedPlatform | None":
    """Return the platform that another stack owns, as its outputs in `file` tell it."""
    from mlops_iac.sharing import read_document

    reference = project.declaration.stack.platform.stack
    if file is None or reference is None:
        return None
    return read_document(reference, json.loads(file.read_text(encoding="utf-8")), secret=False)


def _environment_for(file: Path, project: Project, target: str | None) -> Project:
    """Return the environment that the manifest itself declares for `target`, if there is one."""
    from mlops_iac.manifest import environments

    declared = project.declaration
    if target in {None, declared.stack.platform.target} or declared.file is None:
        return project
    for name in environments(declared.file):
        other = open_project(file, name)
        if other.declaration.stack.platform.target == target:
            return other
    return project


def schema() -> None:
    """Print the JSON Schema of `mlops.yaml`, for editors and checks."""
    from mlops_iac.manifest import json_schema

    emit(json_schema(), as_json=True, text=())


def _errors(target: dict[str, Any]) -> list[dict[str, Any]]:
    return [problem for problem in target["problems"] if problem["severity"] == "error"]


def _lines(targets: dict[str, dict[str, Any]]) -> Iterator[str]:
    if len(targets) > 1:
        yield from _side_by_side(targets)
    for name, target in targets.items():
        yield ""
        yield style(_title(name, target), "cyan")
        yield from _problem_lines(target["problems"])
        if len(targets) == 1:
            yield from _resource_lines(target["resources"])
        yield from _portability_lines(target["portability"])


def _title(name: str, target: dict[str, Any]) -> str:
    if _errors(target):
        return f"{name}: cannot be built, {len(_errors(target))} problem(s)"
    suffix = "" if target["can_apply"] else " (planned only: `up` is not there yet)"
    return f"{name}: {_counted(target['resources'])}{suffix}"


def _side_by_side(targets: dict[str, dict[str, Any]]) -> Iterator[str]:
    components: dict[str, None] = {}
    for target in targets.values():
        components.update(dict.fromkeys(r["component"] for r in target["resources"]))
    rows = (
        (component or "(stack)", *(_count(target, component) for target in targets.values()))
        for component in components
    )
    yield from table(("component", *targets), rows)


def _count(target: dict[str, Any], component: str) -> str:
    if _errors(target):
        return "refused"
    return _counted(r for r in target["resources"] if r["component"] == component)


def _counted(resources: Iterable[dict[str, Any]]) -> str:
    """Say how many there are, less the components: those only group them."""
    count = sum(":index:" not in resource["type"] for resource in resources)
    return f"{count} resource{'' if count == 1 else 's'}"


def _problem_lines(problems: Iterable[dict[str, Any]]) -> Iterator[str]:
    from mlops_iac.errors import Problem, Severity

    for fields in problems:
        values: dict[str, Any] = {**fields, "severity": Severity(fields["severity"])}
        problem = Problem(**values)
        yield from (f"  {line}" for line in str(problem).splitlines())


def _resource_lines(resources: Iterable[dict[str, Any]]) -> Iterator[str]:
    rows = (
        (r["component"] or "-", r["field"] or "-", r["type"], r["name"])
        for r in resources
        if ":index:" not in r["type"]
    )
    yield from (f"  {line}" for line in table(("component", "field", "type", "name"), rows))


def _portability_lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    listed = list(rows)
    if listed:
        yield "  portability:"
    # Capabilities of one field may have one note.
    yield from dict.fromkeys(
        f"    {row['component']}.{row['field']}: {row['level']}: {row['note']}" for row in listed
    )
