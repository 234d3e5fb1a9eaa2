"""The rows that the served version has learned from, found through the run that made it."""

from pathlib import Path

from mlops_iac.errors import OperationError
from mlops_iac.operations import ModelVersion
from mlops_iac.runtime.context import BASELINE_FILE
from mlops_iac_local import store
from mlops_iac_local.jobs.runs import OUTPUT, RECORD, read_record
from mlops_iac_local.layout import Layout


def learned_rows(layout: Layout, version: ModelVersion) -> list[Path]:
    """Return where the rows lie that a version was trained on.

    They are what its script logged as the baseline; else all inputs of its run, of which the check
    takes the one with the model's columns.

    Raises:
        OperationError: no run of this stack made the version, or it read nothing.
    """
    folder = _run_of(layout, version)
    logged = folder / OUTPUT / BASELINE_FILE
    if logged.is_file():
        return [logged]
    found = [store.data(layout, digest) for digest in read_record(folder)["inputs"].values()]
    if not found:
        raise _unknown(version, "its run read no data")
    return found


def _run_of(layout: Layout, version: ModelVersion) -> Path:
    for record in layout.runs.glob(f"*/*/{RECORD}"):
        if version.run_id and read_record(record.parent).get("run_id") == version.run_id:
            return record.parent
    raise _unknown(version, "no run of this stack made it")


def _unknown(version: ModelVersion, why: str) -> OperationError:
    return OperationError(
        f"what version `{version.version}` of `{version.model}` has learned from is not known: "
        f"{why}",
        remedy="declare a `baseline` of the monitor",
    )
