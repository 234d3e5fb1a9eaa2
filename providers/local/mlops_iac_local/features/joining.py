"""Joining features to data of the store; what is joined is decided by the runtime."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlops_iac.content import folder_digest, folder_files
from mlops_iac.runtime.features import joining
from mlops_iac.runtime.features.arrow import Table
from mlops_iac.runtime.features.history import read_history
from mlops_iac_local import store
from mlops_iac_local.features.group import Group, history_file
from mlops_iac_local.files import FILE_MODE, make_folder
from mlops_iac_local.layout import Layout


def join(layout: Layout, digest: str, groups: Sequence[Group]) -> dict[str, Any]:
    """Join groups to one input; return its new digest, and what it lacks for each other group.

    Raises:
        DataError: the input has a feature's column already, or the types do not go together.
    """
    versions = {group.name: group.version for group in groups}
    joined = joining.join(
        folder_files(store.data(layout, digest)),
        groups,
        lambda group: read_history(history_file(layout, group.name), versions[group.name]),
    )
    kept = digest if joined.table is None else _keep(layout, joined.table)
    return {"digest": kept, "lacks": joined.lacks}


def _keep(layout: Layout, table: Table) -> str:
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory(dir=make_folder(layout.temporary)) as made:
        folder = Path(made)
        pq.write_table(table, folder / joining.JOINED)
        (folder / joining.JOINED).chmod(FILE_MODE)
        digest = folder_digest(folder)
        store.add(layout, store.OUTPUTS, digest, folder_files(folder), folder_digest)
    return digest
