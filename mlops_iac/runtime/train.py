"""Launcher of training scripts: `python -m mlops_iac.runtime.train [train] SCRIPT [ARGUMENT…]`.

It shows the script one environment on every platform, and leaves `run.json` in the output
folder. Before the script starts, its code is unpacked, the data is compared with what is declared
of it, and secrets are read. Exit codes: the script's own, 1 when it raised, left no model or not
every metric, or its data or a secret is wrong, 2 for a wrong setting, 130 when interrupted.
"""

import os
import runpy
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from mlops_iac.container_contract import EXPECTS_MODEL, SCRIPT
from mlops_iac.errors import MlopsError
from mlops_iac.runtime import metrics, secrets, tracking
from mlops_iac.runtime.code import code_folder
from mlops_iac.runtime.contracts import check_inputs
from mlops_iac.runtime.errors import RuntimeSettingError, TrainingError
from mlops_iac.runtime.files import make_private_folder
from mlops_iac.runtime.layout import Layout, read_layout
from mlops_iac.runtime.result import ModelResult, RunResult, describe_model, write_result

_INTERRUPTED = 130
# SageMaker shows the first 1,024 characters: docs, "How Amazon SageMaker signals failure".
_MAX_FAILURE_CHARACTERS = 1024


@dataclass(frozen=True, kw_only=True)
class _Ending:
    """How a script ended."""

    code: int = 0
    error: str | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a script as a training job, return the process's exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        layout = read_layout(os.environ)
    except MlopsError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    try:
        if (folder := code_folder(os.environ)) is not None:
            os.chdir(folder)
        script, rest = _script(given)
    except MlopsError as error:
        sys.stderr.write(f"{error}\n")
        _tell_failure(layout, error.message)
        return error.exit_code
    return _run_job(layout, script, rest)


def _script(arguments: list[str]) -> tuple[Path, list[str]]:
    # SageMaker starts every training image with the argument `train`.
    if arguments and arguments[0] == "train" and not Path("train").is_file():
        arguments = arguments[1:]
    if not arguments and (named := os.environ.get(SCRIPT)):
        arguments = [named]
    if not arguments:
        raise RuntimeSettingError(
            "no script is named", remedy=f"give it as an argument, or in `{SCRIPT}`"
        )
    script = Path(arguments[0])
    if not script.is_file():
        raise RuntimeSettingError(
            f"the script `{script}` does not exist",
            remedy=f"name it relative to `{Path.cwd()}`",
        )
    return script, arguments[1:]


def _run_job(layout: Layout, script: Path, arguments: list[str]) -> int:
    started = _now()
    make_private_folder(layout.output_dir)
    make_private_folder(layout.model_dir.parent)
    run_id = tracking.ensure_run(os.environ, layout.output_dir)
    os.environ.update(layout.environment())
    ending = _prepare_and_run(layout, script, arguments)
    model, recorded = None, dict[str, float]()
    try:
        tracking.finish_run(os.environ, run_id, failed=bool(ending.code))
        logged = tracking.run_metrics(os.environ, run_id)
        recorded = metrics.finite({**logged, **metrics.read(layout.output_dir)})
        if layout.scrapes_metrics:
            metrics.tell(recorded)
        if not ending.code:
            model = _collect(layout, run_id, recorded)
    except Exception as error:  # noqa: BLE001 -- whatever went wrong must reach the result file
        ending = _raised(error)
    write_result(
        layout.output_dir,
        RunResult(
            status="failed" if ending.code else "finished",
            started=started,
            ended=_now(),
            run_id=run_id,
            metrics=recorded,
            model=model,
            error=ending.error,
        ),
    )
    if ending.error:
        _tell_failure(layout, ending.error)
    return ending.code


def _tell_failure(layout: Layout, reason: str) -> None:
    if layout.failure_file is not None:
        layout.failure_file.parent.mkdir(parents=True, exist_ok=True)
        layout.failure_file.write_text(reason[:_MAX_FAILURE_CHARACTERS], encoding="utf-8")


def _prepare_and_run(layout: Layout, script: Path, arguments: list[str]) -> _Ending:
    try:
        check_inputs(os.environ, layout.inputs)
        values = secrets.resolve(os.environ)
    except MlopsError as error:
        return _raised(error)
    with secrets.lent(os.environ, values):
        return _run_script(script, arguments, values)


def _run_script(script: Path, arguments: list[str], secret: Mapping[str, str]) -> _Ending:
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, str(script.resolve().parent))
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as ending:
        ended = _exited(ending)
        return replace(ended, error=ended.error and secrets.masked(ended.error, secret.values()))
    except KeyboardInterrupt:
        return _Ending(code=_INTERRUPTED, error="interrupted")
    except BaseException as error:  # noqa: BLE001 -- the user's code may raise anything
        return _raised(error, secret)
    return _Ending()


def _exited(ending: SystemExit) -> _Ending:
    if ending.code is None or ending.code == 0:
        return _Ending()
    if isinstance(ending.code, int):
        return _Ending(code=ending.code, error=f"the script exited with code {ending.code}")
    return _Ending(code=1, error=str(ending.code))


def _raised(error: BaseException, secret: Mapping[str, str] | None = None) -> _Ending:
    if isinstance(error, MlopsError):
        sys.stderr.write(f"{error}\n")
        return _Ending(code=error.exit_code, error=error.message)
    values = list((secret or {}).values())
    sys.stderr.write(secrets.masked("".join(traceback.format_exception(error)), values))
    return _Ending(code=1, error=secrets.masked(f"{type(error).__name__}: {error}", values))


def _collect(layout: Layout, run_id: str, recorded: Mapping[str, float]) -> ModelResult | None:
    try:
        metrics.require(os.environ, recorded)
        return _collect_model(layout, run_id)
    except TrainingError:
        # The script ended well, so the run was closed as finished.
        tracking.finish_run(os.environ, run_id, failed=True)
        raise


def _collect_model(layout: Layout, run_id: str) -> ModelResult | None:
    model = describe_model(layout.model_dir, uri=None)
    if model is None:
        uri = tracking.fetch_model(os.environ, run_id, layout.model_dir)
        model = describe_model(layout.model_dir, uri)
    if model is None and os.environ.get(EXPECTS_MODEL) == "1":
        raise TrainingError(
            "the script left no model",
            remedy="call `context.log_model(model, example=rows)`, log it with MLflow, "
            "or save an MLflow model in `context.model_dir`",
        )
    return model


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


if __name__ == "__main__":
    sys.exit(main())
