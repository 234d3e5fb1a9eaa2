"""Pub/Sub's push: a message is posted, under an identity, until whoever takes it says 2xx.

Limits: services of Cloud Run only, by the address that is known before them; the pause between two
tries is short, whatever the retry policy, and nothing is dropped for its age.
"""

import json
import re
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass

from tests.clouds.gcp.calls import Body
from tests.clouds.gcp.identities import identity_token
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = "pubsub"
_PAUSE_SECONDS, _CALL_SECONDS = 0.25, 120
# https://cloud.google.com/run/docs/triggering/https-request#deterministic
_ADDRESS = re.compile(
    r"https://(?P<service>[a-z0-9-]+)-(?P<number>\d+)\.(?P<region>[a-z0-9-]+)\.run\.app(?P<path>/.*)"
)


@dataclass
class Waiting:
    """A message that a subscription has not acknowledged."""

    message: Body
    ack: str = ""
    """Set while somebody has it."""
    attempts: int = 0


def queue(record: Record) -> list[Waiting]:
    """Return what a subscription has not acknowledged."""
    return record.hidden.setdefault("queue", [])


def begin(world: World, subscription: Record, waiting: Waiting) -> None:
    """Push a message, in a thread of its own: who publishes does not wait."""
    waiting.ack = "pushed"
    threading.Thread(target=_push, args=(world, subscription, waiting), daemon=True).start()


def _push(world: World, subscription: Record, waiting: Waiting) -> None:
    store, pause = world.store, threading.Event()
    while world.store is store and store.get(SERVICE, subscription.name) is subscription:
        waiting.attempts += 1
        if _is_taken(world, subscription, waiting.message):
            with world.lock:
                queue(subscription).remove(waiting)
            return
        pause.wait(_PAUSE_SECONDS)


def _is_taken(world: World, subscription: Record, message: Body) -> bool:
    config = subscription.body["pushConfig"]
    address, token = _called(world, config["pushEndpoint"]), config.get("oidcToken", {})
    headers = {"Content-Type": "application/json"}
    if account := token.get("serviceAccountEmail"):
        audience = token.get("audience") or config["pushEndpoint"]
        headers["Authorization"] = f"Bearer {identity_token(account, audience)}"
    body = json.dumps({"message": message, "subscription": subscription.name}).encode()
    request = urllib.request.Request(address, body, headers, method="POST")  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(request, timeout=_CALL_SECONDS):  # noqa: S310 - our own server
            return True
    except (urllib.error.URLError, ConnectionError):
        return False


def _called(world: World, endpoint: str) -> str:
    found = _ADDRESS.fullmatch(endpoint)
    if found is None:
        raise ValueError(f"the test cloud pushes to services of Cloud Run, not to `{endpoint}`")
    return f"{world.address}/_run/{found['service']}{found['path']}"
