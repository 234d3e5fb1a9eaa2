"""A feature group whose resources are in the test cloud, as `pulumi-gcp` makes them. Not a test."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from mlops_iac_gcp import lro, rest
from mlops_iac_gcp.features import columns
from mlops_iac_gcp.features.document import Definition, Filled, current
from mlops_iac_gcp.features.filling import Filling, fill
from mlops_iac_gcp.features.reading import read
from mlops_iac_gcp.features.syncing import API
from mlops_iac_gcp.session import Place, bigquery, storage

from mlops_iac.runtime.features.group import FeatureSet
from tests.clouds.gcp.running import Cloud

BUCKET = "shop-artifacts"
NOW = datetime(2013, 2, 1, tzinfo=UTC)
STORE, NAME = "shop_online", "shop_dev_weather"


@dataclass
class World:
    """A bucket, a group and its stores."""

    cloud: Cloud
    folder: Path
    definition: Definition

    @property
    def place(self) -> Place:
        return Place(project=self.cloud.project, region=self.cloud.region)

    @property
    def table(self) -> str:
        return f"{self.cloud.project}.{self.definition.dataset}.{columns.HISTORY}"

    def fill(self, table: pa.Table, version: str, run: str = "", **changes: Any) -> Filled:
        """Fill the group with data, as the container does."""
        file = self.folder / f"{version}.parquet"
        pq.write_table(table, file)
        told: dict[str, Any] = {"now": NOW, "pause": lambda _: None, **changes}
        filling = Filling(
            definition=self.definition, version=version, run=run or f"run-{version}", **told
        )
        return fill(filling, {file.name: file})

    def read(self, *entities: Mapping[str, Any], now: datetime = NOW) -> list[dict[str, Any]]:
        """Read values by key."""
        filled = current(self.place, BUCKET, self.definition.values.name)
        assert filled is not None
        return read(self.place, filled, entities, now)

    def rows(self) -> list[dict[str, Any]]:
        """Return what the history's table holds, ordered by time and entity."""
        client = bigquery(self.place)
        found = [dict(row) for row in client.list_rows(client.get_table(self.table))]
        return sorted(found, key=lambda row: (row["time_hour"], row["origin"]))


def group(**changes: Any) -> FeatureSet:
    """Return a definition of weather by airport."""
    facts: dict[str, Any] = {
        "name": "weather", "format": "parquet", "entities": ["origin"], "event_time": "time_hour",
        "features": {"temp": "number"}, **changes,
    }  # fmt: skip
    return FeatureSet(**facts)


def make_world(cloud: Cloud, folder: Path, values: FeatureSet) -> World:
    """Make a bucket, a dataset with table and view, a store and a feature view."""
    where = Place(project=cloud.project, region=cloud.region)
    store = f"{cloud.location}/featureOnlineStores/{STORE}"
    definition = Definition(
        values=values,
        project=cloud.project,
        region=cloud.region,
        bucket=BUCKET,
        dataset=NAME,
        view=f"{store}/featureViews/{NAME}" if values.online else None,
    )
    storage(where).create_bucket(BUCKET, location=cloud.region)
    make_stores(definition)
    return World(cloud=cloud, folder=folder, definition=definition)


def make_stores(definition: Definition) -> None:
    """Make what `up` makes of a group: dataset, table, view, online store, feature view."""
    from google.cloud.bigquery import SchemaField, Table

    where, values = definition.where, definition.values
    client, dataset = bigquery(where), f"{where.project}.{definition.dataset}"
    client.create_dataset(dataset)
    kinds = columns.types_of(values.entities, values.event_time, values.features)
    schema = [SchemaField(name, kind) for name, kind in kinds.items()]
    client.create_table(Table(f"{dataset}.{columns.HISTORY}", schema=schema))
    latest = Table(f"{dataset}.{columns.LATEST}")
    latest.view_query = columns.latest_query(f"{dataset}.{columns.HISTORY}", values)
    client.create_table(latest)
    if definition.view is not None:
        source = {"uri": f"bq://{dataset}.{columns.LATEST}", "entityIdColumns": values.entities}
        _make_view(where, definition.view, source)


def _make_view(where: Place, view: str, source: Mapping[str, Any]) -> None:
    store, _, view_id = view.rpartition("/featureViews/")
    parent, _, store_id = store.rpartition("/featureOnlineStores/")
    stores = "projects.locations.featureOnlineStores"
    scaling = {"autoScaling": {"minNodeCount": 1, "maxNodeCount": 2}}
    asked = {"parent": parent, "featureOnlineStoreId": store_id}
    _done(where, rest.call(where, API, f"{stores}.create", asked, {"bigtable": scaling}))
    asked = {"parent": store, "featureViewId": view_id}
    body = {"bigQuerySource": source}
    _done(where, rest.call(where, API, f"{stores}.featureViews.create", asked, body))


def _done(where: Place, operation: Mapping[str, Any]) -> None:
    lro.wait(where, API, operation, pause=lambda _: None)
