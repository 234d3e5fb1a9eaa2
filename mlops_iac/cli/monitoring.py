"""Checks of monitors, and telling an endpoint what turned out of its predictions."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlops_iac.cli.console import emit, note
from mlops_iac.cli.project import FileOption, JsonOption, QuietOption, StackOption, open_project

if TYPE_CHECKING:
    from mlops_iac.operations import Run, Truth

_VERDICTS = {1.0: "alarm", 0.0: "no alarm"}


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    for command in (check, truth):
        app.command()(command)


def check(
    monitor: Annotated[str, typer.Argument(help="Name of a ModelMonitor.")],
    file: FileOption = Path(),
    stack: StackOption = "dev",
    waits: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until it has ended.")
    ] = True,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Check now the rows that no check has judged; nothing when too few rows wait.

    An alarm is no failure: the exit code tells whether the check came to its end.
    """
    from mlops_iac.errors import NothingToDoError

    operations = open_project(file, stack).operations(monitor)
    try:
        started = operations.check(monitor)
    except NothingToDoError as nothing:
        note(nothing.message, quiet=quiet)
        emit(None, as_json=as_json, text=())
        return
    note(f"check {started.id} of `{monitor}`: {started.status}", quiet=quiet)
    ended = operations.wait(started) if waits else started
    emit(asdict(ended), as_json=as_json, text=_check_lines(ended))
    if ended.status in {"failed", "stopped"}:
        raise typer.Exit(1)


def truth(
    endpoint: Annotated[str, typer.Argument(help="Name of a ModelEndpoint.")],
    labels: Annotated[
        Path, typer.Argument(help="CSV, JSON lines or parquet: `request_id`, the label, `row`.")
    ],
    file: FileOption = Path(),
    stack: StackOption = "dev",
    label: Annotated[
        str | None,
        typer.Option("--label", help="Column with the label; the only other one when left out."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell an endpoint what turned out of its predictions; a later check joins it.

    `request_id` is the answer's header `x-request-id`: the caller's own, when the request had one.
    """
    found = open_project(file, stack).operations(endpoint).truth(endpoint, labels, label=label)
    emit(asdict(found), as_json=as_json, text=_truth_lines(found))


def _check_lines(run: "Run") -> Iterator[str]:
    verdict = _VERDICTS.get(run.metrics.get("alarm", -1.0), "")
    yield f"{run.component}  {run.id}  {run.status}  {verdict}".rstrip()
    for name, value in run.metrics.items():
        if name != "alarm":
            yield f"  {name}: {value:.4g}"
    if run.reason:
        yield f"  {run.reason}"
    yield from (f"  {report}" for report in run.reports)


def _truth_lines(truth: "Truth") -> Iterator[str]:
    yield f"{truth.endpoint}  {truth.rows} labels kept"
    if truth.unknown:
        some = ", ".join(f"`{name}`" for name in truth.examples)
        yield (
            f"  {truth.unknown} of them are of requests that are not captured, or not yet, such as "
            f"{some}"
        )
