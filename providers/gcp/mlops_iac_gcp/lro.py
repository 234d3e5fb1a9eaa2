"""Long-running operations: started, told of, awaited, found again.

An operation's name is given to `started` before anybody waits for it: a handler writes it down, so
that a call that was killed while it waited goes on waiting instead of asking for a second thing.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from mlops_iac_gcp import rest
from mlops_iac_gcp.faults import operation_error
from mlops_iac_gcp.rest import Pause
from mlops_iac_gcp.session import Place

FIRST_POLL_SECONDS = 1.0
LONGEST_POLL_SECONDS = 15.0
"""Between two looks at an operation: half as long again each time, up to this."""
TELL_SECONDS = 60.0
"""Between two words to the user about an operation that goes on."""


def run(  # noqa: PLR0913  what each call may say, by keyword
    place: Place,
    api: str,
    name: str,
    parameters: Mapping[str, Any],
    body: Mapping[str, Any] | None = None,
    *,
    repeatable: bool | None = None,
    pause: Pause = time.sleep,
    log: Callable[[str], None] | None = None,
    started: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Call a method that starts an operation, wait for its end and return its response.

    Raises:
        ApiError: the call, or the operation, has failed.
    """
    operation = rest.call(place, api, name, parameters, body, repeatable=repeatable, pause=pause)
    if started is not None and operation.get("name"):
        started(operation["name"])
    doing = name.removeprefix("projects.locations.")
    return wait(place, api, operation, doing=doing, pause=pause, log=log)


def wait(  # noqa: PLR0913  what each call may say, by keyword
    place: Place,
    api: str,
    operation: Mapping[str, Any] | str,
    *,
    doing: str = "operation",
    pause: Pause = time.sleep,
    log: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Wait for the end of an operation, given itself or by its name; return its response.

    Raises:
        ApiError: the operation has failed, or is not known (any more).
    """
    now = get(place, api, operation, pause=pause) if isinstance(operation, str) else operation
    seconds, silent = FIRST_POLL_SECONDS, 0.0
    while not now.get("done"):
        pause(seconds)
        silent += seconds
        if log is not None and silent >= TELL_SECONDS:
            log(f"{doing} goes on: {now['name']}")
            silent = 0.0
        seconds = min(seconds * 1.5, LONGEST_POLL_SECONDS)
        now = get(place, api, now["name"], pause=pause)
    if now.get("error"):
        raise operation_error(doing, now["error"])
    return dict(now.get("response", {}))


def get(place: Place, api: str, name: str, *, pause: Pause = time.sleep) -> dict[str, Any]:
    """Return an operation as it is now."""
    return _asked(place, api, name, "GET", pause)


def cancel(place: Place, api: str, name: str, *, pause: Pause = time.sleep) -> None:
    """Ask for the end of an operation; it ends, if it can, as cancelled."""
    _asked(place, api, f"{name}:cancel", "POST", pause)


def pending(
    place: Place, api: str, name: str, *, pause: Pause = time.sleep
) -> list[dict[str, Any]]:
    """Return the operations on a thing that have not ended."""
    answer = _asked(place, api, f"{name}/operations", "GET", pause)
    return [each for each in answer.get("operations", ()) if not each.get("done")]


def _asked(place: Place, api: str, name: str, verb: str, pause: Pause) -> dict[str, Any]:
    # Operations stand under what they work on (`…/models/7/operations/9`), and every collection
    # has methods of its own for them; all have this one path.
    service, _, version = api.partition(".")
    url = f"{place.address(service)}{version}/{name}"
    request = rest.Request(doing="operation", verb=verb, url=url, query={}, repeatable=True)
    return rest.send(place, request, pause=pause)
