"""`python -m mlops_iac_azure.work fill`: a feature group takes in its data."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime

from mlops_iac.runtime.contracts import data_files
from mlops_iac.runtime.layout import Layout
from mlops_iac.runtime.task import Task, TaskResult, run_task
from mlops_iac_azure.features.document import definition_of
from mlops_iac_azure.features.filling import Filling, fill
from mlops_iac_azure.workload import CLIENT


def main(arguments: Sequence[str]) -> int:
    """Fill the group with the data that is mounted; return the exit code."""
    del arguments
    return run_task(_fill)


def _fill(layout: Layout, task: Task) -> TaskResult:
    definition = definition_of(task["definition"])
    filling = Filling(
        where=definition.where(os.environ.get(CLIENT)),
        definition=definition,
        version=task["version"],
        now=datetime.now(UTC),
    )
    filled = fill(filling, data_files(layout.inputs["data"]))
    return TaskResult(metrics={"rows": float(filled.rows)})
