"""The verb `join` of a provider's work: the features of a training's data, as they were known.

Data and histories are mounted, so the container needs no permission beside the bucket's.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from mlops_iac.runtime.features.folders import Filled, Mounted, join_folders
from mlops_iac.runtime.features.group import GROUP, HISTORY, FeatureSet
from mlops_iac.runtime.layout import Layout
from mlops_iac.runtime.task import Task, TaskResult, run_task


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
    told = json.loads((folder / GROUP).read_text(encoding="utf-8"))
    return Filled(
        values=FeatureSet(**told["definition"]["values"]),
        version=told["version"],
        history=folder / HISTORY,
    )
