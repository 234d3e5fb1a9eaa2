"""Calls of Azure's REST interfaces: Resource Manager, and the services beside it.

`call(place, "GET", "/subscriptions/…")` returns the answer as JSON-like values; the version of
the API comes of the resource's type (`api_versions`). Repeated, with growing pauses, is what can
be repeated: reads, puts, patches and deletions after every passing fault; POSTs only when the
service has refused them unread, or when the caller says that a second one does no harm. Calls that
start a long-running operation are made by `lro.run`, which waits for its end.
"""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_iac_azure.api_versions import type_of, version_of
from mlops_iac_azure.errors import AzureError, UnreachedError
from mlops_iac_azure.fault_codes import LOG_IN, REACH
from mlops_iac_azure.faults import api_error
from mlops_iac_azure.session import Place, session, token

ATTEMPTS = 8
"""Tries of one call when Azure throttles, fails in passing, or a connection breaks."""
FIRST_PAUSE_SECONDS = 1.0
"""Longest pause before the second try; each further one may be twice as long."""
LONGEST_PAUSE_SECONDS = 32.0
TIMEOUT_SECONDS = (10.0, 120.0)
"""To connect, and between two bytes of the answer."""
ARM = "resourcemanager"
Pause = Callable[[float], None]
_UNREAD = frozenset({429})
"""Statuses that say that a request was not carried out."""
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
# https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md: these are idempotent.
_REPEATABLE = frozenset({"DELETE", "GET", "HEAD", "PATCH", "PUT"})


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call, ready to be sent."""

    doing: str
    """What is done, for the user's eye."""
    verb: str
    url: str
    service: str = ARM
    """Which service's token goes with it."""
    query: Mapping[str, Any] = field(default_factory=dict[str, Any])
    body: Mapping[str, Any] | None = None
    data: bytes | str | None = None
    """A body that is no JSON."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    repeatable: bool = False
    """Whether a second call does no harm."""
    key: str | None = None
    """What is sent as the bearer's token instead of the identity's own, such as an endpoint's."""


def call(  # noqa: PLR0913  what each call may say, by keyword
    place: Place,
    verb: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    api_version: str | None = None,
    query: Mapping[str, Any] | None = None,
    service: str = ARM,
    headers: Mapping[str, str] | None = None,
    repeatable: bool | None = None,
    doing: str = "",
    pause: Pause = time.sleep,
) -> dict[str, Any]:
    """Call a resource, collection or action and return its answer.

    Args:
        place: where, and as whom.
        verb: HTTP's own.
        path: id of a resource (`/subscriptions/…`), or a whole address.
        body: the request, if it takes one.
        api_version: of the resource; that of its type when left out, none for other services.
        query: further parameters; `None` is left out.
        service: whose address an id stands under, and whose token is sent.
        headers: further ones, such as `If-Match`.
        repeatable: whether a second call does no harm; by the verb when left out.
        doing: what is done, in words; verb and type when left out.
        pause: waits between two tries; a handler gives its call's own `wait`.

    Raises:
        ApiError: the service refuses.
        UnreachedError: no answer has come.
    """
    wanted = request_of(
        place, verb, path, body, api_version=api_version, query=query, service=service,
        headers=headers, repeatable=repeatable, doing=doing,
    )  # fmt: skip
    return send(place, wanted, pause=pause)


def request_of(  # noqa: PLR0913  what each call may say, by keyword
    place: Place,
    verb: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    api_version: str | None = None,
    query: Mapping[str, Any] | None = None,
    service: str = ARM,
    headers: Mapping[str, str] | None = None,
    repeatable: bool | None = None,
    doing: str = "",
) -> Request:
    """Return the request that `call` sends."""
    is_address = not path.startswith("/")
    asked: dict[str, Any] = dict(query or {})
    if "api-version=" not in path:
        if service == ARM:
            asked["api-version"] = api_version or version_of(path)
        elif api_version is not None:
            asked["api-version"] = api_version
    return Request(
        doing=doing or f"{verb} {_short(path)}",
        verb=verb,
        url=path if is_address else f"{place.address(service)}{path}",
        service=service,
        query={key: value for key, value in asked.items() if value is not None},
        body=body,
        headers=headers or {},
        repeatable=verb in _REPEATABLE if repeatable is None else repeatable,
    )


def listed(
    place: Place,
    path: str,
    *,
    query: Mapping[str, Any] | None = None,
    api_version: str | None = None,
    pause: Pause = time.sleep,
) -> Iterator[dict[str, Any]]:
    """Yield what a collection of Resource Manager holds, through all pages."""
    answer = call(place, "GET", path, query=query, api_version=api_version, pause=pause)
    while True:
        yield from answer.get("value", ())
        following = answer.get("nextLink")
        if not following:
            return
        answer = call(place, "GET", following, api_version=api_version or version_of(path))


def send(place: Place, request: Request, *, pause: Pause = time.sleep) -> dict[str, Any]:
    """Send a request, again after passing faults; return the answer as JSON-like values."""
    return read(answered(place, request, pause=pause)) or {}


def answered(place: Place, request: Request, *, pause: Pause = time.sleep) -> Any:
    """Send a request, again after passing faults; return the answer as `requests` has it."""
    for longest in (*_pauses(), None):
        try:
            answer = _sent(place, request)
        except UnreachedError:
            if longest is None or not request.repeatable:
                raise
            pause(random.uniform(0, longest))  # noqa: S311  jitter is no secret
            continue
        if answer.ok:
            return answer
        passing = _PASSING if request.repeatable else _UNREAD
        if longest is None or answer.status_code not in passing:
            raise api_error(request.doing, answer.status_code, read(answer))
        pause(wished(answer) or random.uniform(0, longest))  # noqa: S311
    raise AssertionError  # the last try returns or raises


def read(answer: Any) -> Any:
    """Return what an answer holds: JSON-like values, else its text, `None` without any."""
    if not answer.content:
        return None
    try:
        return answer.json()
    except json.JSONDecodeError:
        return answer.text


def wished(answer: Any) -> float | None:
    """Return the pause, in seconds, that the service itself asks for."""
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), LONGEST_PAUSE_SECONDS) if asked.isdigit() else None


def _sent(place: Place, request: Request) -> Any:
    from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
    from requests import RequestException

    try:
        bearer = request.key or token(place, request.service)
        return session(place).request(
            request.verb,
            request.url,
            params=request.query,
            json=request.body,
            data=request.data,
            timeout=TIMEOUT_SECONDS,
            headers={
                "Authorization": f"Bearer {bearer}",
                "User-Agent": "mlops-iac",
                **request.headers,
            },
        )
    except (RequestException, ServiceRequestError) as error:
        raise UnreachedError(f"{request.doing}: {error}", remedy=REACH) from error
    except ClientAuthenticationError as error:
        said = str(error).partition("\n")[0]
        raise AzureError(f"{request.doing}: {said}", remedy=LOG_IN) from error


def _pauses() -> Iterator[float]:
    for attempt in range(ATTEMPTS - 1):
        yield min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS)


def _short(path: str) -> str:
    """Return type and name of what an id names; an address without its parameters."""
    if not path.startswith("/"):
        return path.partition("?")[0]
    return f"{type_of(path).rpartition('.')[2]} {path.partition('?')[0].rpartition('/')[2]}"
