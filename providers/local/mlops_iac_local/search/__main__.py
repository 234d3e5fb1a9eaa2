"""A run of a search: `python -m mlops_iac_local.search ROOT FOLDER`."""

import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mlops_iac.operations import Run
from mlops_iac.runtime import collector
from mlops_iac.runtime.context import BASELINE_FILE
from mlops_iac.runtime.result import ModelResult, RunResult, write_result
from mlops_iac_local import tracking
from mlops_iac_local.control import Control, control_of
from mlops_iac_local.files import read_json
from mlops_iac_local.jobs.runs import OUTPUT, RESULT, run_folder, runs_of
from mlops_iac_local.search.document import NAME, SearchRecord, TrialRecord
from mlops_iac_local.search.trials import run_trials


def main() -> int:
    """Run the search whose run lies in the folder; return the exit code."""
    started = _now()
    control = control_of(sys.argv[1:])
    record = run_trials(control)
    for line in _lines(record):
        sys.stdout.write(f"{line}\n")
    best = record.best
    made = {} if best is None else _taken_over(control, best)
    if best is not None and control.record["is_tracked"]:
        tracking.log_parameters(control.layout, control.run_id, record.parameters)
        tracking.log_metrics(control.layout, control.run_id, made["metrics"])
    write_result(
        control.output,
        RunResult(
            status="failed" if best is None else "finished",
            started=started,
            ended=_now(),
            run_id=control.run_id,
            reports=(NAME,),
            error=_trouble(record),
            **made,
        ),
    )
    return 1 if best is None else 0


def _taken_over(control: Control, best: TrialRecord) -> dict[str, Any]:
    """Take what the best trial left: metrics, model, the rows that it learned from."""
    run = _run_of(control, best)
    folder = run_folder(control.layout, run)
    baseline = folder / OUTPUT / BASELINE_FILE
    if baseline.is_file():
        shutil.copyfile(baseline, control.output / BASELINE_FILE)
    kept: Mapping[str, str] | None = (read_json(folder / RESULT) or {})["model"]
    model = kept and ModelResult(path=kept["path"], uri=None, digest=kept["digest"],
                                 serializations={})  # fmt: skip
    return {"metrics": dict(run.metrics), "model": model}


def _run_of(control: Control, trial: TrialRecord) -> Run:
    known = runs_of(control.layout, control.task["job"])
    return next(run for run in known if run.id == trial.run_id)


def _trouble(record: SearchRecord) -> str | None:
    failures = record.failures
    if not failures:
        return None if record.trials else "the time was over before the first trial"
    first = f"trial {failures[0].number}: {failures[0].reason}"
    if record.best is None:
        return f"no trial of {len(record.trials)} finished; {first}"
    return f"{len(failures)} of {len(record.trials)} trials did not finish; {first}"


def _lines(record: SearchRecord) -> list[str]:
    return [
        f"trial {trial.number}: "
        + ", ".join(f"{name}={value}" for name, value in trial.parameters.items())
        + (f": {trial.reason}" if trial.value is None else f": {record.metric} {trial.value:.6g}")
        for trial in record.trials
    ]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


if __name__ == "__main__":
    collector.spare()
    sys.exit(main())
