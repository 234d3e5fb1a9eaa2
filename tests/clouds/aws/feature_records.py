"""Records of feature groups: the online store, and the offline store's files.

What was put reaches the offline store when somebody reads from S3, or at the control route
`offline` while that holds it back: SageMaker takes up to fifteen minutes.
"""

import io
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.clouds.aws.calls import Call, CloudError, iso
from tests.clouds.aws.kinds import FEATURE_GROUP
from tests.clouds.aws.store import Members, Record, now
from tests.clouds.aws.world import Handler, World

_TYPES: Mapping[str, tuple[Callable[[str], Any], pa.DataType]] = {
    "String": (str, pa.string()),
    "Integral": (int, pa.int64()),
    "Fractional": (float, pa.float64()),
}
_FORMATS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ")
_TTL = {"Seconds": 1, "Minutes": 60, "Hours": 3600, "Days": 86400, "Weeks": 604800}


def operations() -> dict[str, Handler]:
    """Return the operations of records."""
    return {
        "PutRecord": _put_one,
        "BatchWriteRecord": _write_many,
        "GetRecord": _get_one,
        "BatchGetRecord": _get_many,
        "DeleteRecord": _delete_one,
    }


def _group(world: World, call: Call, name: str, code: str = "ResourceNotFound") -> Record:
    record = world.store.find(FEATURE_GROUP, call.region, name)
    if record is None or record.status != "Created":
        raise CloudError(code, f"FeatureGroup {name} does not exist or is not ready.", 404)
    return record


def _put_one(world: World, call: Call) -> None:
    _put(_group(world, call, call.params["FeatureGroupName"], "ValidationError"), call.params)


def _put(group: Record, params: Mapping[str, Any]) -> None:
    """Take one record into the stores that the group has, or that the call names."""
    values = _values(group, params["Record"])
    key, moment = _key_of(group, values), _moment(group, values)
    stores = params.get("TargetStores") or ["OnlineStore", "OfflineStore"]
    if "OnlineStore" in stores and _is_online(group):
        _put_online(group, key, moment, params)
    if "OfflineStore" in stores and "OfflineStoreConfig" in group.members:
        group.hidden["pending"].append((moment, now(), values, False))


def _values(group: Record, record: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    types = {one["FeatureName"]: one["FeatureType"] for one in group.members["FeatureDefinitions"]}
    values: dict[str, Any] = {}
    for one in record:
        name = one["FeatureName"]
        if name not in types:
            raise _bad(f"Feature {name} is not defined in feature group {group.key}.")
        if name in values:
            raise _bad(f"Feature {name} is given twice.")
        values[name] = _typed(name, types[name], one.get("ValueAsString"))
    for member in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
        if values.get(group.members[member]) is None:
            raise _bad(f"{member} {group.members[member]} has no value.")
    return values


def _typed(name: str, kind: str, text: str | None) -> Any:
    if text is None:
        return None
    try:
        return _TYPES[kind][0](text)
    except ValueError:
        raise _bad(f"Value {text!r} of feature {name} is no {kind}.") from None


def _bad(message: str) -> CloudError:
    return CloudError("ValidationError", message)


def _key_of(group: Record, values: Mapping[str, Any]) -> str:
    return str(values[group.members["RecordIdentifierFeatureName"]])


def _moment(group: Record, values: Mapping[str, Any]) -> datetime:
    value = values[group.members["EventTimeFeatureName"]]
    if isinstance(value, float):
        return datetime.fromtimestamp(value, UTC)
    for form in _FORMATS:
        try:
            return datetime.strptime(value, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise _bad(f"Event time {value!r} is not in ISO-8601 with seconds and a Z.")


def _is_online(group: Record) -> bool:
    return bool(group.members.get("OnlineStoreConfig", {}).get("EnableOnlineStore"))


def _put_online(group: Record, key: str, moment: datetime, params: Mapping[str, Any]) -> None:
    """Keep a record unless a later one is there; one that is as old replaces it."""
    old = group.hidden["online"].get(key)
    if old is not None and old["moment"] > moment:
        return
    ttl = params.get("TtlDuration") or group.members["OnlineStoreConfig"].get("TtlDuration")
    seconds = ttl["Value"] * _TTL[ttl["Unit"]] if ttl else None
    expires = moment + timedelta(seconds=seconds) if seconds is not None else None
    record = [one for one in params["Record"] if "ValueAsString" in one]
    group.hidden["online"][key] = {"moment": moment, "expires": expires, "record": record}


def _write_many(world: World, call: Call) -> Members:
    errors: list[Members] = []
    for entry in call.params["Entries"]:
        try:
            _put(_group(world, call, entry["FeatureGroupName"]), {**call.params, **entry})
        except CloudError as error:
            errors.append({"Entry": entry, "ErrorCode": error.code, "ErrorMessage": error.message})
    return {"Errors": errors, "UnprocessedEntries": []}


def _get_one(world: World, call: Call) -> Members:
    group = _group(world, call, call.params["FeatureGroupName"])
    if not _is_online(group):
        raise _bad(f"Online store is not enabled for feature group {group.key}.")
    key = call.params["RecordIdentifierValueAsString"]
    return _read(group, key, call.params, call.params) or {}


def _read(
    group: Record, key: str, wished: Mapping[str, Any], params: Mapping[str, Any]
) -> Members | None:
    found = group.hidden["online"].get(key)
    if found is None or found["record"] is None:
        return None
    if found["expires"] is not None and found["expires"] <= now():
        return None
    names = wished.get("FeatureNames")
    record = [one for one in found["record"] if not names or one["FeatureName"] in names]
    told = params.get("ExpirationTimeResponse") == "Enabled" and found["expires"] is not None
    return {"Record": record, **({"ExpiresAt": iso(found["expires"])} if told else {})}


def _get_many(world: World, call: Call) -> Members:
    records: list[Members] = []
    errors: list[Members] = []
    for wished in call.params["Identifiers"]:
        name = wished["FeatureGroupName"]
        for key in wished["RecordIdentifiersValueAsString"]:
            place = {"FeatureGroupName": name, "RecordIdentifierValueAsString": key}
            try:
                found = _read(_group(world, call, name), key, wished, call.params)
            except CloudError as error:
                told = {"ErrorCode": error.code, "ErrorMessage": error.message}
                errors.append({**place, **told})
                continue
            if found is not None:
                records.append({**place, **found})
    return {"Records": records, "Errors": errors, "UnprocessedIdentifiers": []}


def _delete_one(world: World, call: Call) -> None:
    params = call.params
    group = _group(world, call, params["FeatureGroupName"], "ValidationError")
    key = params["RecordIdentifierValueAsString"]
    event = {group.members["EventTimeFeatureName"]: params["EventTime"]}
    moment = _moment(group, _typed_event(group, event))
    old = group.hidden["online"].get(key)
    if params.get("DeletionMode") == "HardDelete":
        group.hidden["online"].pop(key, None)
    elif old is None or old["moment"] <= moment:
        gone = {"moment": moment, "expires": None, "record": None}
        group.hidden["online"][key] = gone
    if "OfflineStoreConfig" in group.members:
        identity = group.members["RecordIdentifierFeatureName"]
        values = {identity: _typed(identity, _type(group, identity), key)}
        row = {**values, **_typed_event(group, event)}
        group.hidden["pending"].append((moment, now(), row, True))


def _type(group: Record, name: str) -> str:
    definitions = group.members["FeatureDefinitions"]
    return next(one["FeatureType"] for one in definitions if one["FeatureName"] == name)


def _typed_event(group: Record, event: Mapping[str, str]) -> Members:
    return {name: _typed(name, _type(group, name), text) for name, text in event.items()}


def flush(world: World) -> int:
    """Write what was put since the last time to the offline stores; return how many rows."""
    written = 0
    for group in list(world.store.everything()):
        pending = group.hidden.get("pending") if group.kind is FEATURE_GROUP else None
        if pending:
            group.hidden["pending"] = []
            _write(world, group, pending)
            written += len(pending)
    return written


def _write(world: World, group: Record, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write rows by the hour of their event, as SageMaker lays out a Glue table."""
    hours: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        hours.setdefault(row[0].strftime("year=%Y/month=%m/day=%d/hour=%H"), []).append(row)
    storage = group.members["OfflineStoreConfig"]["S3StorageConfig"]
    bucket, _, prefix = storage["ResolvedOutputS3Uri"].removeprefix("s3://").partition("/")
    store = world.backend("s3")
    for hour, of_hour in hours.items():
        stamp = now().strftime("%Y%m%dT%H%M%SZ")
        name = f"{stamp}_{uuid.uuid4().hex[:16]}.parquet"
        store.put_object(bucket, f"{prefix}/{hour}/{name}", _parquet(group, of_hour))


def _parquet(group: Record, rows: Sequence[tuple[Any, ...]]) -> bytes:
    definitions = group.members["FeatureDefinitions"]
    columns: dict[str, pa.Array] = {
        one["FeatureName"]: pa.array(
            [values.get(one["FeatureName"]) for _, _, values, _ in rows],
            _TYPES[one["FeatureType"]][1],
        )
        for one in definitions
    }
    moment = pa.timestamp("ms", tz="UTC")
    columns["write_time"] = pa.array([now()] * len(rows), moment)
    columns["api_invocation_time"] = pa.array([invoked for _, invoked, _, _ in rows], moment)
    columns["is_deleted"] = pa.array([deleted for *_, deleted in rows], pa.bool_())
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()
