"""`init`: a first declaration, by a short dialogue or by flags."""

from pathlib import Path
from typing import Annotated

import typer

from mlops_iac.cli.console import emit
from mlops_iac.cli.project import JsonOption


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(init)


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to write into.")] = Path(),
    name: Annotated[str | None, typer.Option(help="Name of the stack.")] = None,
    target: Annotated[str | None, typer.Option(help="Target of the first environment.")] = None,
    template: Annotated[
        str | None, typer.Option(help="`yaml`: a manifest; `python`: the same in Python.")
    ] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Take the defaults.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a declaration that trains and serves a small model, and a `Pulumi.yaml`."""
    from mlops_iac.templates import TEMPLATES, write_template

    asked = not yes
    chosen_name = name or _ask("name of the stack", _slug(folder), asked=asked)
    chosen_target = target or _ask("target", "local", asked=asked)
    chosen = template or _ask(f"template ({', '.join(TEMPLATES)})", "yaml", asked=asked)
    written = write_template(chosen, folder, name=chosen_name, target=chosen_target)
    lines = [f"wrote {path}" for path in written]
    emit(
        {"files": [str(path) for path in written]},
        as_json=as_json,
        text=[*lines, "next: `mlops-iac plan`, then `mlops-iac up`"],
    )


def _ask(question: str, default: str, *, asked: bool) -> str:
    return str(typer.prompt(question, default=default, err=True)) if asked else default


def _slug(folder: Path) -> str:
    import re

    slug = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-")[:40]
    return slug if slug[:1].isalpha() else f"stack-{slug}".rstrip("-")
