"""Reading features by key, as a serving program does."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from mlops_iac.cli.console import emit, table
from mlops_iac.cli.project import FileOption, JsonOption, StackOption, open_project


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(features)


def features(
    group: Annotated[str, typer.Argument(help="Name of a FeatureGroup.")],
    entity: Annotated[
        list[str],
        typer.Option(
            "--entity",
            help='`origin=JFK`, `origin=JFK,carrier=UA`, or `{"origin": "JFK"}`; repeatable.',
        ),
    ],
    file: FileOption = Path(),
    stack: StackOption = "dev",
    as_json: JsonOption = False,
) -> None:
    """Print the newest values of entities, in the order they are asked for."""
    asked = [_entity(text) for text in entity]
    found = open_project(file, stack).operations(group).features(group, asked)
    emit(list(found), as_json=as_json, text=_lines(found))


def _entity(text: str) -> dict[str, Any]:
    from mlops_iac.errors import OperationError

    refused = OperationError(
        f"`{text}` is no entity", remedy='such as `origin=JFK`, or `{"origin": "JFK"}`'
    )
    if text.startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            raise refused from None
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(name and equals for name, equals, _ in pairs):
        raise refused
    return {name: value for name, _, value in pairs}


def _lines(found: Sequence[Mapping[str, Any]]) -> list[str]:
    columns = list(found[0]) if found else []
    rows = [["-" if item[name] is None else str(item[name]) for name in columns] for item in found]
    return table(columns, rows)
