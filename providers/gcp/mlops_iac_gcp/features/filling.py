"""Filling a feature group with one version of its data: history, table, online store."""

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from mlops_iac.runtime.features.group import GROUP, HISTORY
from mlops_iac.runtime.features.history import read_history, write_history
from mlops_iac.store_paths import filled_key, history_key
from mlops_iac_gcp import documents, place
from mlops_iac_gcp.faults import told
from mlops_iac_gcp.features import columns
from mlops_iac_gcp.features.document import (
    Definition,
    Filled,
    current,
)
from mlops_iac_gcp.features.loading import load
from mlops_iac_gcp.features.syncing import sync
from mlops_iac_gcp.rest import Pause
from mlops_iac_gcp.session import storage

TABLE = "table.parquet"
"""Name of the file with the history's rows as the table has them."""


@dataclass(frozen=True, kw_only=True)
class Filling:
    """One filling of a group."""

    definition: Definition
    version: str
    """What this filling is named by."""
    run: str
    """Id of the run: a load of BigQuery's is made once for each."""
    now: datetime
    """When it began: what is known later is not newest yet."""
    pause: Pause = time.sleep

    @property
    def moment(self) -> int:
        """`now` in microseconds since 1970."""
        return int(self.now.timestamp() * 1_000_000)


def fill(filling: Filling, files: Mapping[str, Path]) -> Filled:
    """Keep the history of a group, make its stores hold it, and return what was filled.

    Each part may be repeated: a filling that was killed is done again under the same version. The
    stores stay as they are when a filling that began later has filled them already.

    Args:
        filling: the group, and the version.
        files: its data.

    Raises:
        DataError: lists everything in which the data is not what the group declares.
        GcpError: the stores in Google Cloud are not as the group is declared.
    """
    definition = filling.definition
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        filled = _write(filling, files, folder)
        for file in sorted(folder.iterdir()):
            _keep(filled, file)
    group = definition.values.name
    known = current(definition.where, definition.bucket, group)
    if known is None or known.moment <= filling.moment:
        _fill_stores(filling)
        _tell(filled, filled_key(group))
    _tell(filled, history_key(group, filling.version, GROUP))
    return filled


def _fill_stores(filling: Filling) -> None:
    definition = filling.definition
    source = history_key(definition.values.name, filling.version, TABLE)
    load(
        definition.where,
        f"{definition.project}.{definition.dataset}.{columns.HISTORY}",
        place.uri(definition.bucket, source),
        f"{filling.run}-load",
    )
    if definition.view is not None:
        sync(definition.where, definition.view, pause=filling.pause)


def _tell(filled: Filled, path: str) -> None:
    definition = filled.definition
    documents.write(definition.where, definition.bucket, path, filled.document())


def _write(filling: Filling, files: Mapping[str, Path], folder: Path) -> Filled:
    """Write the history as every target has it, and as the table takes it."""
    import pyarrow.parquet as pq

    version, values = filling.version, filling.definition.values
    made = write_history(values, files, folder / HISTORY, version=version, now=filling.moment)
    table = columns.stored(read_history(folder / HISTORY, version), values)
    pq.write_table(table, folder / TABLE)
    known = replace(filling.definition, values=replace(values, keys=made.keys))
    return Filled(definition=known, version=version, rows=made.rows, moment=filling.moment)


def _keep(filled: Filled, file: Path) -> None:
    definition = filled.definition
    path = history_key(definition.values.name, filled.version, file.name)
    with told(f"writing `{path}`"):
        blob = storage(definition.where).bucket(definition.bucket).blob(path)
        blob.upload_from_filename(str(file))
