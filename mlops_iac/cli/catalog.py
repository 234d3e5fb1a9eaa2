"""`providers` and `matrix`: what is installed, and what each target can do."""

import typer

from mlops_iac.cli.console import emit, table
from mlops_iac.cli.project import JsonOption


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(providers)
    app.command()(matrix)


def providers(as_json: JsonOption = False) -> None:
    """List the targets that are installed, and what they still need."""
    from mlops_iac.discovery import install_hint, missing_modules
    from mlops_iac.discovery import providers as discovered

    found = [
        {
            "target": name,
            "title": provider.title,
            "up": provider.can_apply,
            "ready": not missing_modules(provider),
            "install": install_hint(provider) if missing_modules(provider) else "",
        }
        for name, provider in discovered().items()
    ]
    rows = [
        (
            p["target"],
            p["title"],
            "up" if p["up"] else "plan",
            "ready" if p["ready"] else p["install"],
        )
        for p in found
    ]
    emit(found, as_json=as_json, text=table(("target", "title", "does", "state"), rows))


def matrix(as_json: JsonOption = False) -> None:
    """Show which capability each target has, as a Markdown table."""
    from mlops_iac.matrix import kind_lines, matrix_document, matrix_lines

    emit(matrix_document(), as_json=as_json, text=[*kind_lines(), "", *matrix_lines()])
