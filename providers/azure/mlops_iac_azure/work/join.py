"""`python -m mlops_iac_azure.work join`: the features of a training's data, as they were known.

Data and histories are mounted, so the container needs no permission beside the bucket's.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from mlops_iac.runtime.features.folders import Filled, Mounted, join_folders
from mlops_iac.runtime.features.group import HISTORY
from mlops_iac.runtime.layout import Layout
from mlops_iac.runtime.task import Task, TaskResult, run_task
from mlops_iac_azure.features.document import GROUP, filled_of


def main(arguments: Sequence[str]) -> int:
    """Join every group to every input that it fits; return the exit code."""
    del arguments
    return run_task(_join)


def _join(layout: Layout, task: Task) -> TaskResult:
    mounted = Mounted(
        data={name: layout.inputs[f"data-{name}"] for name in task["data"]},
        groups={name: _filled(layout.inputs[f"features-{name}"]) for name in task["groups"]},
        contracts={name: layout.inputs[f"contract-{name}"] for name in task["contracts"]},
    )
    rows = join_folders(mounted, layout.data_dir / "joined")
    return TaskResult(
        metrics={f"{name}.rows": float(count) for name, count in rows.items() if count is not None}
    )


def _filled(folder: Path) -> Filled:
    found = filled_of(json.loads((folder / GROUP).read_text(encoding="utf-8")))
    return Filled(values=found.definition.values, version=found.version, history=folder / HISTORY)
