"""What a person sees: results on standard output, everything else on standard error."""

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import typer

if TYPE_CHECKING:
    from mlops_iac.errors import MlopsError


def fail(error: "MlopsError") -> NoReturn:
    """Print an error and leave with its exit code; as JSON when JSON was asked for."""
    from mlops_iac.errors import PlanError

    if "--json" in sys.argv or "json" in sys.argv:
        document: dict[str, Any] = {"error": error.code, "message": error.message}
        document["remedy"] = error.remedy
        if isinstance(error, PlanError):
            document["problems"] = [problem.document() for problem in error.problems]
        typer.echo(json.dumps(document, indent=2), err=True)
    else:
        typer.echo(f"{style('error', 'red')}: {error}", err=True)
    sys.exit(error.exit_code)


def style(text: str, colour: str) -> str:
    """Return `text` in a colour, where colours are wanted (`NO_COLOR`, terminals)."""
    wanted = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    return typer.style(text, fg=colour) if wanted else text


def emit(document: Any, *, as_json: bool, text: Iterable[str]) -> None:
    """Print a result: the document as JSON, or the lines for a person."""
    if as_json:
        typer.echo(json.dumps(document, indent=2, default=str))
    else:
        for line in text:
            typer.echo(line)


def note(message: str, *, quiet: bool = False) -> None:
    """Tell about progress, on standard error."""
    if not quiet:
        typer.echo(message, err=True)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Return lines with aligned columns."""
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


_HASH = re.compile(r"^((?:[a-z0-9]+:)?[0-9a-f]{12})[0-9a-f]{20,}$")


def short(value: Any) -> str:
    """Return a value for a person: hashes cut, numbers rounded; empty for what says nothing."""
    if isinstance(value, Mapping):
        return ",".join(f"{key}:{short(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ",".join(short(item) for item in value)
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else _HASH.sub(r"\1", str(value))
