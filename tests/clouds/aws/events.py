"""EventBridge: what is told when something changes, and who hears it."""

import copy
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.clouds.aws.calls import Call, CloudError, iso
from tests.clouds.aws.store import Record, now

if TYPE_CHECKING:
    from tests.clouds.aws.world import World

_MOTO_TARGETS = frozenset({"logs", "sqs", "events"})


@dataclass(frozen=True)
class Event:
    """One event of the default bus, and where it went."""

    message: Mapping[str, Any]
    """As EventBridge hands it on."""
    deliveries: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    """`Rule`, `Target` (an ARN) and `Error` (nothing when it arrived) of each."""


def emit(
    world: "World",
    region: str,
    detail_type: str,
    detail: Mapping[str, Any],
    *resources: str,
    source: str = "aws.sagemaker",
) -> None:
    """Tell that something changed; rules hear it once the change is done."""
    message = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": world.account,
        "time": iso(now()),
        "region": region,
        "resources": list(resources),
        "detail": json.loads(json.dumps(detail, default=_spelt)),
    }
    event = Event(message)
    world.events.append(event)
    for _ in range(world.copies):
        world.later(lambda: deliver(world, event))


def state_change(
    world: "World", record: Record, what: str, more: Mapping[str, Any] | None = None
) -> None:
    """Tell the state of a job or a model package, as its description has it."""
    detail = {**record.described(), "Tags": dict(record.tags), **(more or {})}
    emit(world, record.region, f"SageMaker {what} State Change", detail, record.arn)


def _spelt(value: object) -> Any:
    assert isinstance(value, datetime), value
    return round(value.timestamp() * 1000)


def deliver(world: "World", event: Event) -> None:
    """Hand an event to the targets of all rules of the default bus that it matches."""
    buses = world.backend("events", event.message["region"]).event_buses
    for rule in list(buses["default"].rules.values()):
        if _hears(rule, event.message):
            for target in list(rule.targets):
                _hand_over(world, rule, target, event)


def _hears(rule: Any, message: Mapping[str, Any]) -> bool:
    if rule.state != "ENABLED" or not rule.event_pattern.get_pattern():
        return False
    return rule.event_pattern.matches_event(dict(message))


def _hand_over(world: "World", rule: Any, target: Mapping[str, Any], event: Event) -> None:
    error = ""
    try:
        _reach(world, rule, target, event.message)
    except CloudError as refused:
        error = f"{refused.code}: {refused.message}"
    told = {"Rule": rule.name, "Target": target["Arn"], "Error": error}
    event.deliveries.append(told)


def _reach(
    world: "World", rule: Any, target: Mapping[str, Any], message: Mapping[str, Any]
) -> None:
    service = target["Arn"].split(":")[2]
    if service == "sagemaker":
        start_pipeline(world, target, message)
    elif service == "sns":
        publish(world, target, message)
    elif service in _MOTO_TARGETS:
        _through_moto(rule, target, message)
    else:
        raise CloudError("UnsupportedTarget", f"the test cloud reaches no `{service}` from a rule")


def _through_moto(rule: Any, target: Mapping[str, Any], message: Mapping[str, Any]) -> None:
    alone = copy.copy(rule)
    alone.targets = [dict(target)]
    alone.send_to_targets({**message, "time": now().timestamp()})


def publish(world: "World", target: Mapping[str, Any], message: Mapping[str, Any]) -> None:
    """Send a message to the SNS topic of a target."""
    arn = target["Arn"]
    region = arn.split(":")[3]
    text = target.get("Input") or json.dumps(message)
    world.backend("sns", region).get_topic(arn).publish(message=text)


def start_pipeline(world: "World", target: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    """Start the pipeline that a rule or a schedule names; return the execution's ARN.

    Raises:
        CloudError: as StartPipelineExecution does, or when the target has no role.
    """
    from tests.clouds.aws.pipelines import start

    if not target.get("RoleArn"):
        raise CloudError("InvalidParameter", "a pipeline as a target needs a RoleArn")
    listed = target.get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
    parameters = [
        {"Name": one["Name"], "Value": str(_filled(one["Value"], message))} for one in listed
    ]
    region = target["Arn"].split(":")[3]
    request = {
        "PipelineName": target["Arn"],
        "PipelineParameters": parameters,
        "ClientRequestToken": uuid.uuid4().hex,
    }
    return world.holding(lambda: start(world, region, request).arn)


def _filled(value: str, message: Mapping[str, Any]) -> Any:
    """Return a parameter's value, or what it points at in the event (`$.detail.state`)."""
    if not re.match(r"\$\.[A-Za-z]", value):
        return value
    found: Any = message
    for step in value[2:].split("."):
        found = found[step] if isinstance(found, Mapping) and step in found else ""
    return found


def put_events(world: "World", call: Call) -> Mapping[str, Any]:
    """Take events of anyone's own; moto fails on a rule whose target is a pipeline."""
    entries = [_entry(world, call, one) for one in call.params["Entries"]]
    return {"FailedEntryCount": 0, "Entries": entries}


def _entry(world: "World", call: Call, entry: Mapping[str, Any]) -> Mapping[str, str]:
    emit(
        world,
        call.region,
        entry.get("DetailType", ""),
        json.loads(entry.get("Detail", "{}")),
        *entry.get("Resources", []),
        source=entry.get("Source", ""),
    )
    return {"EventId": world.events[-1].message["id"]}
