"""`page`: what a stack did, as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer

from mlops_iac.cli.console import emit
from mlops_iac.cli.project import FileOption, JsonOption, StackOption, open_project

Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="Where to write it; in the stack's own folder by default."),
]


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(page)


def page(
    file: FileOption = Path(),
    stack: StackOption = "dev",
    output: Output = None,
    as_json: JsonOption = False,
) -> None:
    """Write one HTML page of what the stack did: runs, versions, drift, latency.

    With `--json` the data behind it is printed, and nothing written.
    """
    project = open_project(file, stack)
    records = project.operations().records()
    if as_json:
        emit(records.document(), as_json=True, text=())
        return
    from mlops_iac.engine.backend import private_path
    from mlops_iac.engine.files import private_folder
    from mlops_iac.page import write

    own = private_folder(private_path(project.folder) / project.stack)
    typer.echo(write(records, output or own / "page.html"))
