"""Launcher of training scripts: `python -m mlops_iac.runtime.train [train] SCRIPT [ARGUMENT…]`.

It shows the script one environment on every platform, and leaves `run.json` in the output
folder. Before the script starts, its code is unpacked, the data is compared with what is declared
of it, and secrets are read. Exit codes: the script's own, 1 when it raised, left no model or not
every metric, or its data or a secret is wrong, 2 for a wrong setting, 130 when interrupted.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mlops_iac.container_contract import EXPECTS_MODEL
from mlops_iac.runtime import collector, metrics, scripts, tracking, trials
from mlops_iac.runtime.errors import TrainingError
from mlops_iac.runtime.files import make_private_folder
from mlops_iac.runtime.layout import Layout
from mlops_iac.runtime.learned import keep_learned_rows
from mlops_iac.runtime.result import ModelResult, RunResult, describe_model, write_result


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a script as a training job, return the process's exit code."""
    return scripts.start(arguments, "train", _run_job)


def _run_job(layout: Layout, script: Path, arguments: list[str]) -> int:
    started = scripts.now()
    layout, arguments = trials.with_parameters(layout, arguments)
    make_private_folder(layout.output_dir)
    make_private_folder(layout.model_dir.parent)
    run_id = tracking.ensure_run(os.environ, layout.database_dir)
    os.environ.update(layout.environment())
    ending = scripts.prepare_and_run(layout, script, arguments)
    model, recorded = None, dict[str, float]()
    try:
        tracking.finish_run(os.environ, run_id, failed=bool(ending.code))
        logged = tracking.run_metrics(os.environ, run_id)
        recorded = metrics.finite({**logged, **metrics.read(layout.output_dir)})
        if layout.scrapes_metrics:
            metrics.tell(recorded)
        trials.report(layout.trial, recorded)
        if not ending.code:
            model = _collect(layout, run_id, recorded)
    except Exception as error:  # noqa: BLE001 -- whatever went wrong must reach the result file
        ending = scripts.raised(error)
    write_result(
        layout.output_dir,
        RunResult(
            status="failed" if ending.code else "finished",
            started=started,
            ended=scripts.now(),
            run_id=run_id,
            metrics=recorded,
            model=model,
            error=ending.error,
        ),
    )
    if ending.error:
        scripts.tell_failure(layout, ending.error)
    return ending.code


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
    if model is not None:
        keep_learned_rows(layout, model)
    return model


if __name__ == "__main__":
    collector.spare()
    sys.exit(main())
