"""`python -m mlops_iac_gcp.work fill`: a feature group takes in its data."""

from collections.abc import Sequence
from datetime import UTC, datetime

from mlops_iac.runtime.contracts import data_files
from mlops_iac.runtime.layout import Layout
from mlops_iac.runtime.task import Task, TaskResult, run_task
from mlops_iac_gcp.features.document import definition_of
from mlops_iac_gcp.features.filling import Filling, fill


def main(arguments: Sequence[str]) -> int:
    """Fill the group with the data that is mounted; return the exit code."""
    del arguments
    return run_task(_fill)


def _fill(layout: Layout, task: Task) -> TaskResult:
    filling = Filling(
        definition=definition_of(task["definition"]),
        version=task["version"],
        run=task["run"],
        now=datetime.now(UTC),
    )
    filled = fill(filling, data_files(layout.inputs["data"]))
    return TaskResult(metrics={"rows": float(filled.rows)})
