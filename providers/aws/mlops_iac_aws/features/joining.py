"""Joining feature groups to the data of a training, from folder to folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlops_iac.runtime.features import folders
from mlops_iac.runtime.features.group import HISTORY
from mlops_iac_aws.features.document import GROUP, filled_of

CONTRACT_FILE = "dataset.json"


@dataclass(frozen=True, kw_only=True)
class Mounted:
    """The folders that a join reads, each by the name of what is in it."""

    data: Mapping[str, Path]
    """The inputs of the job."""
    groups: Mapping[str, Path]
    """The histories."""
    contracts: Mapping[str, Path]
    """Descriptions of those inputs whose columns are declared."""


def join(mounted: Mounted, output: Path) -> dict[str, int | None]:
    """Write every input anew, with features where a group fits; return the joined rows of each.

    An input that no group fits is copied as it is, and counts `None`.

    Raises:
        DataError: a group fits no input, an input is not what is declared of it, or the types of
            data and features do not go together.
    """
    read = folders.Mounted(
        data=mounted.data,
        groups={name: _filled(folder) for name, folder in mounted.groups.items()},
        contracts={name: folder / CONTRACT_FILE for name, folder in mounted.contracts.items()},
    )
    return folders.join_folders(read, output)


def _filled(folder: Path) -> folders.Filled:
    found = filled_of((folder / GROUP).read_text(encoding="utf-8"))
    return folders.Filled(
        values=found.definition.values, version=found.version, history=folder / HISTORY
    )
