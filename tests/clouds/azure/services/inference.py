"""Calls of online endpoints: who may, which deployment takes one, and what it mirrors.

https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints (status
codes). The order of deployments is seeded; a mirrored call is made before the answer goes out.
"""

import random
from collections.abc import Mapping
from urllib.parse import urlencode

from tests.clouds.azure import roles, tokens
from tests.clouds.azure.calls import Answer, Deferred
from tests.clouds.azure.hooks import Invocation, Reply, Run
from tests.clouds.azure.services import metrics, planes
from tests.clouds.azure.services.planes import Asked, Operation, Refusal
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

_WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
ENDPOINT = f"{_WORKSPACE}/onlineEndpoints"
HEADER = "azureml-model-deployment"
_KEYS = ("primaryKey", "secondaryKey")
_OWN = frozenset({"authorization", "host", "connection", HEADER})


def endpoint(world: World, name: str) -> Record:
    """Return an endpoint by its name, which is the only one in its region.

    Raises:
        Refusal: 404; at Azure there is no such host.
    """
    for record in world.store.of_type(ENDPOINT):
        if record.name.lower() == name.lower():
            return record
    raise Refusal(404, "NotFound", f"There is no endpoint `{name}`.")


def keys_of(record: Record) -> dict[str, str]:
    """Return an endpoint's keys, for `listKeys`."""
    made = {one: f"{one}-of-{record.name}" for one in _KEYS}
    return record.hidden.setdefault("keys", made)


def token_of(record: Record) -> str:
    """Return a token of an endpoint, for `getToken`."""
    return f"token-of-{record.name}"


def _admit(asked: Asked, record: Record) -> None:
    """Refuse who has neither the key nor the token that the endpoint wants."""
    scheme, _, given = asked.header("authorization").partition(" ")
    mode = str(record.properties.get("authMode", "Key")).lower()
    if scheme.lower() == "bearer" and mode == "key" and given in keys_of(record).values():
        return
    if scheme.lower() == "bearer" and mode == "amltoken" and given == token_of(record):
        return
    is_for = tokens.is_for(asked.caller.audience, tokens.MACHINE_LEARNING)
    if mode == "aadtoken" and asked.caller.principal and is_for:
        roles.require(asked.world, asked.caller, f"{ENDPOINT}/score/action", record.id)
        return
    message = f"The endpoint `{record.name}` wants a {mode} and the request has none of its own."
    raise Refusal(401, "Unauthorized", message)


def _find(asked: Asked) -> Operation:
    del asked
    return Operation("score", _score)


def _score(asked: Asked) -> Deferred:
    world = asked.world
    record = endpoint(world, asked.name)
    _admit(asked, record)
    name = asked.header(HEADER) or _chosen(world, record)
    run = _running(world, record, name)
    mirrors = [_running(world, record, one) for one in _mirrored(world, record, name)]
    query = urlencode(asked.request.query)
    path = f"/{asked.path}{f'?{query}' if query else ''}"
    headers = {key: one for key, one in asked.request.headers.items() if key not in _OWN}
    invocation = Invocation(asked.verb, path, asked.body, headers)

    def make() -> Answer:
        reply = world.work.invoke(run, invocation)
        for mirror in mirrors:
            world.work.invoke(mirror, invocation)
        _count(world, record, name, reply)
        return _answered(name, reply)

    return Deferred(make)


def _chosen(world: World, record: Record) -> str:
    """Return the deployment that takes a call, by the split of traffic."""
    traffic = _positive(record.properties.get("traffic"))
    if not traffic:
        message = "The endpoint doesn't have any valid deployment with positive weight."
        raise Refusal(404, "NotFound", message)
    return _draw(world).choices([*traffic], weights=[*traffic.values()])[0]


def _positive(told: Mapping[str, int] | None) -> dict[str, int]:
    return {name: int(weight) for name, weight in (told or {}).items() if int(weight) > 0}


def _draw(world: World) -> random.Random:
    return world.state("traffic", lambda: random.Random(0))


def _mirrored(world: World, record: Record, name: str) -> list[str]:
    """Return the deployments that get a copy of a call, too."""
    told = _positive(record.properties.get("mirrorTraffic"))
    return [
        one for one, weight in told.items() if one != name and _draw(world).random() * 100 < weight
    ]


def _running(world: World, record: Record, name: str) -> Run:
    run = world.runs.get(f"{record.id}/deployments/{name}".lower())
    if run is None or not run.ended.is_set():
        raise Refusal(404, "NotFound", f"The endpoint has no deployment `{name}` that serves.")
    return run


def _answered(name: str, reply: Reply) -> Answer:
    headers = {**reply.headers, HEADER: name}
    if reply.status < 400:
        return Answer(reply.status, reply.body, headers)
    # Whatever the container says, it is the model's error.
    reason = {"ms-azureml-model-error-statuscode": str(reply.status)}
    reason["ms-azureml-model-error-reason"] = "model_error"
    return Answer(424, reply.body, {**headers, **reason})


def _count(world: World, record: Record, name: str, reply: Reply) -> None:
    status = reply.status if reply.status < 400 else 424
    own = {"deployment": name, "modelStatusCode": str(reply.status), "statusCode": str(status)}
    own["statusCodeClass"] = f"{status // 100}xx"
    world.holding(lambda: metrics.write(world, record.id, "RequestsPerMinute", 1.0, own))


SERVICE = planes.service("inference", _find)
