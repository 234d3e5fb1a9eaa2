"""What a request goes through: token, faults, judgement, a part's handler or a standard one."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

from tests.clouds.gcp import control, enums, judging, lro, policies, standard
from tests.clouds.gcp.calls import (
    Answer,
    Call,
    CloudError,
    Deferred,
    Request,
    Status,
    invalid,
    told,
)
from tests.clouds.gcp.parts import handlers
from tests.clouds.gcp.routes import find
from tests.clouds.gcp.services import runs
from tests.clouds.gcp.world import World

_READS = re.compile(r"^(get|list|fetch|query|search|lookup|wait)")


def answer(world: World, request: Request) -> Answer:
    """Answer one request.

    Raises:
        ConnectionAbortedError: when the connection is to die.
    """
    if request.path.startswith(control.ROOT):
        return control.answer(world, request)
    try:
        if request.path.startswith(runs.ROOT):
            return runs.invoke(world, request)
        return _serve(world, request)
    except CloudError as error:
        return told(error.body(), error.http)


def _serve(world: World, request: Request) -> Answer:
    call = _read(world, request)
    fault = world.faults.of(call.service, call.route.id)
    note = {"service": call.service, "method": call.route.id, "caller": call.caller}
    note["version"] = call.route.version
    try:
        world.faults.before(fault)
        judging.judge(call)
        result = world.holding(lambda: _handled(world, call, fault))
        result = result.make() if isinstance(result, Deferred) else result
    except CloudError as error:
        world.calls.append({**note, "status": error.http})
        raise
    answered = result if isinstance(result, Answer) else told(result)
    world.calls.append({**note, "status": answered.status})
    world.faults.after(fault)
    return answered


def _read(world: World, request: Request) -> Call:
    service, _, path = request.path.lstrip("/").partition("/")
    # Pieces of an upload are put where it was begun with a POST.
    verb = "POST" if is_media(request) and request.verb == "PUT" else request.verb
    # Google's own REST transport asks for Vertex's operations below `ui/`.
    path = re.sub(r"^ui/", "v1/", path) if service == "aiplatform" else path
    found = find(service, verb, path)
    if found is None:
        message = f"The requested URL {request.path} was not found ({request.verb})."
        raise CloudError(Status.NOT_FOUND, message)
    route, variables = found
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    caller = world.caller(token if scheme.lower() == "bearer" else "")
    params = {**judging.parameters(route, request.query), **variables}
    return Call(route, params, enums.named(route, _body(request)), request, caller)


def _body(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0]
    if not request.body or is_media(request) or kind not in {"", "application/json"}:
        return {}
    try:
        body = json.loads(request.body)
    except ValueError as error:
        raise invalid(f"Invalid JSON payload received. {error}") from None
    if not isinstance(body, dict):
        raise invalid("Invalid JSON payload received. Root element must be a message.")
    return body


def is_media(request: Request) -> bool:
    """Tell whether the body is contents, not the method's message."""
    path = urlsplit(request.path).path
    return path.startswith(("/storage/upload/", "/storage/resumable/", "/bigquery/upload/"))


def _handled(world: World, call: Call, fault: Any) -> Any:
    world.fault = fault
    special = handlers().get((call.service, call.route.id))
    if special is None:
        special = _general(call)
    if call.route.http == "GET" and not call.route.id.endswith("operations.list"):
        world.operations.tick(call.service)
    result = special(world, call)
    if not isinstance(result, Answer | Deferred):
        judging.check_answer(call.route, result)
    return result


def _general(call: Call) -> Any:
    if ".operations." in f".{call.route.id}":
        return lro.VERBS[call.verb]
    # The older APIs name by several variables; each of their methods is a part's.
    is_standard = len(call.route.names) == 1 and "{+" in call.route.template
    usual = standard.VERBS.get(call.verb) if is_standard else None
    found = policies.VERBS.get(call.verb) or usual
    if found is None:
        message = f"The test cloud does not do `{call.service}.{call.route.id}`."
        raise CloudError(Status.UNIMPLEMENTED, message)
    return found
