"""Experiments in MLflow's database: made and described by its client, looked for without it."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing

from mlops_iac_local import tracking
from mlops_iac_local.layout import Layout
from mlops_iac_local.ownership import TAG

_NOTE = "mlflow.note.content"
"""Tag that MLflow's pages show as the description."""
_ACTIVE = "SELECT 1 FROM experiments WHERE name = ? AND lifecycle_stage = 'active'"


def describe(
    layout: Layout, name: str, urn: str, description: str, tags: Mapping[str, str]
) -> None:
    """Make the experiment `name` unless it is there, and bring its tags up to date."""
    wanted = {**tags, _NOTE: description, TAG: urn}
    client = tracking.client(layout)
    number = tracking.experiment(layout, name)
    found = dict(client.get_experiment(number).tags)
    for key in found.keys() - wanted.keys():
        if not key.startswith("mlflow."):
            client.delete_experiment_tag(number, key)
    for key, value in wanted.items():
        if found.get(key, "") != value:
            client.set_experiment_tag(number, key, value)


def exists(layout: Layout, name: str) -> bool:
    """Whether there is an experiment of that name, which nobody deleted."""
    if not layout.database.exists():
        return False
    address = f"{layout.database.as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=20)) as database:
        return database.execute(_ACTIVE, (name,)).fetchone() is not None
