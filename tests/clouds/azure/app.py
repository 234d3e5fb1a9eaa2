"""What a request goes through: token, faults, judgement, a part's handler or a standard one."""

import re
import traceback

from tests.clouds.azure import arm, control, identities, metadata, tokens
from tests.clouds.azure.addresses import ARM, IDENTITY, METADATA, STORAGE
from tests.clouds.azure.calls import Answer, Call, CloudError, Deferred, Request, told
from tests.clouds.azure.parts import Service, services
from tests.clouds.azure.tokens import Caller
from tests.clouds.azure.world import World

_ACCOUNT = re.compile(rf"(?P<account>\w+)\.(?P<service>blob|table)\.{re.escape(STORAGE)}(:\d+)?")


_OPEN = {IDENTITY: identities.answer, METADATA: metadata.answer}


def answer(world: World, request: Request) -> Answer:
    """Answer one request.

    Raises:
        ConnectionAbortedError: when the connection is to die.
    """
    path = _path(request)
    if path.startswith(control.ROOT):
        return control.answer(world, request)
    if path in _OPEN:
        return _OPEN[path](world, request)
    name, _, rest = path.partition("/")
    service = arm.SERVICE if name == ARM else services().get(name)
    if service is None:
        return CloudError(
            501, "NotImplemented", f"The test cloud has no service `{name}`."
        ).answer()
    try:
        return _serve(world, service, request, rest)
    except CloudError as error:
        return service.refuse(error)
    except ConnectionAbortedError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of the cloud itself is told to the test
        where = "".join(traceback.format_exception(error)[-3:])
        text = f"the test cloud fails at {request.verb} {request.path}: {where}"
        return service.refuse(CloudError(500, "TestCloudError", text))


def _path(request: Request) -> str:
    """Return the path below the cloud's address; an account's own host is a way there, too."""
    found = _ACCOUNT.fullmatch(request.headers.get("host", ""))
    start = f"{found['service']}/{found['account']}/" if found else ""
    return f"{start}{request.path.strip('/')}"


def _serve(world: World, service: Service, request: Request, path: str) -> Answer:
    caller = _caller(service, request)
    params = dict(request.query)
    # The end of a path may be a name's own slash.
    path += "/" if request.path.endswith("/") and path else ""
    method = service.method(request, path)
    call = Call(service.name, method, path, params, {}, request, caller)
    note = {"service": service.name, "method": method, "caller": caller.principal, "path": path}
    fault = world.faults.of(call.service, call.method)
    try:
        world.faults.before(fault)
        result = world.holding(lambda: _handled(world, service, call, fault))
        result = result.make() if isinstance(result, Deferred) else result
    except CloudError as error:
        world.calls.append({**note, "status": error.status})
        raise
    answered = result if isinstance(result, Answer) else told(result)
    world.calls.append({**note, "status": answered.status})
    world.faults.after(fault)
    return answered


def _handled(world: World, service: Service, call: Call, fault: object) -> object:
    world.fault = fault  # pyright: ignore[reportAttributeAccessIssue]
    return service.answer(world, call)


def _caller(service: Service, request: Request) -> Caller:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    found = tokens.read(token) if scheme.lower() == "bearer" else None
    if not service.audiences:
        return found or Caller()
    if found is None:
        raise CloudError(
            401,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing or is no token.",
            headers={"WWW-Authenticate": f'Bearer resource="{service.audiences[0]}"'},
        )
    # azure-ai-ml asks for a token of Azure Resource Manager's own address.
    if not tokens.is_for(found.audience, (*service.audiences, _own(request))):
        text = f"The access token has been obtained for wrong audience '{found.audience}'."
        raise CloudError(401, "InvalidAuthenticationTokenAudience", text)
    return found


def _own(request: Request) -> str:
    return f"https://{request.headers.get('host', '')}/{ARM}"
