"""From an event to a run: the workflow that Event Grid calls, and which events it is called at.

No function and no server of ours: nothing runs while nothing happens. What Event Grid tells of a
run is its end, with its tags; of a stopped run it tells nothing, which the policy's schedule sees.
https://learn.microsoft.com/azure/event-grid/event-schema-machine-learning
"""

from collections.abc import Mapping
from typing import Any

from mlops_iac_azure.jobs.runs import PIPELINE
from mlops_iac_azure.monitors.telling import ALARM_TAG

TRIGGER = "event"
COMPLETED = "Microsoft.MachineLearningServices.RunCompleted"
CHANGED = "Microsoft.MachineLearningServices.RunStatusChanged"
_NO_NEWS = (
    "CancelRequested",
    "Completed",
    "Finalizing",
    "NotStarted",
    "Paused",
    "Preparing",
    "Provisioning",
    "Queued",
    "Running",
    "Starting",
    "Unknown",
)
"""Statuses of a job (REST API 2025-12-01, JobStatus) that tell a policy nothing."""
_SCHEMA = (
    "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/"
    "workflowdefinition.json#"
)
_AUDIENCE = "https://management.azure.com/"
_EVENT = "triggerBody()?[0]"


def alarm_filter(tag: str) -> dict[str, Any]:
    """Return what the end of a monitor's check with an alarm is told by."""
    return {"key": f"data.RunTags.{ALARM_TAG}", "operator_type": "StringIn", "values": [tag]}


def ended_filters(pipeline: str) -> list[dict[str, Any]]:
    """Return what the end of a run of a pipeline is told by: the tag that only its runs have.

    Of the changes of its status those that end it count, and of these not the good one, which has
    an event of its own; an event without a status passes.
    """
    tag = {"key": f"data.RunTags.{PIPELINE}{pipeline}", "operator_type": "IsNotNull"}
    under_way = {"key": "data.RunStatus", "operator_type": "StringNotIn", "values": [*_NO_NEWS]}
    return [tag, under_way]


def workflow(address: str, name: str, job: Mapping[str, Any], identity: str) -> dict[str, Any]:
    """Return the definition of a workflow that starts a job at each event.

    Event Grid hands an event over once at least; the run's name is made of the event's, so a
    second delivery starts no second run. Before all it asks whether the address is meant for it.

    Args:
        address: of Resource Manager's collection of jobs, without a `/` at its end.
        name: how the names of the runs begin.
        job: properties of the job.
        identity: id of the managed identity that starts it.
    """
    run = f"{address}/@{{concat('{name}-', {_EVENT}?['id'])}}?api-version=2025-12-01"
    start = {
        "type": "Http",
        "inputs": {
            "method": "PUT",
            "uri": run,
            "headers": {"Content-Type": "application/json"},
            "body": {"properties": escaped(job)},
            "authentication": {
                "type": "ManagedServiceIdentity",
                "identity": identity,
                "audience": _AUDIENCE,
            },
            "retryPolicy": {"type": "exponential", "count": 4, "interval": "PT10S"},
        },
        "runAfter": {},
    }
    return {
        "$schema": _SCHEMA,
        "contentVersion": "1.0.0.0",
        "triggers": {
            TRIGGER: {"type": "Request", "kind": "Http", "inputs": {"schema": {}}},
        },
        "actions": {
            "asked": {
                "type": "If",
                "expression": {
                    "and": [
                        {
                            "equals": [
                                f"@{_EVENT}?['eventType']",
                                "Microsoft.EventGrid.SubscriptionValidationEvent",
                            ]
                        }
                    ]
                },
                "actions": {
                    "answer": _answer(
                        {"validationResponse": f"@{_EVENT}?['data']?['validationCode']"}
                    )
                },
                "else": {"actions": {"start": start, "done": _answer({}, after="start")}},
                "runAfter": {},
            }
        },
        "outputs": {},
    }


def escaped(value: Any) -> Any:
    """Return a value in which no text is an expression of Logic Apps."""
    if isinstance(value, Mapping):
        return {key: escaped(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [escaped(each) for each in value]
    if isinstance(value, str):
        # What begins with `@@` is the rest of itself; within a text `@@{` is `@{`.
        return f"@{value}" if value.startswith("@") else value.replace("@{", "@@{")
    return value


def _answer(body: Mapping[str, Any], *, after: str | None = None) -> dict[str, Any]:
    return {
        "type": "Response",
        "kind": "Http",
        "inputs": {
            "statusCode": 200,
            "headers": {"Content-Type": "application/json"},
            "body": dict(body),
        },
        "runAfter": {} if after is None else {after: ["Succeeded"]},
    }
