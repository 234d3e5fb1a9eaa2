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
    filled = {name: _filled(folder) for name, folder in mounted.groups.items()}
    files = {name: data_files(folder) for name, folder in mounted.data.items()}
    for name, present in files.items():
        _check(name, present, mounted.contracts.get(name))
    found = {name: _joined(mounted, present, filled) for name, present in files.items()}
    lacks = {name: item.lacks for name, item in found.items()}
    if faults := joining.unfitting(filled, lacks):
        raise DataError("features cannot be joined: " + "; ".join(faults), remedy=joining.REMEDY)
    return {
        name: _write(item.table, mounted.data[name], output / name) for name, item in found.items()
    }


def _filled(folder: Path) -> Filled:
    return filled_of((folder / GROUP).read_text(encoding="utf-8"))


def _joined(
    mounted: Mounted, files: Mapping[str, Path], filled: Mapping[str, Filled]
) -> joining.Joined:
    def history(group: FeatureSet) -> Table:
        return read_history(mounted.groups[group.name] / HISTORY, filled[group.name].version)

    return joining.join(files, [item.definition.values for item in filled.values()], history)


def _check(name: str, files: Mapping[str, Path], contract: Path | None) -> None:
    """Compare an input with what is declared of it: what is joined has other columns."""
    if not files:
        raise DataError(f"the input `{name}` holds no file", remedy="name data that is there")
    if contract is None:
        return
    declared = json.loads((contract / CONTRACT_FILE).read_text(encoding="utf-8"))
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
