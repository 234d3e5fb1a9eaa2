"""Where the work on features finds its inputs in a container and leaves its results.

The names are those of the processing job's inputs and outputs; `jobs.processing` mounts each under
its name.
"""

from collections.abc import Mapping
from pathlib import Path

INPUTS = "opt/ml/processing/input"
OUTPUTS = "opt/ml/processing/output/data"
DATA, DEFINITION = "data", "definition"
"""Inputs of a filling."""
HISTORY = "history"
"""Its output."""
DATA_PREFIX, CONTRACT_PREFIX, GROUP_PREFIX = "data-", "contract-", "features-"
"""Beginnings of a join's inputs: what follows is the name of an input of the job, or a group."""
JOINED = "joined"
"""The join's output: a folder for each input of the job."""


def named(root: Path, prefix: str) -> Mapping[str, Path]:
    """Return the mounted folders of one kind, by the name that follows the prefix."""
    folders = sorted((root / INPUTS).glob(f"{prefix}*"))
    return {folder.name.removeprefix(prefix): folder for folder in folders}
