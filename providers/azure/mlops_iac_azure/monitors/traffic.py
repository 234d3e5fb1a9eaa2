"""What an endpoint's data collector has captured: requests with their answers, as JSON lines.

Two collections, `request` and `response`, hold one CloudEvent a line, in a file an hour and
instance; `correlationid` joins them.
https://learn.microsoft.com/azure/machine-learning/how-to-collect-production-data
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from mlops_iac.loop.preparing import Window
from mlops_iac_azure import documents, place
from mlops_iac_azure.faults import told
from mlops_iac_azure.serving.captures import REQUEST, RESPONSE, folder
from mlops_iac_azure.session import Place

MOST_REQUESTS = 200_000
"""So many of the newest requests are read of one check."""
_HOURLY = re.compile(r".*/(\d{4})/(\d{2})/(\d{2})/(\d{2})/[^/]+\.jsonl")
_HOUR = timedelta(hours=1)


def fetch(where: Place, bucket: str, endpoint: str, window: Window) -> list[dict[str, Any]]:
    """Return logged requests, newest first; none while the collector has written nothing.

    A request whose answer is not written yet is left out.

    Args:
        where: the account's place.
        bucket: of the captures, `account/container`.
        endpoint: the component.
        window: of which deployment, and when.
    """
    with told("reading the captured requests"):
        answers = _answers(where, bucket, folder(endpoint, window.deployed, RESPONSE), window)
        found = list[dict[str, Any]]()
        for event in _events(where, bucket, folder(endpoint, window.deployed, REQUEST), window):
            answer = answers.get(event["correlationid"])
            if answer is not None and window.since <= _moment(event) < window.until:
                found.append(_logged(where, event, answer))
            if len(found) >= MOST_REQUESTS:
                break
    return sorted(found, key=lambda each: each["at"], reverse=True)


def _answers(where: Place, bucket: str, under: str, window: Window) -> dict[str, Mapping[str, Any]]:
    return {each["correlationid"]: each for each in _events(where, bucket, under, window)}


def _events(where: Place, bucket: str, under: str, window: Window) -> Iterator[Mapping[str, Any]]:
    """Yield the events of a collection, the newest hour first."""
    for path in _files(where, bucket, under, window):
        held = documents.read_bytes(where, bucket, path)
        for line in () if held is None else held[0].splitlines():
            yield json.loads(line)


def _files(where: Place, bucket: str, under: str, window: Window) -> list[str]:
    """Return the files that may hold a time, newest first."""
    found = dict[str, datetime]()
    for path in documents.paths(where, bucket, f"{under}/"):
        if (named := _HOURLY.fullmatch(path)) is not None:
            year, month, day, hour = (int(part) for part in named.groups())
            found[path] = datetime(year, month, day, hour, tzinfo=UTC)
    # A file is of an hour, and an answer may be written in the hour after its request.
    inside = [p for p, hour in found.items() if window.since - _HOUR < hour + _HOUR]
    inside = [path for path in inside if found[path] <= window.until + _HOUR]
    return sorted(inside, key=lambda path: found[path], reverse=True)


def _logged(where: Place, event: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "at": _moment(event).isoformat(),
        # What the caller has called it, in the header `x-request-id`; else Azure ML's own name.
        "request": str(event.get("xrequestid") or event["correlationid"]),
        "asked": [_text(where, event)],
        "answered": [_text(where, answer)],
    }


def _moment(event: Mapping[str, Any]) -> datetime:
    moment = datetime.fromisoformat(event["time"])
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(where: Place, event: Mapping[str, Any]) -> str:
    data = event["data"]
    if str(event.get("datainblob", "")).lower() == "true":
        # What is too large for a line lies beside it.
        bucket, path = place.split(data)
        held = documents.read_bytes(where, bucket, path)
        return "" if held is None else held[0].decode()
    return data if isinstance(data, str) else json.dumps(data)
