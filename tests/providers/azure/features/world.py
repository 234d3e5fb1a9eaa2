"""A feature group whose resources are in the test cloud, as `up` makes them. Not a test."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from mlops_iac_azure import documents, lro
from mlops_iac_azure.features.document import Definition, Filled, current
from mlops_iac_azure.features.filling import Filling, fill
from mlops_iac_azure.features.reading import read
from mlops_iac_azure.session import Place, tables

from mlops_iac.runtime.features.arrow import Table
from mlops_iac.runtime.features.group import HISTORY, FeatureSet
from mlops_iac.runtime.features.history import read_history
from tests.clouds.azure.running import Cloud
from tests.providers.azure.world import ACCOUNT, GROUP, WORKSPACE, call_on, ground, workspace

NOW = datetime(2013, 2, 1, tzinfo=UTC)
ASSET, TABLE = "shop-dev-weather", "shopdevweather"


@dataclass
class World:
    """A store, a group and its table."""

    cloud: Cloud
    folder: Path
    place: Place
    definition: Definition

    def fill(self, table: Table, version: str, **changes: Any) -> Filled:
        """Fill the group with data, as the container does."""
        file = self.folder / f"{version}.parquet"
        pq.write_table(table, file)
        told: dict[str, Any] = {"now": NOW, **changes}
        filling = Filling(where=self.place, definition=self.definition, version=version, **told)
        return fill(filling, {file.name: file})

    def read(self, *entities: Mapping[str, Any], now: datetime = NOW) -> list[dict[str, Any]]:
        """Read values by key."""
        filled = current(self.place, ACCOUNT, self.definition.values.name)
        assert filled is not None
        return read(self.place, filled, entities, now)

    def history(self, version: str) -> list[dict[str, Any]]:
        """Return the rows of a history, ordered by time and entity."""
        path = f"features/weather/history/{version}/{HISTORY}"
        held = documents.read_bytes(self.place, ACCOUNT, path)
        assert held is not None
        file = self.folder / "read.parquet"
        file.write_bytes(held[0])
        found = read_history(file, version).to_pylist()
        return sorted(found, key=lambda row: (row["time_hour"], row["origin"]))

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of the online table."""
        client = tables(self.place, ACCOUNT).get_table_client(TABLE)
        return [dict(each) for each in client.list_entities()]


def group(**changes: Any) -> FeatureSet:
    """Return a definition of weather by airport."""
    facts: dict[str, Any] = {
        "name": "weather", "format": "parquet", "entities": ["origin"], "event_time": "time_hour",
        "features": {"temp": "number"}, **changes,
    }  # fmt: skip
    return FeatureSet(**facts)


def make_world(cloud: Cloud, folder: Path, values: FeatureSet) -> World:
    """Make a store, a workspace with the data asset, and the table."""
    where = ground(call_on(cloud))
    workspace(where)
    definition = Definition(
        values=values,
        subscription=where.subscription,
        region=where.region,
        group=GROUP,
        workspace=WORKSPACE,
        bucket=ACCOUNT,
        asset=ASSET,
        table=TABLE if values.online else None,
    )
    make_stores(where, definition)
    return World(cloud=cloud, folder=folder, place=where, definition=definition)


def make_stores(where: Place, definition: Definition) -> None:
    """Make what `up` makes of a group: the data asset, and the table."""
    asset = where.in_workspace("data", definition.asset)
    lro.run(where, "PUT", asset, {"properties": {"dataType": "uri_folder"}})
    if definition.table is not None:
        tables(where, definition.bucket).create_table(definition.table)
