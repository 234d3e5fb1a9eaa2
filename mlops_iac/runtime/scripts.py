"""Running a user's script inside a job: its folder, its data, its secrets, and how it ended."""

import os
import runpy
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from mlops_iac.container_contract import SCRIPT
from mlops_iac.errors import MlopsError
from mlops_iac.runtime import secrets
from mlops_iac.runtime.code import code_folder
from mlops_iac.runtime.contracts import check_inputs
from mlops_iac.runtime.errors import RuntimeSettingError
from mlops_iac.runtime.layout import Layout, read_layout

_INTERRUPTED = 130
# SageMaker shows the first 1,024 characters: docs, "How Amazon SageMaker signals failure".
_MAX_FAILURE_CHARACTERS = 1024


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a script ended."""

    code: int = 0
    error: str | None = None


RunJob = Callable[[Layout, Path, list[str]], int]
"""Runs a script with its arguments as a job, returns the process's exit code."""


def start(arguments: Sequence[str] | None, word: str, run_job: RunJob) -> int:
    """Find the layout, the code and the script of this process, and run the job.

    Args:
        arguments: the process's own when left out.
        word: first argument that a platform may add before the script.
        run_job: the job.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        layout = read_layout(os.environ)
    except MlopsError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    try:
        if (folder := code_folder(os.environ)) is not None:
            os.chdir(folder)
        script, rest = _script(given, word)
    except MlopsError as error:
        sys.stderr.write(f"{error}\n")
        tell_failure(layout, error.message)
        return error.exit_code
    return run_job(layout, script, rest)


def _script(arguments: list[str], word: str) -> tuple[Path, list[str]]:
    # SageMaker starts every training image with the argument `train`.
    if arguments and arguments[0] == word and not Path(word).is_file():
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


def prepare_and_run(layout: Layout, script: Path, arguments: list[str]) -> Ending:
    """Check the inputs, read the secrets, run the script."""
    try:
        check_inputs(os.environ, layout.inputs)
        values = secrets.resolve(os.environ)
    except MlopsError as error:
        return raised(error)
    with secrets.lent(os.environ, values):
        return _run_script(script, arguments, values)


def _run_script(script: Path, arguments: list[str], secret: Mapping[str, str]) -> Ending:
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, str(script.resolve().parent))
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as ending:
        ended = _exited(ending)
        return replace(ended, error=ended.error and secrets.masked(ended.error, secret.values()))
    except KeyboardInterrupt:
        return Ending(code=_INTERRUPTED, error="interrupted")
    except BaseException as error:  # noqa: BLE001 -- the user's code may raise anything
        return raised(error, secret)
    return Ending()


def _exited(ending: SystemExit) -> Ending:
    if ending.code is None or ending.code == 0:
        return Ending()
    if isinstance(ending.code, int):
        return Ending(code=ending.code, error=f"the script exited with code {ending.code}")
    return Ending(code=1, error=str(ending.code))


def raised(error: BaseException, secret: Mapping[str, str] | None = None) -> Ending:
    """Return how a job ended that raised `error`; say it on standard error, without secrets."""
    if isinstance(error, MlopsError):
        sys.stderr.write(f"{error}\n")
        return Ending(code=error.exit_code, error=error.message)
    values = list((secret or {}).values())
    sys.stderr.write(secrets.masked("".join(traceback.format_exception(error)), values))
    return Ending(code=1, error=secrets.masked(f"{type(error).__name__}: {error}", values))


def tell_failure(layout: Layout, reason: str) -> None:
    """Tell the platform why the job failed, where it reads that from a file."""
    if layout.failure_file is not None:
        layout.failure_file.parent.mkdir(parents=True, exist_ok=True)
        layout.failure_file.write_text(reason[:_MAX_FAILURE_CHARACTERS], encoding="utf-8")


def now() -> str:
    """Return this moment as UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
