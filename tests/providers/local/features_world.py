"""A feature store without the engine: data in the stack's store, groups by the real handlers."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from mlops_iac_local import store
from mlops_iac_local.features.group import Group, stored_group
from mlops_iac_local.layout import Layout
from mlops_iac_local.resources.feature_group import FeatureGroupHandler, FeatureViewHandler

from mlops_iac.content import folder_digest, folder_files
from tests.providers.local.world import FakeCall

HOUR = 3600 * 1_000_000
"""An hour in microseconds."""
BY_ORIGIN: Mapping[str, Any] = {
    "name": "weather",
    "format": "parquet",
    "entities": ["origin"],
    "eventTime": "time_hour",
    "features": {"temp": "number", "visib": "number"},
    "offline": True,
    "online": True,
    "description": "Weather of an airport",
    "tags": {},
}
"""Inputs of the resource, without its data."""


@dataclass(frozen=True)
class FeatureWorld:
    """One stack's folder."""

    root: Path

    @property
    def layout(self) -> Layout:
        return Layout(self.root)

    def call(self, name: str = "weather") -> FakeCall:
        config = {"root": str(self.root), "projectDir": str(self.root)}
        return FakeCall(urn=f"urn:pulumi:dev::shop::{name}", config=config, name=name)

    def keep(self, **files: pa.Table | str) -> str:
        """Keep files as data of the stack: tables as Parquet, text as it is; return the digest."""
        self.layout.make()
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            for name, content in files.items():
                if isinstance(content, str):
                    (folder / name.replace("_", ".")).write_text(content)
                else:
                    pq.write_table(content, folder / f"{name}.parquet")
            digest = folder_digest(folder)
            store.add(self.layout, "data", digest, folder_files(folder), folder_digest)
        return digest

    def read(self, digest: str) -> pa.Table:
        return pq.read_table(store.data(self.layout, digest))

    def up(self, data: str, **changes: Any) -> Group:
        """Store a group's history as `up` does, under the name `weather` unless it is changed."""
        inputs = {**BY_ORIGIN, "data": data, **changes}
        FeatureGroupHandler().create(inputs, self.call(inputs["name"]))
        return stored_group(self.layout, inputs["name"])

    def view(self, group: Group) -> None:
        """Register a group as `up` does."""
        FeatureViewHandler().create(self.view_inputs(group), self.call(group.name))

    def view_inputs(self, group: Group) -> dict[str, Any]:
        return {"group": group.name, "version": group.version, "online": group.online,
                "description": group.description, "tags": {}}  # fmt: skip

    def files(self) -> set[str]:
        """Return all that lies in the feature store."""
        top = self.root / "features"
        return {str(path.relative_to(top)) for path in top.rglob("*")} if top.exists() else set()


def utc(values: list[int | None], unit: str = "us", zone: str | None = "UTC") -> pa.Array:
    """Return times from whole numbers since 1970."""
    return pa.array(values, pa.timestamp(unit, zone))
