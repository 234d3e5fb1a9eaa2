"""The newest values in the online store: what differs is put, what is gone is deleted.

A record that is there with the same values is left alone, so a filling that is repeated writes
nothing. `PutRecord` ignores a record that is not newer than the stored one; values that were
corrected after the fact, or belong to a feature that was added, therefore need a deletion first.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mlops_iac.runtime.features.group import FeatureSet
from mlops_iac_aws.errors import AwsError
from mlops_iac_aws.features.encoding import moment_text, record, record_key

SERVICE = "sagemaker-featurestore-runtime"
BATCH = 100
"""Records that one `BatchGetRecord` reads."""
_THREADS = 16
_STORES = ["OnlineStore"]

Record = Sequence[Mapping[str, str]]
"""Features of a record, as the API has them."""


@dataclass(frozen=True, kw_only=True)
class OnlineStore:
    """The online store of one group."""

    runtime: Any
    """Client of `sagemaker-featurestore-runtime`."""
    name: str
    group: FeatureSet

    def records(self, keys: Sequence[str]) -> dict[str, dict[str, str]]:
        """Return the stored values of those of up to `BATCH` records that are there, by key."""
        found: dict[str, dict[str, str]] = {}
        waiting = list(keys)
        while waiting:
            asked = {"FeatureGroupName": self.name, "RecordIdentifiersValueAsString": waiting}
            answer = self.runtime.batch_get_record(Identifiers=[asked])
            _refuse(self.name, answer["Errors"])
            for item in answer["Records"]:
                found[item["RecordIdentifierValueAsString"]] = _values(item["Record"])
            left = answer["UnprocessedIdentifiers"]
            waiting = [key for part in left for key in part["RecordIdentifiersValueAsString"]]
        return found

    def put(self, item: Record) -> None:
        """Store a record."""
        self.runtime.put_record(FeatureGroupName=self.name, Record=item, TargetStores=_STORES)

    def delete(self, key: str) -> None:
        """Remove a record without a trace, so that an older one can be put."""
        self.runtime.delete_record(
            FeatureGroupName=self.name,
            RecordIdentifierValueAsString=key,
            EventTime=moment_text(datetime.now(UTC)),
            TargetStores=_STORES,
            DeletionMode="HardDelete",
        )

    def moment(self, stored: Mapping[str, str]) -> datetime:
        """Return the event time of a stored record."""
        return datetime.fromisoformat(stored[self.group.event_time])


def fill(store: OnlineStore, newest: Sequence[Mapping[str, Any]], before: Mapping[str, str]) -> int:
    """Make the store hold the newest rows; return how many records were written or deleted.

    A record that somebody else put, and that is newer, stays.

    Args:
        store: the store.
        newest: one row for each entity.
        before: event time by key, of what the filling before this one put.
    """
    keys = {record_key([row[name] for name in store.group.entities]) for row in newest}
    gone = sorted(before.keys() - keys)
    with ThreadPoolExecutor(_THREADS) as pool:
        filled = pool.map(lambda rows: _fill(store, rows, before), _batches(newest))
        deleted = pool.map(lambda part: _delete(store, part, before), _batches(gone))
        return sum(filled) + sum(deleted)


def moments(group: FeatureSet, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the event time of each row by its record's key, as the store has both."""
    return {
        record_key([row[name] for name in group.entities]): moment_text(row[group.event_time])
        for row in rows
    }


def _fill(store: OnlineStore, rows: Sequence[Mapping[str, Any]], before: Mapping[str, str]) -> int:
    wanted = {
        record_key([row[name] for name in store.group.entities]): record(store.group, row)
        for row in rows
    }
    present = store.records(list(wanted))
    return sum(
        _replace(store, key, item, present.get(key), before.get(key))
        for key, item in wanted.items()
    )


def _replace(
    store: OnlineStore,
    key: str,
    item: Record,
    stored: Mapping[str, str] | None,
    before: str | None,
) -> bool:
    values = _values(item)
    if stored == values:
        return False
    if stored is not None:
        is_newer = store.moment(stored) > store.moment(values)
        if is_newer and stored[store.group.event_time] != before:
            return False
        if store.moment(stored) >= store.moment(values):
            store.delete(key)
    store.put(item)
    return True


def _delete(store: OnlineStore, keys: Sequence[str], before: Mapping[str, str]) -> int:
    present = store.records(keys)
    ours = [key for key, item in present.items() if item[store.group.event_time] == before[key]]
    for key in ours:
        store.delete(key)
    return len(ours)


def _values(item: Record) -> dict[str, str]:
    return {feature["FeatureName"]: feature["ValueAsString"] for feature in item}


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _refuse(name: str, errors: Sequence[Mapping[str, str]]) -> None:
    if errors:
        first = errors[0]
        raise AwsError(
            f"{len(errors)} records of feature group `{name}` cannot be read: "
            f"{first['ErrorCode']}, {first['ErrorMessage']}",
            remedy="look at the group in the console",
        )
