"""`docs/reference/cli.md`: the help of every command."""

from collections.abc import Iterator
from typing import Any

import typer

from mlops_iac.cli.main import app

WIDTH = 90

HEAD = """\
# Command line

Generated from the commands' own help by `python -m tools.generate_docs`.

Results go to standard output, progress and errors to standard error. Exit codes: 0 fine; 1 the
operation failed; 2 the declaration has problems; 130 interrupted.
"""


def page() -> str:
    """Return the page: a heading and the help text of every command."""
    return "\n".join([HEAD, *(_section(path, command) for path, command in commands())])


def commands() -> Iterator[tuple[str, Any]]:
    """Yield every command that can be run, by the words that run it."""
    yield from _commands("mlops-iac", typer.main.get_command(app))


def _commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    inside = getattr(command, "commands", {})
    if not inside:
        yield path, command
    for name, child in inside.items():
        yield from _commands(f"{path} {name}", child)


def _section(path: str, command: Any) -> str:
    context = typer.Context(command, info_name=path, terminal_width=WIDTH, max_content_width=WIDTH)
    with context:
        return f"## `{path}`\n\n```text\n{command.get_help(context).strip()}\n```\n"
