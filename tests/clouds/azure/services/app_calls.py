"""Calls of Container Apps: who may, and which revision takes one.

A host is a path here: `<address>/app/<name>/…` is the app that answers at its `fqdn`.
"""

import random
from urllib.parse import urlencode

from tests.clouds.azure import tokens
from tests.clouds.azure.calls import Answer, Body, Call, CloudError, Deferred, denied, not_found
from tests.clouds.azure.hooks import Invocation, Reply
from tests.clouds.azure.parts import Service
from tests.clouds.azure.services.apps import APPS
from tests.clouds.azure.store import Record
from tests.clouds.azure.tokens import Caller
from tests.clouds.azure.world import World

_OWN = frozenset({"host", "connection"})


def _called(world: World, call: Call) -> Deferred:
    name, _, rest = call.path.partition("/")
    app = next((one for one in world.store.of_type(APPS) if one.name == name), None)
    ingress = (app.properties["configuration"].get("ingress") if app else None) or {}
    if app is None or not ingress:
        raise not_found("", f"There is no app `{name}` that can be reached.", "NotFound")
    _admit(world, app, call.caller)
    revision = _chosen(world, app, ingress)
    run = world.runs.get(f"{app.id}/revisions/{revision}".lower())
    if run is None or not run.ended.is_set():
        raise CloudError(503, "ServiceUnavailable", "The app has no replica that answers.")
    query = urlencode(call.request.query)
    path = f"/{rest}{f'?{query}' if query else ''}"
    headers = {key: one for key, one in call.request.headers.items() if key not in _OWN}
    if call.caller.principal:
        headers["x-ms-client-principal-id"] = call.caller.principal
    invocation = Invocation(call.request.verb, path, call.request.body, headers)
    return Deferred(lambda: _told(revision, world.work.invoke(run, invocation)))


def _told(revision: str, reply: Reply) -> Answer:
    return Answer(reply.status, reply.body, {**reply.headers, "x-test-revision": revision})


def _admit(world: World, app: Record, caller: Caller) -> None:
    """Refuse who may not call an app that asks who calls (`authConfigs/current`)."""
    config = world.store.get(f"{app.id}/authConfigs/current")
    if config is None or (config.properties.get("platform") or {}).get("enabled") is False:
        return
    wanted = config.properties.get("globalValidation") or {}
    if wanted.get("unauthenticatedClientAction", "Return401") == "AllowAnonymous":
        return
    if not caller.principal:
        raise CloudError(401, "Unauthorized", "The app wants a token.")
    validation = (
        (config.properties.get("identityProviders") or {}).get("azureActiveDirectory") or {}
    ).get("validation") or {}
    audiences = validation.get("allowedAudiences") or []
    if audiences and not tokens.is_for(caller.audience, audiences):
        raise CloudError(401, "Unauthorized", f"The token is for `{caller.audience}`.")
    policy = validation.get("defaultAuthorizationPolicy") or {}
    allowed = (policy.get("allowedPrincipals") or {}).get("identities") or []
    if allowed and not caller.is_user and caller.principal not in allowed:
        raise denied(f"`{caller.principal}` may not call the app.", "Forbidden")


def _chosen(world: World, app: Record, ingress: Body) -> str:
    latest = app.properties.get("latestReadyRevisionName", "")
    rules = [one for one in ingress.get("traffic") or [] if one.get("weight")]
    if not rules or app.properties["configuration"]["activeRevisionsMode"] == "Single":
        return latest
    draw: random.Random = world.state("app traffic", lambda: random.Random(0))
    one = draw.choices(rules, weights=[each["weight"] for each in rules])[0]
    return latest if one.get("latestRevision") else one["revisionName"]


SERVICE = Service("app", _called)
