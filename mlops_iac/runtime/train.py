"""Launcher of training scripts: `python -m mlops_iac.runtime.train [train] SCRIPT [ARGUMENT…]`.

It shows the script one environment on every platform, and leaves `run.json` in the output
folder. Exit codes: the script's own, 1 when it raised or left no model, 2 for a wrong
setting, 130 when interrupted.
"""

import os
import runpy
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mlops_iac.errors import MlopsError
from mlops_iac.runtime import metrics, tracking
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
        script, rest = _script(given)
    except MlopsError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return _run_job(layout, script, rest)


def _script(arguments: list[str]) -> tuple[Path, list[str]]:
    # SageMaker starts every training image with the argument `train`.
    if arguments and arguments[0] == "train" and not Path("train").is_file():
        arguments = arguments[1:]
    if not arguments and (named := os.environ.get("MLOPS_SCRIPT")):
        arguments = [named]
    if not arguments:
        raise RuntimeSettingError(
            "no script is named", remedy="give it as an argument, or in `MLOPS_SCRIPT`"
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
    ending = _run_script(script, arguments)
    model = None
    try:
        tracking.finish_run(os.environ, run_id, failed=bool(ending.code))
        if not ending.code:
            model = _collect_model(layout, run_id)
        recorded = tracking.run_metrics(os.environ, run_id)
    except Exception as error:  # noqa: BLE001 -- whatever went wrong must reach the result file
        ending, recorded = _raised(error), {}
    write_result(
        layout.output_dir,
        RunResult(
            status="failed" if ending.code else "finished",
            started=started,
            ended=_now(),
            run_id=run_id,
            metrics={**recorded, **metrics.read(layout.output_dir)},
            model=model,
            error=ending.error,
        ),
    )
    if ending.error and layout.failure_file:
        layout.failure_file.parent.mkdir(parents=True, exist_ok=True)
        layout.failure_file.write_text(ending.error[:_MAX_FAILURE_CHARACTERS], encoding="utf-8")
    return ending.code


def _run_script(script: Path, arguments: list[str]) -> _Ending:
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, str(script.resolve().parent))
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as ending:
        return _exited(ending)
    except KeyboardInterrupt:
        return _Ending(code=_INTERRUPTED, error="interrupted")
    except BaseException as error:  # noqa: BLE001 -- the user's code may raise anything
        return _raised(error)
    return _Ending()


def _exited(ending: SystemExit) -> _Ending:
    if ending.code is None or ending.code == 0:
        return _Ending()
    if isinstance(ending.code, int):
        return _Ending(code=ending.code, error=f"the script exited with code {ending.code}")
    return _Ending(code=1, error=str(ending.code))


def _raised(error: BaseException) -> _Ending:
    traceback.print_exception(error)
    return _Ending(code=1, error=f"{type(error).__name__}: {error}")


def _collect_model(layout: Layout, run_id: str) -> ModelResult | None:
    model = describe_model(layout.model_dir, uri=None)
    if model is None:
        uri = tracking.fetch_model(os.environ, run_id, layout.model_dir)
        model = describe_model(layout.model_dir, uri)
    if model is None and os.environ.get("MLOPS_EXPECTS_MODEL") == "1":
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
