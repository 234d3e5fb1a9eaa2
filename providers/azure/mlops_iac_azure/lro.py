"""Long-running operations: started, told of, awaited, found again.

An operation's address is given to `started` before anybody waits for it: a handler writes it down,
so that a call that was killed while it waited goes on waiting instead of asking a second time.

Resource Manager tells of one by `Azure-AsyncOperation` (a status), `Location` (202 until it has
ended), or by the resource's own `provisioningState`.
https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
"""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from mlops_iac_azure import rest
from mlops_iac_azure.faults import operation_error
from mlops_iac_azure.rest import Pause
from mlops_iac_azure.session import Place

FIRST_POLL_SECONDS = 1.0
LONGEST_POLL_SECONDS = 15.0
"""Between two looks at an operation that names no pause: half as long again each time."""
TELL_SECONDS = 60.0
"""Between two words to the user about an operation that goes on."""
ACCEPTED = 202
_ENDED_WELL = "succeeded"
_ENDED_BADLY = frozenset({"failed", "canceled", "cancelled"})
_STATUS_HEADER = "Azure-AsyncOperation"


def run(  # noqa: PLR0913  what each call may say, by keyword
    place: Place,
    verb: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    api_version: str | None = None,
    query: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    repeatable: bool | None = None,
    doing: str = "",
    pause: Pause = time.sleep,
    log: Callable[[str], None] | None = None,
    started: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Call, wait until what it started has ended, and return what came of it.

    Of PUT and PATCH that is the resource, of DELETE nothing, of POST the operation's result.

    Raises:
        ApiError: the call, or the operation, has failed.
    """
    request = rest.request_of(
        place, verb, path, body, api_version=api_version, query=query, headers=headers,
        repeatable=repeatable, doing=doing,
    )  # fmt: skip
    answer = rest.answered(place, request, pause=pause)
    told = rest.read(answer) or {}
    address = answer.headers.get(_STATUS_HEADER) or _location(answer)
    if address is None and not _goes_on(told):
        return told
    if address is not None and started is not None:
        started(address)
    if address is not None:
        told = wait(place, address, doing=request.doing, pause=pause, log=log)
    if verb in {"PUT", "PATCH"}:
        return settled(
            place, path, api_version=api_version, doing=request.doing, pause=pause, log=log
        )
    return {} if verb == "DELETE" else told


def wait(
    place: Place,
    address: str,
    *,
    doing: str = "operation",
    pause: Pause = time.sleep,
    log: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Wait for the end of the operation at an address; return what it tells at its end.

    Raises:
        ApiError: the operation has failed, or is not known (any more).
    """
    seconds, silent = FIRST_POLL_SECONDS, 0.0
    while True:
        answer = rest.answered(place, _look(address, doing), pause=pause)
        told = rest.read(answer) or {}
        state = _state(answer, told)
        if state in _ENDED_BADLY:
            raise operation_error(doing, _reason(told, state))
        if state == _ENDED_WELL:
            return told
        nap = rest.wished(answer)
        pause(seconds if nap is None else nap)
        silent += seconds if nap is None else nap
        if log is not None and silent >= TELL_SECONDS:
            log(f"{doing} goes on")
            silent = 0.0
        seconds = min(seconds * 1.5, LONGEST_POLL_SECONDS)


def settled(  # noqa: PLR0913  what each call may say, by keyword
    place: Place,
    path: str,
    *,
    api_version: str | None = None,
    doing: str = "",
    pause: Pause = time.sleep,
    log: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Return a resource once its `provisioningState` is one that stays.

    Raises:
        ApiError: it has failed, or there is no such resource.
    """
    seconds, silent = FIRST_POLL_SECONDS, 0.0
    while True:
        now = rest.call(place, "GET", path, api_version=api_version, pause=pause)
        state = provisioning(now)
        if state in _ENDED_BADLY:
            reason = now.get("properties", {}).get("provisioningError") or _reason(now, state)
            raise operation_error(doing or path, reason)
        if not _goes_on(now):
            return now
        pause(seconds)
        silent += seconds
        if log is not None and silent >= TELL_SECONDS:
            log(f"{doing or path}: {state}")
            silent = 0.0
        seconds = min(seconds * 1.5, LONGEST_POLL_SECONDS)


def removed(  # noqa: PLR0913  what each call may say, by keyword
    place: Place,
    path: str,
    *,
    api_version: str | None = None,
    query: Mapping[str, Any] | None = None,
    pause: Pause = time.sleep,
    log: Callable[[str], None] | None = None,
) -> None:
    """Delete a resource and wait until it is gone; one that is not there is fine."""
    from mlops_iac_azure.faults import found

    found(run, place, "DELETE", path, api_version=api_version, query=query, pause=pause, log=log)


def provisioning(resource: Mapping[str, Any]) -> str:
    """Return the `provisioningState` of a resource in lower case; empty when it has none."""
    properties: Any = resource.get("properties") or {}
    return str(properties.get("provisioningState") or "").lower()


def _look(address: str, doing: str) -> rest.Request:
    return rest.Request(doing=doing, verb="GET", url=address, repeatable=True)


def _location(answer: Any) -> str | None:
    if answer.status_code != ACCEPTED:
        return None
    address = answer.headers.get("Location")
    return address if address and urlsplit(address).scheme else None


def _state(answer: Any, told: Mapping[str, Any]) -> str:
    """Return how an operation stands: `Azure-AsyncOperation` says it, `Location` by its status."""
    if answer.status_code == ACCEPTED:
        return "running"
    named = told.get("status")
    if isinstance(named, str):
        return named.lower()
    return provisioning(told) or _ENDED_WELL


def _goes_on(resource: Mapping[str, Any]) -> bool:
    state = provisioning(resource)
    return bool(state) and state not in {_ENDED_WELL, *_ENDED_BADLY}


def _reason(told: Mapping[str, Any], state: str) -> Any:
    properties: Any = told.get("properties") or {}
    return told.get("error") or properties.get("error") or {"code": state.title(), "message": ""}
