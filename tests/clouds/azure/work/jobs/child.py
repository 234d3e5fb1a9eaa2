"""Jobs that a job starts: a pipeline's nodes, a sweep's trials. They are jobs themselves."""

import uuid
from collections.abc import Mapping
from typing import Any

from tests.clouds.azure.work.times import stamp

_SPACE = uuid.UUID("0b1f4a52-6f0e-4a57-9d0c-5a1f6b7c8d9e")


def name_of(parent: str, own: str) -> str:
    """Return the name of a node's job: Azure ML draws a GUID, here it is the same each time."""
    return str(uuid.uuid5(_SPACE, f"{parent}/{own}"))


def told(
    kind: str, parent: Mapping[str, Any], label: str, properties: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the properties with which a job that a job starts is kept.

    Args:
        kind: `Command` or `Sweep`.
        parent: the job that starts it, as `get` answers it.
        label: the node's name, or the trial's.
        properties: of its own.
    """
    of_parent = parent["properties"]
    own: dict[str, Any] = {
        "jobType": kind,
        "displayName": label,
        "experimentName": of_parent.get("experimentName") or "Default",
        "parentJobName": parent["name"],
        "tags": {},
        **properties,
    }
    return {
        **own,
        "properties": {
            "azureml.parentRunId": parent["name"],
            "azureml.nodeid": label,
            **(own.get("properties") or {}),
        },
    }


def ending(state: str, reason: str = "") -> dict[str, Any]:
    """Return what changes when a job has ended."""
    failed = {"error": {"code": "UserError", "message": reason}} if reason else {}
    return {"status": state, "endTimeUtc": stamp(), **failed}
