"""Pub/Sub's topics and subscriptions, and Eventarc's triggers that listen to them."""

import copy
import json

from tests.clouds.gcp import masks, standard
from tests.clouds.gcp.calls import Body, Call, invalid, not_found
from tests.clouds.gcp.parts import Handler, Part
from tests.clouds.gcp.services import pushing, workflows
from tests.clouds.gcp.services.pushing import Waiting, queue
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = pushing.SERVICE
_PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"


def _subscribe(world: World, call: Call) -> Body:
    topic = world.canonical(SERVICE, call.body.get("topic", ""))
    world.find(SERVICE, topic)
    dead = call.body.get("deadLetterPolicy", {}).get("deadLetterTopic")
    if dead:
        world.find(SERVICE, dead)
    made = {"ackDeadlineSeconds": call.body.get("ackDeadlineSeconds") or 10}
    return standard.create(world, call, made={**made, "topic": topic})


def _patch(member: str) -> Handler:
    def change(world: World, call: Call) -> Body:
        record = world.find(SERVICE, call.text("name"))
        asked, mask = call.body[member], call.body.get("updateMask", "")
        if not mask:
            raise invalid("`update_mask` is required.")
        schema = call.route.response
        after = masks.changed(call.route.api, schema, record.body, asked, mask)
        standard.keep_change(world, record, after)
        return standard.shown(world, record, call.route.api, schema)

    return change


def _publish(world: World, call: Call) -> Body:
    topic = world.find(SERVICE, call.text("topic"))
    messages = call.body.get("messages", [])
    if not messages:
        raise invalid("The request has no messages.")
    return {"messageIds": [publish(world, topic.name, one) for one in messages]}


def publish(world: World, topic: str, message: Body) -> str:
    """Send a message to everybody who listens; return its id."""
    if not message.get("data") and not message.get("attributes"):
        raise invalid("A message needs data or attributes.")
    number = world.store.number()
    sent = {**message, "messageId": number, "publishTime": world.clock.stamp()}
    for record in world.store.everything():
        if record.service == SERVICE and record.body.get("topic") == topic:
            waiting = Waiting(copy.deepcopy(sent))
            queue(record).append(waiting)
            if record.body.get("pushConfig", {}).get("pushEndpoint"):
                pushing.begin(world, record, waiting)
    for trigger in _triggers(world, topic):
        _deliver(world, trigger, topic, sent)
    return number


def _triggers(world: World, topic: str) -> list[Record]:
    return [
        record
        for record in world.store.everything()
        if record.service == "eventarc"
        and record.body.get("transport", {}).get("pubsub", {}).get("topic") == topic
        and {"attribute": "type", "value": _PUBLISHED} in record.body.get("eventFilters", [])
    ]


def _deliver(world: World, trigger: Record, topic: str, message: Body) -> None:
    """Start the workflow of a trigger with the event, as Eventarc hands it over."""
    target = trigger.body["destination"].get("workflow")
    if not target:
        return
    event = {
        "specversion": "1.0",
        "id": message["messageId"],
        "type": _PUBLISHED,
        "source": f"//pubsub.googleapis.com/{topic}",
        "time": message["publishTime"],
        "datacontenttype": "application/json",
        "data": {"subscription": f"{trigger.name}-subscription", "message": message},
    }
    for _ in range(world.pace.get("copies", 1)):
        workflows.execute(world, target, json.dumps(event), trigger.body.get("serviceAccount", ""))


def _pull(world: World, call: Call) -> Body:
    record = world.find(SERVICE, call.text("subscription"))
    told: list[Body] = []
    for waiting in queue(record):
        if not waiting.ack and len(told) < call.body.get("maxMessages", 1):
            waiting.ack = world.store.number()
            waiting.attempts += 1
            told.append({"ackId": waiting.ack, "message": copy.deepcopy(waiting.message)})
    return {"receivedMessages": told} if told else {}


def _acknowledge(world: World, call: Call) -> Body:
    record = world.find(SERVICE, call.text("subscription"))
    gone = set(call.body["ackIds"])
    record.hidden["queue"] = [one for one in queue(record) if one.ack not in gone]
    return {}


def _deadline(world: World, call: Call) -> Body:
    """Give messages back at once with a deadline of 0; any other keeps them."""
    record = world.find(SERVICE, call.text("subscription"))
    for waiting in queue(record):
        if waiting.ack in call.body["ackIds"] and not call.body.get("ackDeadlineSeconds"):
            waiting.ack = ""
    return {}


def _delete_topic(world: World, call: Call) -> Body:
    topic = world.find(SERVICE, call.text("topic"))
    for record in world.store.everything():
        if record.service == SERVICE and record.body.get("topic") == topic.name:
            record.body["topic"] = "_deleted-topic_"
    return standard.delete(world, call)


def _create_trigger(world: World, call: Call) -> Body:
    name = standard.new_name(world, call)
    kinds = [one["value"] for one in call.body["eventFilters"] if one["attribute"] == "type"]
    if len(kinds) != 1:
        raise invalid("`event_filters` must have exactly one filter for `type`.")
    pubsub = call.body.get("transport", {}).get("pubsub", {})
    if kinds == [_PUBLISHED] and pubsub.get("topic"):
        world.find(SERVICE, pubsub["topic"])
    workflow = call.body["destination"].get("workflow")
    if workflow and world.store.get("workflows", world.canonical("workflows", workflow)) is None:
        raise not_found(workflow)
    return standard.create(world, call, name=name)


PARTS = (
    Part(
        "messages",
        SERVICE,
        {
            "projects.topics.patch": _patch("topic"),
            "projects.topics.publish": _publish,
            "projects.topics.delete": _delete_topic,
            "projects.subscriptions.create": _subscribe,
            "projects.subscriptions.patch": _patch("subscription"),
            "projects.subscriptions.pull": _pull,
            "projects.subscriptions.acknowledge": _acknowledge,
            "projects.subscriptions.modifyAckDeadline": _deadline,
        },
        "a message goes to every subscription and trigger of its topic and stays until it is"
        " acknowledged; it is pushed to a service of Cloud Run until that takes it",
    ),
    Part(
        "triggers",
        "eventarc",
        {"projects.locations.triggers.create": _create_trigger},
        "topic and workflow are there; a message of the topic executes the workflow",
    ),
)
