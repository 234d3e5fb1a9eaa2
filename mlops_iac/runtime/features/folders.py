"""Joining feature groups to the inputs of a job, from folder to folder."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mlops_iac.runtime.columns import FILES, check_columns, check_readable
from mlops_iac.runtime.contracts import data_files
from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.features import joining
from mlops_iac.runtime.features.arrow import Table
from mlops_iac.runtime.features.group import FeatureSet
from mlops_iac.runtime.features.history import read_history


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A group as a filling has left it."""

    values: FeatureSet
    """With the types of the keys, which the data has shown."""
    version: str
    history: Path
    """The file with its history."""


@dataclass(frozen=True, kw_only=True)
class Mounted:
    """What a join reads."""

    data: Mapping[str, Path]
    """Folder, or file, of each input of the job."""
    groups: Mapping[str, Filled]
    contracts: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """JSON file with what is declared of an input, for those whose columns are declared."""


def join_folders(mounted: Mounted, output: Path) -> dict[str, int | None]:
    """Write every input anew, with features where a group fits; return the joined rows of each.

    An input that no group fits is copied as it is, and counts `None`.

    Args:
        mounted: what is read.
        output: gets a folder for each input.

    Raises:
        DataError: a group fits no input, an input is not what is declared of it, or the types of
            data and features do not go together.
    """
    files = {name: data_files(folder) for name, folder in mounted.data.items()}
    for name, present in files.items():
        _check(name, present, mounted.contracts.get(name))
    found = {name: _joined(mounted, present) for name, present in files.items()}
    lacks = {name: item.lacks for name, item in found.items()}
    if faults := joining.unfitting(mounted.groups, lacks):
        raise DataError("features cannot be joined: " + "; ".join(faults), remedy=joining.REMEDY)
    return {
        name: _write(item.table, mounted.data[name], output / name) for name, item in found.items()
    }


def _joined(mounted: Mounted, files: Mapping[str, Path]) -> joining.Joined:
    def history(group: FeatureSet) -> Table:
        filled = mounted.groups[group.name]
        return read_history(filled.history, filled.version)

    return joining.join(files, [filled.values for filled in mounted.groups.values()], history)


def _check(name: str, files: Mapping[str, Path], contract: Path | None) -> None:
    """Compare an input with what is declared of it: what is joined has other columns."""
    if not files:
        raise DataError(f"the input `{name}` holds no file", remedy="name data that is there")
    if contract is None:
        return
    declared = json.loads(contract.read_text(encoding="utf-8"))
    if declared["columns"] and declared["format"] != FILES:
        check_readable(files, declared["format"])
        check_columns(files, declared["format"], declared["columns"])


def _write(table: Table | None, data: Path, output: Path) -> int | None:
    import pyarrow.parquet as pq

    if table is None:
        _copy(data, output)
        return None
    output.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, output / joining.JOINED)
    return int(table.num_rows)


def _copy(data: Path, output: Path) -> None:
    if data.is_dir():
        shutil.copytree(data, output, dirs_exist_ok=True)
        return
    output.mkdir(parents=True, exist_ok=True)
    shutil.copy(data, output)
