"""Joining feature groups to the data of a training, from folder to folder."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlops_iac.runtime.columns import FILES, check_columns, check_readable
from mlops_iac.runtime.contracts import data_files
from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.features import joining
from mlops_iac.runtime.features.arrow import Table
from mlops_iac.runtime.features.group import HISTORY, FeatureSet
from mlops_iac.runtime.features.history import read_history
from mlops_iac_aws.features.document import GROUP, Filled, filled_of

CONTRACT_FILE = "dataset.json"


@dataclass(frozen=True, kw_only=True)
class Folders:
    """Where a join reads and writes; each holds a folder for each input or group."""

    data: Path
    groups: Path
    contracts: Path
    """May be missing: no input's columns are declared."""
    output: Path


def join(folders: Folders) -> dict[str, int | None]:
    """Write every input anew, with features where a group fits; return the joined rows of each.

    An input that no group fits is copied as it is, and counts `None`.

    Raises:
        DataError: a group fits no input, an input is not what is declared of it, or the types of
            data and features do not go together.
    """
    filled = [_filled(folder) for folder in _folders(folders.groups)]
    inputs = {folder.name: data_files(folder) for folder in _folders(folders.data)}
    for name, files in inputs.items():
        _check(folders.contracts / name / CONTRACT_FILE, name, files)
    found = {name: _joined(folders.groups, files, filled) for name, files in inputs.items()}
    names = [item.definition.values.name for item in filled]
    if faults := joining.unfitting(names, {name: item.lacks for name, item in found.items()}):
        raise DataError("features cannot be joined: " + "; ".join(faults), remedy=joining.REMEDY)
    return {
        name: _write(item.table, folders.data / name, folders.output / name)
        for name, item in found.items()
    }


def _folders(parent: Path) -> list[Path]:
    return sorted(folder for folder in parent.iterdir() if folder.is_dir())


def _filled(folder: Path) -> Filled:
    return filled_of((folder / GROUP).read_text(encoding="utf-8"))


def _joined(folder: Path, files: Mapping[str, Path], filled: list[Filled]) -> joining.Joined:
    versions = {item.definition.values.name: item.version for item in filled}

    def history(group: FeatureSet) -> Table:
        return read_history(folder / group.name / HISTORY, versions[group.name])

    return joining.join(files, [item.definition.values for item in filled], history)


def _check(contract: Path, name: str, files: Mapping[str, Path]) -> None:
    """Compare an input with what is declared of it: what is joined has other columns."""
    if not files:
        raise DataError(f"the input `{name}` holds no file", remedy="name data that is there")
    if not contract.is_file():
        return
    declared = json.loads(contract.read_text(encoding="utf-8"))
    if declared["columns"] and declared["format"] != FILES:
        check_readable(files, declared["format"])
        check_columns(files, declared["format"], declared["columns"])


def _write(table: Table | None, data: Path, output: Path) -> int | None:
    import pyarrow.parquet as pq

    if table is None:
        shutil.copytree(data, output, dirs_exist_ok=True)
        return None
    output.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, output / joining.JOINED)
    return int(table.num_rows)
