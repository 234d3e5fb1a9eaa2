"""Feature groups: definitions that only grow."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.clouds.aws.calls import Call, CloudError
from tests.clouds.aws.crud import (
    add,
    asked,
    describing,
    invalid,
    listing,
    settle_later,
)
from tests.clouds.aws.kinds import FEATURE_GROUP
from tests.clouds.aws.store import Members, Record
from tests.clouds.aws.world import Handler, World

RESERVED = frozenset({"is_deleted", "write_time", "api_invocation_time"})
"""Columns that the offline store adds."""
_CATALOG, _DATABASE = "AwsDataCatalog", "sagemaker_featurestore"


def operations() -> dict[str, Handler]:
    """Return the operations of feature groups."""
    return {
        "CreateFeatureGroup": _create,
        "DescribeFeatureGroup": describing(FEATURE_GROUP),
        "ListFeatureGroups": listing(FEATURE_GROUP),
        "UpdateFeatureGroup": _update,
        "DeleteFeatureGroup": _delete,
    }


def _create(world: World, call: Call) -> Members:
    params = call.params
    _judge_names(params["FeatureDefinitions"], [])
    _judge_keys(params)
    online, offline = params.get("OnlineStoreConfig"), params.get("OfflineStoreConfig")
    if not offline and not (online or {}).get("EnableOnlineStore"):
        raise invalid("At least one of the online store and the offline store is needed.")
    if offline is not None:
        _judge_offline(world, params, offline)
    record = add(world, call, FEATURE_GROUP, params["FeatureGroupName"], {})
    if offline is not None:
        record.change(OfflineStoreConfig=_resolved(world, record, offline))
        record.change(OfflineStoreStatus={"Status": "Active"})
    record.hidden.update(online={}, pending=[])
    return {"FeatureGroupArn": record.arn}


def _judge_names(definitions: Sequence[Mapping[str, Any]], old: Sequence[str]) -> None:
    names = [one["FeatureName"] for one in definitions]
    seen = [name.lower() for name in [*old, *names]]
    twice = sorted(name for name in names if seen.count(name.lower()) > 1)
    if twice:
        raise invalid(f"Feature names must be unique: {twice}")
    reserved = sorted(RESERVED & set(names))
    if reserved:
        raise invalid(f"Feature names {reserved} are reserved.")


def _judge_keys(params: Mapping[str, Any]) -> None:
    types = {one["FeatureName"]: one["FeatureType"] for one in params["FeatureDefinitions"]}
    rules = {
        "RecordIdentifierFeatureName": ("String", "Integral"),
        "EventTimeFeatureName": ("String", "Fractional"),
    }
    for member, allowed in rules.items():
        name = params[member]
        if types.get(name) not in allowed:
            raise invalid(f"{member} {name} must be a feature of type {' or '.join(allowed)}.")


def _judge_offline(world: World, params: Mapping[str, Any], offline: Mapping[str, Any]) -> None:
    if "RoleArn" not in params:
        raise invalid("RoleArn is required for an offline store.")
    bucket = offline["S3StorageConfig"]["S3Uri"].removeprefix("s3://").partition("/")[0]
    if bucket not in world.backend("s3").buckets:
        raise invalid(f"Bucket {bucket} does not exist.")


def _resolved(world: World, record: Record, offline: Mapping[str, Any]) -> Members:
    """Return the offline store's configuration with what SageMaker adds to it."""
    moment = round(record.members["CreationTime"].timestamp())
    storage = offline["S3StorageConfig"]
    base = f"{storage['S3Uri'].rstrip('/')}/{world.account}/sagemaker/{record.region}"
    place = f"{base}/offline-store/{record.key}-{moment}/data"
    table = f"{record.key.replace('-', '_').lower()}_{moment}"
    own = {"TableName": table, "Catalog": _CATALOG, "Database": _DATABASE}
    config = {
        "TableFormat": "Glue",
        "DisableGlueTableCreation": False,
        **offline,
        "S3StorageConfig": {**storage, "ResolvedOutputS3Uri": place},
    }
    return config if config["DisableGlueTableCreation"] else {"DataCatalogConfig": own, **config}


def _update(world: World, call: Call) -> Members:
    record = asked(world, call, FEATURE_GROUP)
    if record.status != "Created" or record.settle is not None:
        raise CloudError("ResourceInUse", f"FeatureGroup {record.key} is being changed.")
    additions = call.params.get("FeatureAdditions", [])
    old = record.members["FeatureDefinitions"]
    _judge_names(additions, [one["FeatureName"] for one in old])
    record.change(FeatureDefinitions=[*old, *additions])
    if "OnlineStoreConfig" in call.params:
        _change_online(record, call.params["OnlineStoreConfig"])
    if "ThroughputConfig" in call.params:
        record.change(ThroughputConfig=call.params["ThroughputConfig"])
    record.change(LastUpdateStatus={"Status": "InProgress"})
    done = {"Status": "Successful"}
    settle_later(world, record, lambda: record.change(LastUpdateStatus=done))
    return {"FeatureGroupArn": record.arn}


def _change_online(record: Record, wished: Mapping[str, Any]) -> None:
    online = record.members.get("OnlineStoreConfig", {})
    if not online.get("EnableOnlineStore"):
        raise invalid("The online store of this feature group is not enabled.")
    record.change(OnlineStoreConfig={**online, **wished})


def _delete(world: World, call: Call) -> Members:
    """Delete the group and its online store; the offline store's objects stay."""
    record = asked(world, call, FEATURE_GROUP)
    if record.status == "Creating":
        raise CloudError("ResourceInUse", f"FeatureGroup {record.key} is being created.")
    record.become("Deleting")
    settle_later(world, record, lambda: world.store.remove(record))
    return {}
