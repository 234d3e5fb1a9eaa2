"""Reading MLflow's database without MLflow, whose import takes four seconds.

The tables are those of MLflow 3.17 (`mlflow/store/model_registry/dbmodels/models.py`); writes go
through MLflow's own client (`registry.py`). Everything here is read-only.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from mlops_iac.operations import ModelVersion
from mlops_iac_local.layout import Layout

STATUS_TAG = "mlops-iac.status"
DIGEST_TAG = "mlops-iac.digest"
METRICS_TAG = "mlops-iac.metrics"
AUTHOR_TAG = "mlops-iac.author"
APPROVER_TAG = "mlops-iac.approver"
COMMENT_TAG = "mlops-iac.comment"
DECIDED_TAG = "mlops-iac.decided"
GATES_TAG = "mlops-iac.gates"

PENDING, APPROVED, REJECTED = "pending", "approved", "rejected"

_VERSIONS = """
SELECT version, creation_time, run_id FROM model_versions
WHERE name = ? AND current_stage != 'Deleted_Internal' ORDER BY version DESC
"""
_TAGS = "SELECT version, key, value FROM model_version_tags WHERE name = ?"
_ALIASES = "SELECT version, alias FROM registered_model_aliases WHERE name = ? ORDER BY alias"
_MODEL_TAGS = "SELECT key, value FROM registered_model_tags WHERE name = ?"
_MODEL = "SELECT 1 FROM registered_models WHERE name = ?"


def versions(layout: Layout, model: str, mlflow_name: str) -> list[ModelVersion]:
    """Return the versions of a model, newest first, in numeric order."""
    tags, aliases = version_tags(layout, mlflow_name), dict[int, list[str]]()
    for version, alias in _rows(layout, _ALIASES, mlflow_name):
        aliases.setdefault(version, []).append(alias)
    return [
        _version(model, row, tags.get(row[0], {}), aliases.get(row[0], []))
        for row in _rows(layout, _VERSIONS, mlflow_name)
    ]


def version_tags(layout: Layout, mlflow_name: str) -> dict[int, dict[str, str]]:
    """Return the tags of each version that has any."""
    tags: dict[int, dict[str, str]] = {}
    for version, key, value in _rows(layout, _TAGS, mlflow_name):
        tags.setdefault(version, {})[key] = value
    return tags


def model_tags(layout: Layout, mlflow_name: str) -> Mapping[str, str] | None:
    """Return the tags of a registered model, or `None` when there is no such model."""
    if not _rows(layout, _MODEL, mlflow_name):
        return None
    return dict(_rows(layout, _MODEL_TAGS, mlflow_name))


def _rows(layout: Layout, query: str, name: str) -> Sequence[Any]:
    if not layout.database.exists():
        return ()
    # `mode=ro` never makes a database, and waits for a writer up to the timeout.
    address = f"{layout.database.as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=20)) as database:
        return database.execute(query, (name,)).fetchall()


def _version(
    model: str, row: Sequence[Any], tags: Mapping[str, str], aliases: Sequence[str]
) -> ModelVersion:
    number, created, run_id = row
    return ModelVersion(
        model=model,
        version=int(number),
        # A version that nobody of ours registered has no status: it is never deployed unseen.
        status=tags.get(STATUS_TAG, PENDING),
        aliases=tuple(aliases),
        run_id=run_id or None,
        digest=tags.get(DIGEST_TAG),
        created=datetime.fromtimestamp(created / 1000, tz=UTC).isoformat(timespec="milliseconds"),
        metrics=json.loads(tags.get(METRICS_TAG, "{}")),
        approver=tags.get(APPROVER_TAG),
        author=tags.get(AUTHOR_TAG),
    )
