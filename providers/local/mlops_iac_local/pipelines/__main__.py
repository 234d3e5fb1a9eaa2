"""A run of a pipeline: `python -m mlops_iac_local.pipelines ROOT FOLDER`."""

import sys
from datetime import UTC, datetime

from mlops_iac.runtime import collector
from mlops_iac.runtime.result import RunResult, write_result
from mlops_iac_local.control import control_of
from mlops_iac_local.pipelines.document import NAME, PASSED, REFUSED, PipelineRecord
from mlops_iac_local.pipelines.running import run_pipeline
from mlops_iac_local.pipelines.stage import Stage


def main() -> int:
    """Run the pipeline whose run lies in the folder; return the exit code."""
    started = _now()
    control = control_of(sys.argv[1:])
    record = run_pipeline(Stage(control=control))
    for line in _lines(record):
        sys.stdout.write(f"{line}\n")
    has_ended_well = record.outcome in {PASSED, REFUSED}
    write_result(
        control.output,
        RunResult(
            status="finished" if has_ended_well else "failed",
            started=started,
            ended=_now(),
            run_id=control.run_id,
            metrics=_metrics(record),
            model_version=record.version,
            reports=(NAME,),
            error=record.reason,
        ),
    )
    return 0 if has_ended_well else 1


def _lines(record: PipelineRecord) -> list[str]:
    steps = [
        f"step {step.name}: {step.status}{' (there before)' if step.adopted else ''}"
        f"{f' in {step.seconds:.1f} s' if step.seconds is not None else ''}"
        f"{f': {step.reason}' if step.reason else ''}"
        for step in record.steps
    ]
    gates = [
        f"gate {gate['metric']} on {gate['data']}: "
        f"{'passed' if gate['passed'] else 'refused'}: {gate['reason']}"
        for gate in record.gates
    ]
    version = "" if record.version is None else f": version {record.version} of {record.model}"
    return [*steps, *gates, f"{record.outcome}{version}"]


def _metrics(record: PipelineRecord) -> dict[str, float]:
    found = {
        f"{gate['metric']}.{gate['data']}.{name}": gate[name]
        for gate in record.gates
        for name in ("candidate", "champion")
    }
    return {name: value for name, value in found.items() if value is not None}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


if __name__ == "__main__":
    collector.spare()
    sys.exit(main())
