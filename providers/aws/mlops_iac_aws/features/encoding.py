"""Keys and values as SageMaker's feature store holds them: three types, and every value as text."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mlops_iac.runtime.columns import BOOLEAN, INTEGER, NUMBER, STRING, TIMESTAMP
from mlops_iac.runtime.features.group import FeatureSet

RECORD = "mlops_iac_record"
"""The feature that identifies a record of several entity columns: SageMaker takes one."""

FEATURE_TYPES: Mapping[str, str] = {STRING: "String", INTEGER: "Integral", NUMBER: "Fractional",
                                    BOOLEAN: "Integral", TIMESTAMP: "String"}  # fmt: skip
"""SageMaker's type of each of ours; a boolean is 1 or 0, a time is ISO 8601 in UTC."""


def definitions(
    entities: Sequence[str], event_time: str, features: Mapping[str, str]
) -> dict[str, str]:
    """Return SageMaker's type of every feature of a group, in their order.

    Entities are text: of what type they are is known when the data is read, and a type can never
    be changed.
    """
    own = [*([RECORD] if len(entities) > 1 else []), *entities, event_time]
    return {
        **dict.fromkeys(own, "String"),
        **{name: FEATURE_TYPES[kind] for name, kind in features.items()},
    }


def record_identifier(entities: Sequence[str]) -> str:
    """Return the feature that identifies a record."""
    return entities[0] if len(entities) == 1 else RECORD


def record_key(values: Sequence[str | int]) -> str:
    """Return what identifies a record: the one entity, or all as a JSON list of texts."""
    texts = [str(value) for value in values]
    return texts[0] if len(texts) == 1 else json.dumps(texts, separators=(",", ":"))


def moment_text(moment: datetime) -> str:
    """Return an event time as SageMaker takes it, to the millisecond."""
    # Parts of a millisecond are cut: a value that is a little older loses to none.
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def record(group: FeatureSet, row: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return a row of a history as `PutRecord` takes it; a missing value is left out."""
    keys = [row[name] for name in group.entities]
    texts = {name: str(row[name]) for name in group.entities}
    if len(keys) > 1:
        texts[RECORD] = record_key(keys)
    texts[group.event_time] = moment_text(row[group.event_time])
    for name, kind in group.features.items():
        if row[name] is not None:
            texts[name] = _WRITTEN[kind](row[name])
    return [{"FeatureName": name, "ValueAsString": text} for name, text in texts.items()]


def feature_value(text: str | None, kind: str) -> Any:
    """Return a stored value in its own type; a time as `datetime` in UTC."""
    return None if text is None else _READ[kind](text)


def _number(value: float) -> str:
    if math.isfinite(value):
        return repr(float(value))
    # The words of Java and of Python's `float` alike.
    return "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"


def _time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


_WRITTEN: Mapping[str, Callable[[Any], str]] = {
    STRING: str,
    INTEGER: str,
    NUMBER: _number,
    BOOLEAN: lambda value: str(int(value)),
    TIMESTAMP: _time,
}
_READ: Mapping[str, Callable[[str], Any]] = {
    STRING: str,
    INTEGER: int,
    NUMBER: float,
    BOOLEAN: lambda text: bool(int(text)),
    TIMESTAMP: datetime.fromisoformat,
}
