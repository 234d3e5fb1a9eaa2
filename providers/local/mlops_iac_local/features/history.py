"""A group's history in the store: the runtime writes it, the group remembers what was found."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mlops_iac.runtime.features import history
from mlops_iac_local.features.group import Group


def write_history(group: Group, files: Mapping[str, Path], target: Path, now: int) -> Group:
    """Write the history of a group; return the group with what its data showed.

    Args:
        group: the definition.
        files: its data.
        target: the file to replace in one step.
        now: microseconds since 1970; what is known later is not newest yet.

    Raises:
        DataError: lists everything in which the data is not what the group declares.
    """
    made = history.write_history(group, files, target, version=group.version, now=now)
    return replace(group, keys=made.keys, rows=made.rows)
