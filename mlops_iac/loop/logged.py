"""Logged requests with their answers, as JSON lines, and the events that a check reads of them.

A logged request is `at` (ISO 8601), `request` (the log's own name of it), `asked` and `answered`:
lists of the texts of rows, or of one body as it came.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.monitor.captured import REQUEST
from mlops_iac.runtime.monitor.rows import Body, Event

_ANSWERED = ("predictions", "outputs")
_WHOLE = frozenset(
    {"instances", "inputs", "dataframe_split", "dataframe_records", "data", "input_data"}
)
"""Keys of which a whole body has one; logs hold rows, or a body as it came."""


def lines(logged: Sequence[Mapping[str, Any]]) -> str:
    """Return logged requests as JSON lines, which `events` reads."""
    return "".join(f"{json.dumps(each)}\n" for each in logged)


def events(text: str) -> Iterator[Event]:
    """Yield the events of JSON lines.

    Raises:
        DataError: a line is no logged request.
    """
    for number, line in enumerate(text.splitlines(), 1):
        try:
            yield from of(json.loads(line))
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"line {number} is no logged request: {error!r}") from error


def of(logged: Mapping[str, Any]) -> Iterator[Event]:
    """Yield the events of a logged request: one for each name that its rows give themselves.

    Not every target tells the caller its own name of a request. So a row names itself by the
    column `request_id`, which the model does not take; else the log's name is its name.
    """
    at = datetime.fromisoformat(logged["at"])
    asked, answered = _parsed(logged["asked"]), _parsed(logged["answered"])
    rows, answers = _rows(asked), _answers(answered)
    if rows is None or answers is None:
        yield Event(request=logged["request"], at=at, asked=_body(asked), answered=_body(answered))
        return
    for name, places in _named(rows, logged["request"]).items():
        yield Event(
            request=name,
            at=at,
            asked=_json({"instances": [rows[i] for i in places]}),
            answered=_json({"predictions": [answers[i] for i in places if i < len(answers)]}),
        )


def requests(logged: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the names of logged requests, as truth is told of them."""
    return {event.request for each in logged for event in of(each)}


def told_of(
    logged: Sequence[dict[str, Any]], labels: Mapping[str, list[Any]]
) -> list[dict[str, Any]]:
    """Return the logged requests that some label is told of."""
    return [each for each in logged if not requests([each]).isdisjoint(labels)]


def _named(rows: Sequence[Any], other: str) -> dict[str, list[int]]:
    named = dict[str, list[int]]()
    for place, row in enumerate(rows):
        own = row.get(REQUEST) if isinstance(row, Mapping) else None
        named.setdefault(other if own is None else str(own), []).append(place)
    return named


def _parsed(payload: Sequence[str]) -> list[Any]:
    return [_read(text) for text in payload]


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text  # CSV


def _rows(asked: Sequence[Any]) -> list[Any] | None:
    """Return the rows of a request; `None` where only the server's own reader knows them."""
    if len(asked) != 1 or not _is_whole(asked[0]):
        return None if any(isinstance(each, str) for each in asked) else list(asked)
    rows = asked[0].get("instances")
    return rows if isinstance(rows, list) else None


def _is_whole(value: Any) -> bool:
    return isinstance(value, Mapping) and not _WHOLE.isdisjoint(value)


def _answers(answered: Sequence[Any]) -> list[Any] | None:
    first = answered[0] if len(answered) == 1 else None
    if not isinstance(first, Mapping) or not any(key in first for key in _ANSWERED):
        return list(answered)
    answers = first.get("predictions")
    return answers if isinstance(answers, list) else None


def _body(payload: Sequence[Any]) -> Body:
    if all(isinstance(each, str) for each in payload):
        return Body(content="\n".join(payload).encode(), is_csv=True)
    return _json(payload[0] if len(payload) == 1 else list(payload))


def _json(document: Any) -> Body:
    return Body(content=json.dumps(document).encode(), is_csv=False)
