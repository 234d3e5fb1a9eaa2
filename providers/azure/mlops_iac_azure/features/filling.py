"""Filling a feature group with one version of its data: history, data asset, online store."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from mlops_iac.runtime.features import matching
from mlops_iac.runtime.features.arrow import Table
from mlops_iac.runtime.features.group import GROUP, HISTORY
from mlops_iac.runtime.features.history import read_history, write_history
from mlops_iac.store_paths import filled_key, history_key
from mlops_iac_azure import documents, lro, place
from mlops_iac_azure.faults import told
from mlops_iac_azure.features.document import (
    Definition,
    Filled,
    current,
)
from mlops_iac_azure.features.online import replace_rows, table_of
from mlops_iac_azure.session import Place


@dataclass(frozen=True, kw_only=True)
class Filling:
    """One filling of a group."""

    where: Place
    definition: Definition
    version: str
    """What this filling is named by."""
    now: datetime
    """When it began: what is known later is not newest yet."""

    @property
    def moment(self) -> int:
        """`now` in microseconds since 1970."""
        return int(self.now.timestamp() * 1_000_000)


def fill(filling: Filling, files: Mapping[str, Path]) -> Filled:
    """Keep the history of a group, make its stores hold it, and return what was filled.

    Each part may be repeated: a filling that was killed is done again under the same version. The
    online store stays as it is when a filling that began later has filled it already.

    Args:
        filling: the group, and the version.
        files: its data.

    Raises:
        DataError: lists everything in which the data is not what the group declares.
        AzureError: the stores are not as the group is declared.
    """
    group = filling.definition.values.name
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / HISTORY
        filled = _write(filling, files, file)
        _keep(filling, file)
        _register(filling, filled)
        known = current(filling.where, filling.definition.bucket, group)
        if known is None or known.moment <= filling.moment:
            _fill_online(filling, filled, file)
            _tell(filling, filled, filled_key(group))
    _tell(filling, filled, history_key(group, filling.version, GROUP))
    return filled


def _write(filling: Filling, files: Mapping[str, Path], file: Path) -> Filled:
    version, values = filling.version, filling.definition.values
    made = write_history(values, files, file, version=version, now=filling.moment)
    known = replace(filling.definition, values=replace(values, keys=made.keys))
    return Filled(definition=known, version=version, rows=made.rows, moment=filling.moment)


def _keep(filling: Filling, file: Path) -> None:
    path = history_key(filling.definition.values.name, filling.version, HISTORY)
    with told(f"writing `{path}`"), file.open("rb") as stream:
        documents.write_bytes(
            filling.where,
            filling.definition.bucket,
            path,
            stream,
            content_type="application/vnd.apache.parquet",
        )


def _register(filling: Filling, filled: Filled) -> None:
    """Make the history a version of the group's data asset; the same version is the same."""
    definition, values = filled.definition, filled.definition.values
    path = history_key(values.name, filled.version)
    columns = {
        **{f"entity.{name}": values.keys[name] for name in values.entities},
        **{f"feature.{name}": kind for name, kind in values.features.items()},
        "event_time": values.event_time,
        "rows": str(filled.rows),
    }
    lro.run(
        filling.where,
        "PUT",
        filling.where.in_workspace("data/versions", definition.asset, filled.version),
        {
            "properties": {
                "dataType": "uri_folder",
                "dataUri": place.datastore_uri(path),
                "description": f"Features {values.name}",
                "properties": columns,
            }
        },
        doing=f"register the history of `{values.name}`",
    )


def _fill_online(filling: Filling, filled: Filled, file: Path) -> None:
    definition = filled.definition
    if definition.table is None:
        return
    history = read_history(file, filled.version)
    with told(f"filling table `{definition.table}`"):
        client = table_of(filling.where, definition.bucket, definition.table)
        replace_rows(client, definition.values, _newest(filled, history), filled.version)


def _newest(filled: Filled, history: Table) -> list[dict[str, object]]:
    rows = matching.newest_rows(history, filled.definition.values, filled.moment)
    return history.take(rows).to_pylist()


def _tell(filling: Filling, filled: Filled, path: str) -> None:
    documents.write(filling.where, filling.definition.bucket, path, filled.document())
