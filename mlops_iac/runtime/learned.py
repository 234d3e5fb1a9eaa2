"""What a model learned from, put beside the model where a monitor is given nothing else."""

import shutil
import sys
from pathlib import Path

from mlops_iac.runtime.conventions import AZURE, SAGEMAKER, VERTEX
from mlops_iac.runtime.digest import BASELINE_FILE
from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.inspection import read_metadata
from mlops_iac.runtime.layout import Layout
from mlops_iac.runtime.result import ModelResult
from mlops_iac.runtime.signature import read_signature

_ROWS = 10_000
_ALONE = frozenset({AZURE.name, SAGEMAKER.name, VERTEX.name})
"""Platforms whose monitors are given the model's own files, and nothing else of its run."""


def keep_learned_rows(layout: Layout, model: ModelResult) -> None:
    """Put the baseline into the model's folder, on platforms whose monitors need it there.

    It is what the script logged, else a sample of the input that has the model's columns. A
    model without either is as good as another; its monitor then says that there is no baseline.
    """
    if layout.platform not in _ALONE:
        return
    kept = Path(model.path) / BASELINE_FILE
    logged = layout.output_dir / BASELINE_FILE
    if logged.is_file():
        shutil.copyfile(logged, kept)
        return
    try:
        _write_sample(layout, Path(model.path), kept)
    except DataError as error:
        sys.stdout.write(f"no baseline is kept with the model: {error.message}\n")


def _write_sample(layout: Layout, model: Path, kept: Path) -> None:
    # Here, because most jobs log their baseline, and pandas takes a second.
    from mlops_iac.runtime.monitor.baseline import read_baseline

    columns = read_signature(read_metadata(model)).names
    if not columns or not layout.inputs:
        raise DataError("the model names no columns, or the job has no input")
    baseline = read_baseline(list(layout.inputs.values()), columns, _ROWS)
    baseline.sample.to_parquet(kept, index=False)
