"""Launcher of processing scripts: `python -m mlops_iac.runtime.process SCRIPT [ARGUMENT…]`.

As the launcher of training scripts, without a model and without MLflow: the script must leave
files of the declared format in the folder of every output. Exit codes as in training.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from mlops_iac.runtime import collector, metrics, scripts
from mlops_iac.runtime.columns import check_readable
from mlops_iac.runtime.contracts import data_files
from mlops_iac.runtime.errors import TrainingError
from mlops_iac.runtime.files import make_private_folder
from mlops_iac.runtime.layout import Layout
from mlops_iac.runtime.processing import output_folders
from mlops_iac.runtime.result import RunResult, write_result
from mlops_iac.runtime.task import output_formats


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a script as a processing job, return the process's exit code."""
    return scripts.start(arguments, "process", _run_job)


def _run_job(layout: Layout, script: Path, arguments: list[str]) -> int:
    started = scripts.now()
    make_private_folder(layout.output_dir)
    os.environ.update(layout.environment())
    ending = scripts.prepare_and_run(layout, script, arguments)
    outputs = dict[str, Path]()
    if not ending.code:
        try:
            outputs = _collect(layout)
        except Exception as error:  # noqa: BLE001 -- whatever went wrong must reach the result file
            ending = scripts.raised(error)
    write_result(
        layout.output_dir,
        RunResult(
            status="failed" if ending.code else "finished",
            started=started,
            ended=scripts.now(),
            run_id=layout.run_id,
            metrics=metrics.read(layout.output_dir),
            outputs={name: str(folder) for name, folder in outputs.items()},
            error=ending.error,
        ),
    )
    if ending.error:
        scripts.tell_failure(layout, ending.error)
    return ending.code


def _collect(layout: Layout) -> dict[str, Path]:
    folders = output_folders(os.environ, layout.data_dir)
    empty = [f"`{name}`" for name, folder in folders.items() if not data_files(folder)]
    if empty:
        raise TrainingError(
            f"the script left nothing in its output {', '.join(empty)}",
            remedy='write files to the folder `processing_context().outputs["name"]`, or take '
            "the output out of `outputs`",
        )
    for name, form in output_formats(os.environ).items():
        files = data_files(folders[name])
        check_readable({f"{name}/{file}": path for file, path in files.items()}, form)
    return folders


if __name__ == "__main__":
    collector.spare()
    sys.exit(main())
