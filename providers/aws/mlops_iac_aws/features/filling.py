"""Filling a feature group with one version of its data: history, offline store, online store."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from mlops_iac.runtime.features import matching
from mlops_iac.runtime.features.arrow import Table
from mlops_iac.runtime.features.group import HISTORY
from mlops_iac.runtime.features.history import read_history, write_history
from mlops_iac_aws.faults import found
from mlops_iac_aws.features import offline, online
from mlops_iac_aws.features.document import CURRENT, GROUP, Definition, Filled, current
from mlops_iac_aws.features.encoding import definitions
from mlops_iac_aws.features.store import ready_group
from mlops_iac_aws.session import Clients


@dataclass(frozen=True, kw_only=True)
class Filling:
    """One filling of a group."""

    clients: Clients
    definition: Definition
    """With the types of the keys as soon as the data has shown them."""
    version: str
    """What this filling is named by."""
    now: datetime
    """What is known later is not newest yet."""

    @property
    def moment(self) -> int:
        """`now` in microseconds since 1970."""
        return int(self.now.timestamp() * 1_000_000)


def fill(filling: Filling, files: Mapping[str, Path], output: Path) -> Filled:
    """Write the history of a group and make its stores hold it; return what is there now.

    Each part may be repeated: a filling that was killed is done again under the same version.

    Args:
        filling: the group, and the version.
        files: its data.
        output: folder that becomes the version's own in the bucket.

    Raises:
        DataError: lists everything in which the data is not what the group declares.
        AwsError: the group in SageMaker is not as it is declared.
    """
    version, values = filling.version, filling.definition.values
    made = write_history(values, files, output / HISTORY, version=version, now=filling.moment)
    definition = replace(filling.definition, values=replace(values, keys=made.keys))
    table = _fill_stores(
        replace(filling, definition=definition), read_history(output / HISTORY, version)
    )
    result = Filled(definition=definition, version=version, rows=made.rows, table=table)
    (output / GROUP).write_text(result.written(), encoding="utf-8")
    filling.clients("s3").put_object(
        Bucket=definition.bucket,
        Key=f"{definition.prefix}{CURRENT}",
        Body=result.written().encode(),
    )
    return result


def _fill_stores(filling: Filling, history: Table) -> dict[str, str] | None:
    """Fill what the group has; return its table in Glue."""
    clients, values = filling.clients, filling.definition.values
    wanted = definitions(values.entities, values.event_time, values.features)
    group = ready_group(clients, filling.definition.group, wanted)
    if values.offline:
        uri = group["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"]
        store = offline.OfflineStore(s3=clients("s3"), uri=uri, group=values)
        offline.replace_history(store, history, filling.version, filling.now)
    if values.online:
        _fill_online(filling, history)
    catalog = (group.get("OfflineStoreConfig") or {}).get("DataCatalogConfig")
    return catalog and {"database": catalog["Database"], "name": catalog["TableName"]}


def _fill_online(filling: Filling, history: Table) -> None:
    definition = filling.definition
    runtime = filling.clients(online.SERVICE)
    store = online.OnlineStore(runtime=runtime, name=definition.group, group=definition.values)
    newest = _newest(history, definition, filling.moment)
    online.fill(store, newest, _before(filling))


def _newest(history: Table, known: Definition, moment: int) -> Sequence[Mapping[str, Any]]:
    return history.take(matching.newest_rows(history, known.values, moment)).to_pylist()


def _before(filling: Filling) -> dict[str, str]:
    """Return the event times that the filling before this one put; none when nobody knows."""
    clients, bucket = filling.clients, filling.definition.bucket
    last = current(clients, bucket, filling.definition.prefix)
    if last is None or not last.definition.values.online:
        return {}
    key = last.definition.history_key(last.version, HISTORY)
    answer = found(clients("s3").get_object, Bucket=bucket, Key=key)
    if answer is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / HISTORY
        file.write_bytes(answer["Body"].read())
        history = read_history(file, last.version)
    rows = _newest(history, last.definition, filling.moment)
    return online.moments(last.definition.values, rows)
