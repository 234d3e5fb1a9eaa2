"""Calls of Google Cloud's REST methods, by the names that the discovery documents give them.

`call(place, "aiplatform.v1", "projects.locations.models.get", {"name": …})` returns the answer as
JSON-like values. Repeated, with growing pauses, is what can be repeated: reads, updates and
deletions after every passing fault; creations only when the service has refused them unread, or
when the caller says that a second one does no harm (it names an id of its own). Methods that
start a long-running operation are called by `lro.run`, which waits for its end.
"""

import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from mlops_iac_gcp.errors import GcpError, UnreachedError
from mlops_iac_gcp.faults import LOG_IN, REACH, api_error
from mlops_iac_gcp.session import Place, session

ATTEMPTS = 8
"""Tries of one call when Google throttles, fails in passing, or a connection breaks."""
FIRST_PAUSE_SECONDS = 1.0
"""Longest pause before the second try; each further one may be twice as long."""
LONGEST_PAUSE_SECONDS = 32.0
TIMEOUT_SECONDS = (10.0, 120.0)
"""To connect, and between two bytes of the answer."""
Pause = Callable[[float], None]
_UNREAD = frozenset({429})
"""Statuses that say that a request was not carried out."""
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
# https://cloud.google.com/apis/design/standard_methods: what may be sent twice.
_REPEATABLE = frozenset({"DELETE", "GET", "PATCH", "PUT"})
_HARMLESS = frozenset(
    {
        "acknowledge",
        "cancel",
        "directPredict",
        "explain",
        "fetchFeatureValues",
        "getIamPolicy",
        "list",
        "mergeVersionAliases",
        "predict",
        "query",
        "rawPredict",
        "searchModelMonitoringAlerts",
        "searchModelMonitoringStats",
        "testIamPermissions",
        "wait",
    }
)
"""Methods that are sent by POST, and only read, or leave the same when called twice."""
# What `{+name}` leaves as it is: https://www.rfc-editor.org/rfc/rfc6570#section-3.2.3
_RESERVED = "/:@!$&'()*+,;="
_PARAMETER = re.compile(r"\{(\+?)(\w+)\}")


@dataclass(frozen=True)
class Method:
    """One REST method, from the discovery documents."""

    api: str
    name: str
    verb: str
    path: str
    query: frozenset[str]

    @property
    def service(self) -> str:
        """Name of the service, such as `aiplatform`."""
        return self.api.partition(".")[0]

    @property
    def is_repeatable(self) -> bool:
        """Whether it does no harm to call it twice."""
        last = self.name.rpartition(".")[2]
        return self.verb in _REPEATABLE or last in _HARMLESS


def method(api: str, name: str) -> Method:
    """Return a method of `methods.txt`.

    Raises:
        LookupError: the table lacks it: add its collection to `tools/gcp_methods.py`.
    """
    found = _methods().get((api, name))
    if found is None:
        raise LookupError(f"`methods.txt` lacks `{name}` of `{api}`")
    return found


def call(  # noqa: PLR0913  what each call may say, by keyword
    place: Place,
    api: str,
    name: str,
    parameters: Mapping[str, Any],
    body: Mapping[str, Any] | None = None,
    *,
    repeatable: bool | None = None,
    pause: Pause = time.sleep,
    address: str | None = None,
) -> dict[str, Any]:
    """Call a method and return its answer.

    Args:
        place: where, and as whom.
        api: service and version, such as `aiplatform.v1`.
        name: the method's name in the discovery document, without the service.
        parameters: those of path and query; `None` is left out.
        body: the request, if the method takes one.
        repeatable: whether a second call does no harm; by the method's own kind when left out.
        pause: waits between two tries; a handler gives its call's own `wait`.
        address: root to call instead of the service's own, such as that of a dedicated endpoint.

    Raises:
        ApiError: the service refuses.
        UnreachedError: no answer has come.
    """
    wanted = method(api, name)
    request = Request(
        doing=name.removeprefix("projects.locations."),
        verb=wanted.verb,
        url=f"{address or place.address(wanted.service)}{_path(wanted, parameters)}",
        query=_query(wanted, parameters),
        body=body,
        repeatable=wanted.is_repeatable if repeatable is None else repeatable,
    )
    return send(place, request, pause=pause)


def listed(
    place: Place, api: str, name: str, parameters: Mapping[str, Any], key: str
) -> Iterator[dict[str, Any]]:
    """Yield what a method lists under `key`, through all pages."""
    token: str | None = None
    while True:
        answer = call(place, api, name, {**parameters, "pageToken": token})
        yield from answer.get(key, ())
        token = answer.get("nextPageToken")
        if not token:
            return


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call, ready to be sent."""

    doing: str
    """What is done, for the user's eye."""
    verb: str
    url: str
    query: Mapping[str, Any]
    body: Mapping[str, Any] | None = None
    form: Mapping[str, tuple[str | None, Any]] | None = None
    """Parts of a multipart form, as (file name, content), where a service wants that."""
    repeatable: bool = False
    """Whether a second call does no harm."""


def send(place: Place, request: Request, *, pause: Pause = time.sleep) -> dict[str, Any]:
    """Send a request, again after passing faults; return the answer as JSON-like values."""
    return _read(answered(place, request, pause=pause)) or {}


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
            raise api_error(request.doing, answer.status_code, _read(answer))
        pause(_wished(answer) or random.uniform(0, longest))  # noqa: S311
    raise AssertionError  # the last try returns or raises


def _sent(place: Place, request: Request) -> Any:
    from google.auth.exceptions import GoogleAuthError, TransportError
    from requests import RequestException

    try:
        return session(place).request(
            request.verb,
            request.url,
            params=request.query,
            json=request.body,
            files=request.form,
            timeout=TIMEOUT_SECONDS[1],
            headers={"x-goog-api-client": "mlops-iac", "User-Agent": "mlops-iac"},
        )
    except (TransportError, RequestException) as error:
        raise UnreachedError(f"{request.doing}: {error}", remedy=REACH) from error
    except GoogleAuthError as error:
        raise GcpError(f"{request.doing}: {error}", remedy=LOG_IN) from error


def _read(answer: Any) -> Any:
    try:
        return answer.json()
    except json.JSONDecodeError:
        return answer.text


def _wished(answer: Any) -> float | None:
    """Return the pause that the service itself asks for."""
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), LONGEST_PAUSE_SECONDS) if asked.isdigit() else None


def _pauses() -> Iterator[float]:
    for attempt in range(ATTEMPTS - 1):
        yield min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS)


def _path(wanted: Method, parameters: Mapping[str, Any]) -> str:
    def filled(match: re.Match[str]) -> str:
        return quote(str(parameters[match[2]]), safe=_RESERVED if match[1] else "")

    return _PARAMETER.sub(filled, wanted.path)


def _query(wanted: Method, parameters: Mapping[str, Any]) -> dict[str, Any]:
    inside = {match[2] for match in _PARAMETER.finditer(wanted.path)}
    given = {key: value for key, value in parameters.items() if key not in inside}
    strange = given.keys() - wanted.query
    if strange:
        raise LookupError(f"`{wanted.name}` has no parameter {sorted(strange)}")
    return {key: _spelled(value) for key, value in given.items() if value is not None}


def _spelled(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


@cache
def _methods() -> Mapping[tuple[str, str], Method]:
    table = files("mlops_iac_gcp").joinpath("methods.txt").read_text()
    methods = (_parsed(line.split(" ")) for line in table.splitlines())
    return {(each.api, each.name): each for each in methods}


def _parsed(parts: list[str]) -> Method:
    api, name, verb, path, *query = parts
    return Method(api, name, verb, path, frozenset(query[0].split(",") if query else ()))
