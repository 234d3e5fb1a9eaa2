"""A feature store of SageMaker's in this process: what it does with records, by its documentation.

Not a test. Buckets and groups are moto's; the runtime of the store, which moto has not, is here:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_feature_store_PutRecord.html
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
from mlops_iac_aws.features.document import Definition
from mlops_iac_aws.features.encoding import definitions, record_identifier
from mlops_iac_aws.features.filling import Filling, fill
from mlops_iac_aws.session import Clients, Place
from moto import mock_aws

from mlops_iac.runtime.features.group import FeatureSet
from tests.contract.walkers.botocore_api import operation_shape
from tests.contract.walkers.walk import walk

REGION = "eu-west-1"
BUCKET = "shop-artifacts"
SERVICE = "sagemaker-featurestore-runtime"
NOW = datetime(2013, 2, 1, tzinfo=UTC)
_IN_A_BATCH = 3
"""Records that the store reads at once here; the rest comes back unprocessed."""


@dataclass
class FakeRuntime:
    """The online store of one group, as the client of its service shows it."""

    identifier: str
    event_time: str
    stored: dict[str, list[Mapping[str, str]]] = field(default_factory=dict[str, Any])
    calls: list[str] = field(default_factory=list[str])

    def put_record(self, **request: Any) -> None:
        """Store a record that is newer than the stored one, and ignore others."""
        self._judge("PutRecord", request)
        values = _values(request["Record"])
        key = values[self.identifier]
        if key not in self.stored or self._moment(self.stored[key]) < values[self.event_time]:
            self.stored[key] = request["Record"]

    def delete_record(self, **request: Any) -> None:
        """Forget a record without a trace."""
        self._judge("DeleteRecord", request)
        assert request["DeletionMode"] == "HardDelete"
        self.stored.pop(request["RecordIdentifierValueAsString"], None)

    def batch_get_record(self, **request: Any) -> dict[str, Any]:
        """Return some of the records, and what was not looked for."""
        self._judge("BatchGetRecord", request)
        (asked,) = request["Identifiers"]
        keys = asked["RecordIdentifiersValueAsString"]
        now, later = keys[:_IN_A_BATCH], keys[_IN_A_BATCH:]
        return {
            "Records": [
                {"RecordIdentifierValueAsString": key, "Record": self.stored[key]}
                for key in now
                if key in self.stored
            ],
            "Errors": [],
            "UnprocessedIdentifiers": [{**asked, "RecordIdentifiersValueAsString": later}]
            if later
            else [],
        }

    def values(self, name: str) -> dict[str, str | None]:
        """Return one feature's text by record."""
        return {key: _values(item).get(name) for key, item in self.stored.items()}

    def _moment(self, item: Sequence[Mapping[str, str]]) -> str:
        return _values(item)[self.event_time]

    def _judge(self, operation: str, request: Mapping[str, Any]) -> None:
        assert list(walk(operation_shape(SERVICE, operation), request)) == []
        if operation != "BatchGetRecord":
            self.calls.append(operation)


@dataclass
class World:
    """A bucket, a group and its stores."""

    folder: Path
    clients: Clients
    runtime: FakeRuntime
    definition: Definition

    def fill(self, table: pa.Table, version: str, **changes: Any) -> Path:
        """Fill the group with data; return the folder with its history, which is uploaded too."""
        data, output = self.folder / f"data-{version}", self.folder / f"history-{version}"
        for made in (data, output):
            made.mkdir(exist_ok=True)
        pq.write_table(table, data / "rows.parquet")
        filling = Filling(
            clients=self.clients,
            definition=self.definition,
            version=version,
            **{"now": NOW, **changes},
        )
        fill(filling, {"rows.parquet": data / "rows.parquet"}, output)
        for file in output.iterdir():
            key = self.definition.history_key(version, file.name)
            self.clients("s3").upload_file(str(file), BUCKET, key)
        return output

    def offline_prefix(self) -> str:
        """Return where the group's offline store lies in the bucket."""
        described = self.clients("sagemaker").describe_feature_group(
            FeatureGroupName=self.definition.group
        )
        uri = described["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"]
        return uri.removeprefix(f"s3://{BUCKET}/")

    def offline(self) -> pa.Table:
        """Return all rows of the offline store, with the columns that its folders name."""
        s3, prefix, root = self.clients("s3"), self.offline_prefix(), self.folder / "offline"
        for item in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]:
            file = root / item["Key"].removeprefix(f"{prefix}/")
            file.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(BUCKET, item["Key"], str(file))
        return pq.read_table(root, partitioning="hive")


def group(**changes: Any) -> FeatureSet:
    """Return a definition of weather by airport."""
    facts: dict[str, Any] = {
        "name": "weather", "format": "parquet", "entities": ["origin"], "event_time": "time_hour",
        "features": {"temp": "number"}, **changes,
    }  # fmt: skip
    return FeatureSet(**facts)


@contextmanager
def feature_world(folder: Path, values: FeatureSet) -> Iterator[World]:
    """Make a bucket and a group in moto."""
    with mock_aws():
        boto3.client("s3", region_name=REGION).create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        identifier = record_identifier(values.entities)
        wanted = definitions(values.entities, values.event_time, values.features)
        boto3.client("sagemaker", region_name=REGION).create_feature_group(
            FeatureGroupName="shop-dev-weather-1",
            RecordIdentifierFeatureName=identifier,
            EventTimeFeatureName=values.event_time,
            FeatureDefinitions=[
                {"FeatureName": name, "FeatureType": kind} for name, kind in wanted.items()
            ],
            OfflineStoreConfig={
                "S3StorageConfig": {"S3Uri": f"s3://{BUCKET}/features/weather/offline"}
            },
            RoleArn="arn:aws:iam::123456789012:role/features",
        )
        runtime = FakeRuntime(identifier, values.event_time)
        made = Clients(Place(region=REGION), {SERVICE: runtime})
        yield World(
            folder=folder,
            clients=made,
            runtime=runtime,
            definition=Definition(
                values=values,
                group="shop-dev-weather-1",
                bucket=BUCKET,
                prefix="features/weather/",
            ),
        )


def _values(item: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {feature["FeatureName"]: feature["ValueAsString"] for feature in item}
