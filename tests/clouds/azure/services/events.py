"""Event Grid: what happened to a resource is posted to everybody who subscribed, until he takes it.

https://learn.microsoft.com/azure/event-grid/delivery-and-retry. Limits: webhooks only; the pause
between two tries is short, whatever the retry policy; nothing is dropped for its age. An event is
handed over as often as `pace` says (`copies`).
"""

import json
import ssl
import threading
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from tests.clouds.azure import standard
from tests.clouds.azure.calls import Answer, Body, Call, CloudError, Deferred
from tests.clouds.azure.hooks import Simulated
from tests.clouds.azure.parts import Part
from tests.clouds.azure.services import event_filters
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

_GRID = "Microsoft.EventGrid"
TOPIC = f"{_GRID}/systemTopics"
_OF_TOPIC, _OF_SCOPE = f"{TOPIC}/eventSubscriptions", f"{_GRID}/eventSubscriptions"
_VALIDATION = f"{_GRID}.SubscriptionValidationEvent"
_PAUSE_SECONDS, _CALL_SECONDS = 0.25, 60
_TRIES = 30
_FINAL = frozenset({400, 401, 403, 413})
"""What Event Grid does not try again: its list of webhooks' answers."""
_CLOUD_EVENTS = "CloudEventSchemaV1_0"


def publish(world: World, source: str, kind: str, subject: str, data: Body) -> None:
    """Tell everybody who subscribed to a resource; nobody waits for it.

    Args:
        world: the cloud.
        source: the resource's id.
        kind: the event's type.
        subject: of the event.
        data: of the event.
    """
    event: Body = {
        "id": str(uuid.uuid4()),
        "topic": source,
        "subject": subject,
        "eventType": kind,
        "eventTime": world.clock.stamp(),
        "data": data,
        "dataVersion": "1.0",
        "metadataVersion": "1",
    }
    kept(world).append(event)
    for record in subscriptions(world, source):
        if event_filters.passes(record.properties.get("filter") or {}, event):
            for _ in range(world.pace.get("copies", 1)):
                _begin(world, record, event)


def kept(world: World) -> list[Body]:
    """Return all events that ever were, oldest first."""
    return world.state("events", list)


def dropped(world: World) -> list[Body]:
    """Return what was given up: `subscription`, `event` and the last `status`."""
    return world.state("dropped events", list)


def subscriptions(world: World, source: str) -> Iterator[Record]:
    """Yield the subscriptions to a resource: its system topic's, and its own."""
    for topic in world.store.of_type(TOPIC):
        if str(topic.properties.get("source", "")).lower() == source.lower():
            yield from world.store.children(topic.id, _OF_TOPIC)
    yield from world.store.children(source, _OF_SCOPE)


def _begin(world: World, record: Record, event: Body) -> None:
    threading.Thread(target=_deliver, args=(world, record, event), daemon=True).start()


def _deliver(world: World, record: Record, event: Body) -> None:
    store, pause = world.store, threading.Event()
    policy = record.properties.get("retryPolicy") or {}
    status = 0
    for count in range(policy.get("maxDeliveryAttempts") or _TRIES):
        if world.store is not store or store.get(record.id) is not record:
            return
        status, _ = _post(world, record, event, count)
        if 200 <= status < 300:
            return
        if status in _FINAL:
            break
        pause.wait(_PAUSE_SECONDS)
    dropped(world).append({"subscription": record.id, "event": event, "status": status})


def _post(world: World, record: Record, event: Body, count: int = 0) -> tuple[int, bytes]:
    """Post an event as the subscription wants it; return status and answer."""
    told: Body = {"aeg-subscription-name": record.name.upper(), "aeg-delivery-count": str(count)}
    if record.properties.get("eventDeliverySchema") == _CLOUD_EVENTS:
        kind, body = "application/cloudevents+json; charset=utf-8", json.dumps(_as_cloud(event))
    else:
        kind, body = "application/json; charset=utf-8", json.dumps([event])
        is_first = event["eventType"] == _VALIDATION
        told["aeg-event-type"] = "SubscriptionValidation" if is_first else "Notification"
    for one in destination(record).get("deliveryAttributeMappings") or []:
        if one.get("type") == "Static":
            told[one["name"]] = one["properties"]["value"]
    return _call(world, record, "POST", {**told, "Content-Type": kind}, body.encode())


def _as_cloud(event: Body) -> Body:
    return {
        "specversion": "1.0",
        "id": event["id"],
        "type": event["eventType"],
        "source": event["topic"],
        "subject": event["subject"],
        "time": event["eventTime"],
        "data": event["data"],
    }


def _call(
    world: World, record: Record, verb: str, headers: Mapping[str, str], body: bytes | None = None
) -> tuple[int, bytes]:
    address = destination(record)["endpointUrl"]
    request = urllib.request.Request(address, body, dict(headers), method=verb)  # noqa: S310 - ours
    tls = ssl.create_default_context(cafile=world.authority)
    try:
        with urllib.request.urlopen(request, timeout=_CALL_SECONDS, context=tls) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return 503, b""


def destination(record: Record) -> Body:
    """Return where a subscription's events go: `endpointUrl` is known here and never answered."""
    told = record.properties.get("destination") or {}
    if not told:
        told = (record.properties.get("deliveryWithResourceIdentity") or {}).get("destination", {})
    return {**(told.get("properties") or {}), **record.hidden.get("destination", {})}


# The handshake


def validate(world: World, record: Record) -> None:
    """Ask a webhook whether it wants the events; call this without the cloud's lock.

    https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema

    Raises:
        CloudError: 400 when it does not answer as it must.
    """
    address = destination(record).get("endpointUrl", "")
    is_elsewhere = isinstance(world.work, Simulated) and not address.startswith(world.address)
    # Simulated work reaches nobody outside: whoever is there is taken to agree.
    if not address or is_elsewhere:
        return
    is_cloud = record.properties.get("eventDeliverySchema") == _CLOUD_EVENTS
    status, found = _options(world, record) if is_cloud else _handshake(world, record)
    if status >= 300 or not found:
        text = (
            "Webhook validation handshake failed for the endpoint of the event subscription. Http"
            f" {'OPTIONS' if is_cloud else 'POST'} request failed with response code {status}, or"
            " the answer is not what was asked for."
        )
        raise CloudError(400, "URL validation", text)


def _options(world: World, record: Record) -> tuple[int, bool]:
    headers = {"WebHook-Request-Origin": "eventgrid.azure.net"}
    return _call(world, record, "OPTIONS", headers)[0], True


def _handshake(world: World, record: Record) -> tuple[int, bool]:
    code = str(uuid.uuid4())
    event = {"id": str(uuid.uuid4()), "topic": record.id, "subject": "", "eventType": _VALIDATION}
    event |= {"eventTime": world.clock.stamp(), "metadataVersion": "1", "dataVersion": "2"}
    data = {"validationCode": code, "validationUrl": f"{world.address}/_grid/{code}"}
    status, answered = _post(world, record, {**event, "data": data})
    # Simulated work ends everything well and says nothing.
    return status, code in answered.decode(errors="replace") or isinstance(world.work, Simulated)


def _put(world: World, call: Call) -> Deferred:
    """Make or change a subscription, once whoever is to get its events has agreed."""
    body = standard.body_of(call)
    record = Record(call.at.id, call.at.kind, body)
    event_filters.judge(record.properties.get("filter") or {})
    standard.require_above(world, call.at.id)

    def make() -> Answer:
        validate(world, record)
        return world.holding(lambda: _kept(world, call, destination(record)))

    return Deferred(make)


def _kept(world: World, call: Call, known: Body) -> Answer:
    def made(record: Record) -> None:
        record.hidden["destination"] = known
        shown: Any = (record.properties.get("destination") or {}).get("properties") or {}
        address = shown.pop("endpointUrl", "")
        shown |= {"endpointBaseUrl": address.partition("?")[0]} if address else {}

    return standard.put(world, call, made=made)


def _full_url(world: World, call: Call) -> Body:
    return {"endpointUrl": destination(world.find(call.at.id)).get("endpointUrl", "")}


PARTS = (
    Part(
        "event subscriptions",
        {
            f"{_OF_TOPIC}.put": _put,
            f"{_OF_SCOPE}.put": _put,
            f"{_OF_TOPIC}.getFullUrl": _full_url,
            f"{_OF_SCOPE}.getFullUrl": _full_url,
        },
        "a webhook must agree before it is subscribed, and its address is never answered; events"
        " pass the filters and are posted until they are taken",
    ),
)
