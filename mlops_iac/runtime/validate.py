"""Checks data against its contract: `python -m mlops_iac.runtime.validate`.

The task names the input, its format, the columns with what must hold for each, and how many rows
there may be. `report.json` in the output folder has every check with its failures and up to five
examples; a contract that does not hold fails the run with a reason that names the columns.
"""

import sys
from collections.abc import Mapping
from typing import Any

from mlops_iac.runtime import collector
from mlops_iac.runtime.expectations import check_frame
from mlops_iac.runtime.files import write_json
from mlops_iac.runtime.frames import files_of, read_columns
from mlops_iac.runtime.layout import Layout
from mlops_iac.runtime.task import Task, TaskResult, run_task

REPORT = "report.json"


def main() -> int:
    """Check the input of this process's task, return the exit code."""
    return run_task(validate)


def validate(layout: Layout, task: Task) -> TaskResult:
    """Check the data that a task names, write the report."""
    files = files_of(layout.inputs[task["input"]], task["input"])
    frame, lacking = read_columns(files, task["format"], list(task["columns"]))
    results = check_frame(frame, task["columns"])
    faults = [
        *_row_faults(len(frame), task),
        *(
            f"column `{name}` is missing in {_some(lacking[name])}"
            for name in task["columns"]
            if name in lacking
        ),
        *(result.fault for result in results if not result.passed),
    ]
    failed = sum(not result.passed for result in results) + len(lacking)
    report: Mapping[str, Any] = {
        "passed": not faults,
        "input": task["input"],
        "files": len(files),
        "rows": len(frame),
        "faults": faults,
        "checks": [result.document() for result in results],
    }
    write_json(layout.output_dir / REPORT, report)
    return TaskResult(
        metrics={"rows": len(frame), "checks": len(results), "failed_checks": failed},
        reports=(REPORT,),
        error="the data breaks its contract: " + "; ".join(faults) if faults else None,
    )


def _row_faults(rows: int, task: Task) -> list[str]:
    least, most = task["min_rows"], task["max_rows"]
    faults = [f"{rows} rows, at least {least} are needed"] if rows < least else []
    return [*faults, *([f"{rows} rows, at most {most} may be"] if most and rows > most else [])]


def _some(names: list[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in names[:3])
    return listed if len(names) <= 3 else f"{listed} and {len(names) - 3} more files"  # noqa: PLR2004


if __name__ == "__main__":
    collector.spare()
    sys.exit(main())
