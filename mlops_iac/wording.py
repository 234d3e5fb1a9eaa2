"""What a validation error says to the person who wrote the declaration: plain words, one remedy."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

MESSAGES: Mapping[str, str] = {
    "bool_parsing": "is no `true` or `false`",
    "bool_type": "is no `true` or `false`",
    "dict_type": "is no mapping",
    "enum": "is `{value}`, which is not known here",
    "float_parsing": "is no number",
    "float_type": "is no number",
    "greater_than_equal": "is `{value}`, less than {ge}",
    "int_from_float": "is `{value}`, not a whole number",
    "int_parsing": "is no whole number",
    "int_type": "is no whole number",
    "less_than_equal": "is `{value}`, more than {le}",
    "literal_error": "is `{value}`, which is not known here",
    "mapping_type": "is no mapping",
    "missing": "is missing",
    "model_type": "is no mapping of fields",
    "string_pattern_mismatch": "is `{value}`, which has not the form `{pattern}`",
    "string_too_long": "is longer than {max_length} characters",
    "string_too_short": "is empty",
    "string_type": "is no text",
    "too_long": "has {actual_length} entries, more than {max_length}",
    "too_short": "has {actual_length} entries, fewer than {min_length}",
    "tuple_type": "is no list",
    "union_tag_invalid": "has a `mode` that is not known: `{tag}`",
}
"""Message per type of pydantic error; the values come from the error's context."""

REMEDIES: Mapping[str, str] = {
    "after": "write steps in the order in which they run",
    "bool_parsing": "write `true` or `false`",
    "bool_type": "write `true` or `false`",
    "cron": "write five fields, such as `0 3 * * 1`: Mondays at three",
    "data": "write the name of a dataset, or `job/output`",
    "duration": "write `90s`, `15m` or `2h`",
    "float_type": "write a number",
    "greater_than_equal": "write {ge} or more",
    "grid": "give `choices`, or `mode: integer`; or take the strategy `random`",
    "int_from_float": "write a whole number",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "less_than_equal": "write {le} or less",
    "log": "raise `min`, or leave `log` out",
    "missing": "add the field",
    "model": "write `late@champion`, or `late/3`",
    "order": "let `min` be less than `max`",
    "pattern": "write a regular expression as Python's `re` takes it",
    "performance": "write both, or neither: `performance: {{metric: roc_auc, threshold: 0.6}}`",
    "period": "write `30s`, `15m` or `1h`",
    "program": "name one `script`, or one `image`",
    "ref": "write the name of a component",
    "store": "set one of them to true",
    "string_type": "put it in quotes",
    "timezone": "write a name such as `Europe/Berlin`, or `UTC`",
    "tuple_type": "write a list: `[…]`",
    "twice": "keep one",
    "too_short": "add an entry",
    "too_long": "leave some out",
    "string_too_long": "shorten it",
    "string_too_short": "write something",
}
"""Remedy per type of error."""

FORMS: Mapping[str, str] = {
    "data": "the name of a dataset, or several by the name the script knows: `{train: departures}`",
    "environment": "text in quotes, or a secret by its name: `{secret: NAME}`",
    "hyperparameters": "text, a number, `true` or `false`",
    "name": "lower-case letters, digits and `-`, starting with a letter",
    "image": "an image by digest: `registry/name@sha256:…`",
    "runtime_image": "an image by digest: `registry/name@sha256:…`",
}
"""What a field takes, where its pattern or its union would say it badly."""


def distinct(errors: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield one error per place: of a union's, which come in several, the first."""
    seen: set[tuple[Any, ...]] = set()
    found = list(errors)
    for error in found:
        place = _union_place(error["loc"])
        if place not in seen and not _is_consequence(error, found):
            seen.add(place)
            yield error


def _is_consequence(error: Mapping[str, Any], errors: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a list is only too short because an entry of it is wrong."""
    place = error["loc"]
    return error["type"] == "too_short" and any(
        other["loc"][: len(place)] == place != other["loc"] for other in errors
    )


def message(error: Mapping[str, Any]) -> str:
    """Return what is wrong, without the field's name in front."""
    field = _field(error)
    if _is_union(error["loc"]) and field in FORMS:
        return "has none of the forms that it takes"
    if error["type"] == "string_pattern_mismatch" and field in FORMS:
        return f"is `{error['input']}`, not {FORMS[field]}"
    template = MESSAGES.get(error["type"])
    if template is None:
        text: str = error["msg"]
        return text[:1].lower() + text[1:]
    return template.format(**_context(error))


def remedy(error: Mapping[str, Any]) -> str:
    """Return what the user can do about it."""
    context = _context(error)
    expected = re.findall(r"'([^']+)'", str(context.get("expected", "")))
    if expected:
        close = get_close_matches(str(error.get("input")), expected, n=1)
        known = ", ".join(f"`{name}`" for name in expected)
        return f"did you mean `{close[0]}`?" if close else f"one of {known}"
    if "expected_tags" in context:
        return f"one of {context['expected_tags']}"
    if error["type"] == "string_pattern_mismatch" or _is_union(error["loc"]):
        return f"write {FORMS[_field(error)]}" if _field(error) in FORMS else "mind the form"
    return REMEDIES.get(error["type"], "see docs/reference/kinds.md").format(**context)


def _context(error: Mapping[str, Any]) -> dict[str, Any]:
    return {"value": error.get("input"), **(error.get("ctx") or {})}


def _field(error: Mapping[str, Any]) -> str:
    return next((step for step in reversed(error["loc"]) if step in FORMS), "")


def _is_union(place: tuple[Any, ...]) -> bool:
    return _union_place(place) != place


def _union_place(place: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the place up to the step where a union's member begins."""
    for index, step in enumerate(place):
        if isinstance(step, str) and ("[" in step or step in _MEMBERS):
            return place[:index]
    return place


_MEMBERS = frozenset({"str", "int", "float", "bool", "SecretRef"})
"""How pydantic names the members of our plain unions in a place."""
