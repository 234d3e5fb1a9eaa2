"""The history in the offline store: Parquet files under SageMaker's own prefix, one set a version.

`PutRecord` reaches the offline store within 15 minutes, at a price for each row. Files that are
written straight into the store, in its layout, are there at once: so does Amazon's own connector
for Spark (aws/sagemaker-feature-store-spark, `batchIngestIntoOfflineStore`). Layout:
https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-offline.html
"""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mlops_iac.runtime.columns import BOOLEAN, TIMESTAMP
from mlops_iac.runtime.features.arrow import Column, Table, functions
from mlops_iac.runtime.features.group import FeatureSet
from mlops_iac_aws.features.encoding import RECORD, record_key
from mlops_iac_aws.layout import split_uri

_OURS = "mlops-iac-"
"""Beginning of the names of our files: what others put beside them is left alone."""
_PARTS = {"year": (0, 4), "month": (5, 7), "day": (8, 10), "hour": (11, 13)}
"""Where each part of a partition stands in the text of an event time."""
PARTITIONS = tuple(_PARTS)
"""Columns that Glue's table of an offline store has beside the features."""
_UNITS = {"ms": "millisecond", "us": "microsecond"}
_MOST_PARTITIONS = 1_000_000
_OPEN_FILES = 64
_THREADS = 16


@dataclass(frozen=True, kw_only=True)
class OfflineStore:
    """The offline store of one group."""

    s3: Any
    """Client of S3."""
    uri: str
    """The group's `ResolvedOutputS3Uri`."""
    group: FeatureSet


def replace_history(store: OfflineStore, history: Table, version: str, now: datetime) -> int:
    """Store one version of a history in place of the one before; return the number of files.

    The new files are there before the old ones go. A filling that is repeated writes the same
    files again.

    Args:
        store: the store.
        history: its rows.
        version: what the files are named by.
        now: written as the time of writing.
    """
    bucket, prefix = split_uri(store.uri.rstrip("/"))
    table = _partitioned(_stored(store.group, history, now), store.group.event_time)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        _write(table, folder, version)
        files = sorted(folder.rglob("*.parquet"))
        keys = {f"{prefix}/{file.relative_to(folder).as_posix()}": file for file in files}
        with ThreadPoolExecutor(_THREADS) as pool:
            upload = store.s3.upload_file
            list(pool.map(lambda key: upload(str(keys[key]), bucket, key), keys))
    _remove_others(store.s3, bucket, f"{prefix}/", set(keys))
    return len(keys)


def _stored(group: FeatureSet, history: Table, now: datetime) -> Table:
    import pyarrow as pa

    table = pa.table(dict(_columns(group, history)))
    written = pa.array([now] * table.num_rows, pa.timestamp("ms"))
    table = table.append_column("write_time", written)
    table = table.append_column("api_invocation_time", written)
    return table.append_column("is_deleted", pa.array([False] * table.num_rows, pa.bool_()))


def _columns(group: FeatureSet, history: Table) -> Iterator[tuple[str, Column]]:
    import pyarrow as pa

    if len(group.entities) > 1:
        rows = zip(*(history[name].to_pylist() for name in group.entities), strict=True)
        yield RECORD, pa.array([record_key(row) for row in rows], pa.string())
    for name in group.entities:
        yield name, history[name].cast(pa.string())
    yield group.event_time, _time_texts(history[group.event_time], "ms")
    for name, kind in group.features.items():
        yield name, _value_column(history[name], kind)


def _value_column(column: Column, kind: str) -> Column:
    import pyarrow as pa

    if kind == TIMESTAMP:
        return _time_texts(column, "us")
    return column.cast(pa.int64()) if kind == BOOLEAN else column


def _time_texts(column: Column, unit: str) -> Column:
    import pyarrow as pa

    plain = column.cast(pa.timestamp("us"))
    cut = functions().floor_temporal(plain, unit=_UNITS[unit]).cast(pa.timestamp(unit))
    return functions().strftime(cut, format="%Y-%m-%dT%H:%M:%SZ")


def _partitioned(table: Table, event_time: str) -> Table:
    for name, (start, stop) in _PARTS.items():
        part = functions().utf8_slice_codeunits(table[event_time], start, stop)
        table = table.append_column(name, part)
    return table.sort_by([(name, "ascending") for name in _PARTS])


def _write(table: Table, folder: Path, version: str) -> None:
    import pyarrow as pa
    from pyarrow import dataset

    names = pa.schema([(name, pa.string()) for name in _PARTS])
    dataset.write_dataset(
        table,
        folder,
        format="parquet",
        partitioning=dataset.partitioning(names, flavor="hive"),
        basename_template=f"{_OURS}{version}-{{i}}.parquet",
        max_partitions=_MOST_PARTITIONS,
        max_open_files=_OPEN_FILES,
        existing_data_behavior="overwrite_or_ignore",
    )


def _remove_others(s3: Any, bucket: str, prefix: str, kept: set[str]) -> None:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        keys = [item["Key"] for item in page.get("Contents", ())]
        old = [key for key in keys if _is_ours(key) and key not in kept]
        if old:
            named = [{"Key": key} for key in old]
            s3.delete_objects(Bucket=bucket, Delete={"Objects": named, "Quiet": True})


def _is_ours(key: str) -> bool:
    return key.rpartition("/")[2].startswith(_OURS)
