"""Actions that call: HTTP, with the token of the workflow's managed identity.

https://learn.microsoft.com/azure/logic-apps/authenticate-with-managed-identity. Limits: what is
repeated, or polled, waits half a second at most.
"""

import json
import threading
from collections.abc import Mapping
from typing import Any

import requests

from tests.clouds.azure.work.api import Api
from tests.clouds.azure.work.failures import WorkError, unknown
from tests.clouds.azure.work.times import seconds
from tests.clouds.runs import CancelledError

_TRIES = 5
"""Four repetitions are what Logic Apps do when nothing else is asked for."""
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_WAIT_SECONDS = 0.5
_POLLS = 240
_ACCEPTED = 202


def http(told: Mapping[str, Any], calls: "Callers", stopping: threading.Event) -> dict[str, Any]:
    """Return what an HTTP action is answered.

    Args:
        told: the action with its inputs evaluated, and `operationOptions`.
        calls: the identities that the workflow has.
        stopping: set when the run is told to stop.

    Raises:
        WorkError: it asks for what there is not.
    """
    inputs = told["inputs"]
    api, audience = calls.of(inputs.get("authentication"))
    policy = inputs.get("retryPolicy") or told.get("retryPolicy") or {}
    answer = _sent(inputs, api, audience)
    for _ in range(_tries(policy) - 1):
        if answer.status_code not in _AGAIN:
            break
        _wait(stopping, policy.get("interval"))
        answer = _sent(inputs, api, audience)
    if "DisableAsyncPattern" not in str(told.get("operationOptions", "")):
        answer = _polled(answer, api, audience, stopping)
    return _told(answer)


def _tries(policy: Mapping[str, Any]) -> int:
    if policy.get("type") == "none":
        return 1
    return int(policy["count"]) + 1 if "count" in policy else _TRIES


def _wait(stopping: threading.Event, interval: Any) -> None:
    if stopping.wait(min(seconds(interval, _WAIT_SECONDS), _WAIT_SECONDS)):
        raise CancelledError


def _sent(inputs: Mapping[str, Any], api: Api, audience: str) -> requests.Response:
    body = inputs.get("body")
    headers = {name: str(one) for name, one in (inputs.get("headers") or {}).items()}
    if body is not None and not isinstance(body, str):
        headers = {"Content-Type": "application/json", **headers}
        body = json.dumps(body)
    query = {name: str(one) for name, one in (inputs.get("queries") or {}).items()}
    return api.send(
        inputs["method"],
        inputs["uri"],
        body=body.encode() if body is not None else None,
        headers=headers,
        audience=audience,
        query=query,
    )


def _polled(
    answer: requests.Response, api: Api, audience: str, stopping: threading.Event
) -> requests.Response:
    """Return the end of what was accepted: its `Location` is looked at."""
    for _ in range(_POLLS):
        place = answer.headers.get("Location")
        if answer.status_code != _ACCEPTED or not place:
            return answer
        _wait(stopping, None)
        answer = api.send("GET", place, audience=audience)
    raise WorkError("The asynchronous operation did not end.", "ActionTimedOut")


def _told(answer: requests.Response) -> dict[str, Any]:
    kind = answer.headers.get("Content-Type", "")
    body: Any = answer.text
    if "json" in kind and answer.content:
        body = answer.json()
    told = {"statusCode": answer.status_code, "headers": dict(answer.headers)}
    return {**told, **({"body": body} if answer.content else {})}


class Callers:
    """Whose tokens a workflow can show."""

    def __init__(self, plain: Api, own: Api | None, of: Any) -> None:
        self._plain, self._own, self._of = plain, own, of

    def of(self, authentication: Mapping[str, Any] | None) -> tuple[Api, str]:
        """Return who calls, and whom the token is for; empty for none.

        Raises:
            WorkError: the workflow has no such identity.
        """
        if not authentication:
            return self._plain, ""
        if authentication.get("type") != "ManagedServiceIdentity":
            raise unknown(f"authentication of the type `{authentication.get('type')}`")
        audience = authentication.get("audience") or "https://management.azure.com/"
        named = authentication.get("identity")
        api = self._of(named) if named else self._own
        if api is None:
            raise WorkError(
                "The workflow connection authentication type 'ManagedServiceIdentity' is not "
                "valid: the workflow has no managed identity.",
                "ManagedServiceIdentityNotEnabled",
            )
        return api, str(audience).rstrip("/")
