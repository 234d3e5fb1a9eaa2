"""The verbs between two `up`s: runs, logs, versions, approval, promotion, predictions."""

import getpass
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlops_iac.cli.console import emit, note, table
from mlops_iac.cli.project import FileOption, JsonOption, QuietOption, StackOption, open_project

if TYPE_CHECKING:
    from mlops_iac.operations import ComponentStatus, ModelVersion, Run

Job = Annotated[str, typer.Argument(help="Name of a job: training, processing, a pipeline, …")]
Model = Annotated[str, typer.Argument(help="Name of a RegisteredModel.")]
Endpoint = Annotated[str, typer.Argument(help="Name of a ModelEndpoint.")]
Version = Annotated[int, typer.Argument(min=1, help="Version of the model.")]
Approver = Annotated[
    str | None, typer.Option("--as", help="Who approves; the logged-in user when left out.")
]
RunId = Annotated[
    str | None, typer.Option("--run", help="Id of the run; the newest one when left out.")
]
Comment = Annotated[str, typer.Option("-m", "--message", help="Why.")]


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    of_jobs = (run, wait, stop, runs, logs)
    of_models = (versions, approve, reject, promote, rollback, predict)
    for command in (*of_jobs, *of_models):
        app.command()(command)


def run(
    job: Job,
    file: FileOption = Path(),
    stack: StackOption = "dev",
    again: Annotated[bool, typer.Option("--again", help="Repeat a run of the same key.")] = False,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", help="`key=value`: a parameter's value in this run; repeatable."),
    ] = None,
    waits: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until it has ended.")
    ] = True,
    stop_too: Annotated[bool, typer.Option("--stop", help="On Ctrl-C, stop the run too.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Start a run of a job."""
    parameters = _parameters(values or [])
    operations = open_project(file, stack).operations(job)
    started = operations.run(job, again=again, parameters=parameters)
    note(f"run {started.id} of `{job}`: {started.status}", quiet=quiet)
    try:
        ended = operations.wait(started) if waits else started
    except KeyboardInterrupt:
        if stop_too:
            operations.stop(started)
        raise
    _end(ended, as_json=as_json)


def wait(
    job: Job,
    file: FileOption = Path(),
    stack: StackOption = "dev",
    run_id: RunId = None,
    as_json: JsonOption = False,
) -> None:
    """Wait until a run of a job has ended."""
    operations = open_project(file, stack).operations(job)
    _end(operations.wait(_chosen(operations.runs(job), job, run_id)), as_json=as_json)


def stop(
    job: Job,
    file: FileOption = Path(),
    stack: StackOption = "dev",
    run_id: RunId = None,
    as_json: JsonOption = False,
) -> None:
    """Stop a run of a job; nothing when it has ended."""
    operations = open_project(file, stack).operations(job)
    stopped = operations.stop(_chosen(operations.runs(job), job, run_id))
    emit(asdict(stopped), as_json=as_json, text=_run_lines(stopped))


def runs(
    job: Job, file: FileOption = Path(), stack: StackOption = "dev", as_json: JsonOption = False
) -> None:
    """List the runs of a job, newest first."""
    found = open_project(file, stack).operations(job).runs(job)
    emit([asdict(item) for item in found], as_json=as_json, text=_runs_table(found))


def _end(ended: "Run", *, as_json: bool) -> None:
    emit(asdict(ended), as_json=as_json, text=_run_lines(ended))
    if ended.status in {"failed", "stopped"}:
        raise typer.Exit(1)


def _chosen(known: Sequence["Run"], job: str, run_id: str | None) -> "Run":
    from mlops_iac.errors import OperationError

    for item in known:
        if run_id in {None, item.id}:
            return item
    if run_id is None:
        raise OperationError(f"job `{job}` has no run", remedy=f"`mlops-iac run {job}` starts one")
    raise OperationError(
        f"job `{job}` has no run `{run_id}`", remedy=f"`mlops-iac runs {job}` lists them"
    )


def _parameters(values: Sequence[str]) -> dict[str, Any]:
    """Return the values of `--set`: JSON where they are JSON, else text."""
    from mlops_iac.errors import OperationError
    from mlops_iac.runtime.hyperparameters import decode_value

    wrong = [f"`{value}`" for value in values if value.find("=") < 1]
    if wrong:
        raise OperationError(
            f"{', '.join(wrong)} is no `key=value`", remedy="such as `--set depth=3`"
        )
    pairs = (value.partition("=") for value in values)
    return {name: decode_value(text) for name, _, text in pairs}


def logs(
    component: Annotated[str, typer.Argument(help="A job or a ModelEndpoint.")],
    file: Annotated[Path, typer.Option("--file", help="As `-f` of the other commands.")] = Path(),
    stack: StackOption = "dev",
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on as it grows.")] = False,
) -> None:
    """Print the log of the newest run, or of an endpoint."""
    for line in open_project(file, stack).operations(component).logs(component, follow=follow):
        typer.echo(line.rstrip("\n"))


def versions(
    model: Model, file: FileOption = Path(), stack: StackOption = "dev", as_json: JsonOption = False
) -> None:
    """List the versions of a model, newest first."""
    found = open_project(file, stack).operations(model).versions(model)
    emit([asdict(item) for item in found], as_json=as_json, text=_version_lines(found))


def approve(
    model: Model,
    version: Version,
    file: FileOption = Path(),
    stack: StackOption = "dev",
    approver: Approver = None,
    message: Comment = "",
    as_json: JsonOption = False,
) -> None:
    """Let a version be deployed; the first one is deployed to endpoints that wait for it."""
    operations = open_project(file, stack).operations(model)
    who = approver or getpass.getuser()
    found = operations.approve(model, version, approver=who, comment=message)
    emit(asdict(found), as_json=as_json, text=_version_lines([found]))


def reject(
    model: Model,
    version: Version,
    file: FileOption = Path(),
    stack: StackOption = "dev",
    approver: Approver = None,
    message: Comment = "",
    as_json: JsonOption = False,
) -> None:
    """Refuse a version for good."""
    operations = open_project(file, stack).operations(model)
    who = approver or getpass.getuser()
    found = operations.reject(model, version, approver=who, comment=message)
    emit(asdict(found), as_json=as_json, text=_version_lines([found]))


def promote(
    endpoint: Endpoint,
    version: Version,
    file: FileOption = Path(),
    stack: StackOption = "dev",
    as_json: JsonOption = False,
) -> None:
    """Serve another approved version, without downtime."""
    found = open_project(file, stack).operations(endpoint).promote(endpoint, version)
    emit(asdict(found), as_json=as_json, text=_status_lines(found))


def rollback(
    endpoint: Endpoint,
    file: FileOption = Path(),
    stack: StackOption = "dev",
    as_json: JsonOption = False,
) -> None:
    """Serve the version that was served before."""
    found = open_project(file, stack).operations(endpoint).rollback(endpoint)
    emit(asdict(found), as_json=as_json, text=_status_lines(found))


def predict(
    endpoint: Endpoint,
    rows: Annotated[
        str, typer.Argument(help="JSON rows, `@file.json`, `@file.csv`, or `-` for standard input.")
    ],
    file: FileOption = Path(),
    stack: StackOption = "dev",
) -> None:
    """Ask an endpoint for predictions; prints JSON."""
    payload = _payload(rows)
    answer = open_project(file, stack).operations(endpoint).predict(endpoint, payload)
    emit(answer, as_json=True, text=())


def _payload(rows: str) -> Any:
    from mlops_iac.errors import OperationError

    text, is_csv = rows, False
    try:
        if rows == "-":
            text = typer.get_text_stream("stdin").read()
        elif rows.startswith("@"):
            text, is_csv = Path(rows[1:]).read_text(encoding="utf-8"), rows.endswith(".csv")
        return text if is_csv else json.loads(text)
    except OSError as error:
        raise OperationError(f"`{rows[1:]}` cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise OperationError(
            f"the rows are no JSON: {error}", remedy='such as `[{"distance": 1400}]`'
        ) from None


def _runs_table(runs: Sequence["Run"]) -> list[str]:
    rows = [
        (item.id, item.status, item.model_version or "-", _metrics(item) or "-", item.started)
        for item in runs
    ]
    return table(("run", "status", "version", "metrics", "started"), rows)


def _metrics(run: "Run") -> str:
    return "  ".join(f"{name}={value:.4g}" for name, value in run.metrics.items())


def _run_lines(run: "Run") -> list[str]:
    version = f"  version={run.model_version}" if run.model_version else ""
    reason = [f"  {run.reason}"] if run.reason else []
    return [f"{run.component}  {run.id}  {run.status}{version}  {_metrics(run)}".rstrip(), *reason]


def _version_lines(versions: Sequence["ModelVersion"]) -> list[str]:
    rows = [
        (
            item.version,
            item.status,
            ",".join(item.aliases) or "-",
            "  ".join(f"{name}={value:.4g}" for name, value in item.metrics.items()) or "-",
            item.approver or "-",
            item.created,
        )
        for item in versions
    ]
    return table(("version", "status", "aliases", "metrics", "approver", "created"), rows)


def _status_lines(status: "ComponentStatus") -> list[str]:
    details = "  ".join(f"{key}={value}" for key, value in status.details.items())
    return [f"{status.component}  {status.state}  {details}".rstrip()]
