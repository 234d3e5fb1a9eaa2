"""Hypothesis strategies for declarations, one per field, generated from the specs themselves.

A new field is drawn as soon as it exists: bounds, patterns and variants are read from the models.
"""

from collections.abc import Mapping
from typing import Any, cast

from hypothesis import strategies as st
from pydantic import TypeAdapter

from mlops_iac.specs import KINDS, Dataset, ModelEndpoint, Platform, RegisteredModel, TrainingJob
from mlops_iac.stack import Stack

DURATION = st.builds("{}{}".format, st.integers(1, 999), st.sampled_from("smhd"))
NAMES: Mapping[str, tuple[str, ...]] = {
    Dataset.kind: ("departures",),
    TrainingJob.kind: ("delay",),
    RegisteredModel.kind: ("late",),
    ModelEndpoint.kind: ("score",),
}
_DATA = st.sampled_from(["departures", "clean/rows"])
_INPUTS = st.sampled_from(["departures", {"rows": "departures"}, {"rows": "clean/rows"}])
_MODELS = st.sampled_from(["late", "late@other", "late/3"])
_CHALLENGERS = st.fixed_dictionaries(
    {"model": st.sampled_from(["late@challenger", "late/4"])},
    optional={"percent": st.integers(1, 99), "shadow": st.booleans()},
)
_COLUMN = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["number", "string"]),
        "nullable": st.booleans(),
        "unique": st.booleans(),
        "min": st.integers(-5, 0),
        "max": st.integers(0, 5),
        "one_of": st.lists(st.integers(0, 3), min_size=1, max_size=3),
        "pattern": st.sampled_from(["a+", "[A-Z]*"]),
        "max_failures_percent": st.integers(0, 100),
    },
)
_GATES = st.lists(
    st.fixed_dictionaries(
        {
            "metric": st.sampled_from(["roc_auc", "rmse"]),
            "data": _DATA,
            "label": st.just("late"),
            "margin": st.sampled_from([0, 0.1, None]),
        }
    ),
    max_size=2,
)
_STEPS = st.lists(
    st.sampled_from(["contract", "clean", "delay", "tune", "forecast"]), min_size=1, unique=True
)
_SEARCHED = st.fixed_dictionaries(
    {"solver": st.just({"choices": ["a", "b"]})},
    optional={
        "rate": st.just({"min": 0.1, "max": 0.5, "log": True}),
        "depth": st.just({"mode": "integer", "min": 2, "max": 8}),
    },
)
_SCHEDULES = st.sampled_from(
    [{"cron": "0 3 * * *"}, {"cron": "*/5 * * * 1-5", "timezone": "Europe/Berlin"}, {"every": "1h"}]
)
_SIGNALS = st.lists(
    st.sampled_from(["data_quality", "data_drift", "prediction_drift"]), min_size=1, max_size=3
)

_GIVEN: Mapping[tuple[str, str], st.SearchStrategy[Any]] = {
    # What a schema cannot say: files that exist, references that hold, rules between fields.
    ("Dataset", "source"): st.sampled_from(["data/*.parquet", "s3://bucket/a", "file:///a"]),
    ("TrainingJob", "script"): st.just("train.py"),
    ("TrainingJob", "data"): st.sampled_from(["departures", {"rows": "departures"}]),
    ("TrainingJob", "model"): st.just("late"),
    ("TrainingJob", "requirements"): st.just("requirements.txt"),
    ("ModelEndpoint", "model"): _MODELS,
    ("ModelEndpoint", "challenger"): _CHALLENGERS,
    ("ProcessingJob", "script"): st.just("process.py"),
    ("ProcessingJob", "data"): _INPUTS,
    ("ProcessingJob", "requirements"): st.just("requirements.txt"),
    ("ProcessingJob", "outputs"): st.just({"rows": "csv"}),
    ("DataValidation", "data"): _DATA,
    ("DataValidation", "columns"): st.dictionaries(
        st.sampled_from("xyz"), _COLUMN, min_size=1, max_size=3
    ),
    ("FeatureGroup", "data"): _DATA,
    ("FeatureGroup", "entities"): st.sampled_from([["origin"], ["origin", "destination"]]),
    ("FeatureGroup", "event_time"): st.sampled_from(["when", "moment"]),
    ("FeatureGroup", "features"): st.just({"wind": "number", "rain": "integer"}),
    ("HyperparameterSearch", "job"): st.sampled_from(["delay", "again"]),
    ("HyperparameterSearch", "parameters"): _SEARCHED,
    ("Pipeline", "steps"): _STEPS,
    ("Pipeline", "gates"): _GATES,
    ("Pipeline", "schedule"): _SCHEDULES,
    ("BatchInference", "model"): _MODELS,
    ("BatchInference", "data"): _DATA,
    ("BatchInference", "schedule"): _SCHEDULES,
    ("ModelMonitor", "endpoint"): st.sampled_from(["seen", "score"]),
    ("ModelMonitor", "baseline"): _DATA,
    ("ModelMonitor", "signals"): _SIGNALS,
    ("ModelMonitor", "schedule"): _SCHEDULES,
    ("RetrainingPolicy", "monitor"): st.sampled_from(["sentry", "watch"]),
    ("RetrainingPolicy", "pipeline"): st.sampled_from(["reviewed", "daily"]),
}
"""Names are those of `mlops_iac.testing.cast`."""

_ALWAYS: Mapping[str, tuple[str, ...]] = {
    "TrainingJob": ("script", "model"),
    "ProcessingJob": ("script",),
}
"""Fields without which a stack has no model to serve, or a job no program."""
_LEFT_OUT = {
    ("Platform", "target"),
    ("TrainingJob", "image"),
    ("TrainingJob", "features"),
    ("TrainingJob", "experiment"),
    ("ProcessingJob", "image"),
    ("ModelMonitor", "performance"),
}
"""The target is the caller's; an image excludes the script; what two fields must agree on."""
_DURATIONS = frozenset({"max_wait", "timeout", "wait"})
"""Fields whose schema says text and whose type is `Duration`."""


def fields(kind: str, most: int = 100) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for the fields of one kind as `mlops.yaml` holds them, without the name.

    Args:
        kind: which kind.
        most: how many fields are drawn at most beside those that every declaration has; few make
            declarations that most targets take, many make those that they refuse.
    """
    schema = TypeAdapter(KINDS[kind]).json_schema()
    definitions = cast("Mapping[str, Any]", schema.get("$defs", {}))
    drawn = {
        name: _GIVEN.get((kind, name), _value(field, definitions, name))
        for name, field in schema["properties"].items()
        if (kind, name) not in _LEFT_OUT and name != "name"
    }
    required = {*schema.get("required", ()), *_ALWAYS.get(kind, ())} & drawn.keys()
    optional = sorted(drawn.keys() - required)
    return st.sets(st.sampled_from(optional), max_size=min(most, len(optional))).flatmap(
        lambda chosen: st.fixed_dictionaries(
            {name: drawn[name] for name in sorted(required | chosen)}
        )
    )


def stacks(target: str, most: int = 100) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for the fields of a whole stack on `target`: data, job, model, endpoint."""
    platform = fields(Platform.kind, most).map(lambda drawn: {**drawn, "target": target})
    parts = {kind: fields(kind, most) for kind in NAMES}
    return st.fixed_dictionaries({Platform.kind: platform, **parts})


def stack(drawn: Mapping[str, Mapping[str, Any]]) -> Stack:
    """Return the stack of fields that `stacks` drew.

    Raises:
        pydantic.ValidationError: rules between fields, such as `min` over `max`, do not hold.
    """
    components = tuple(KINDS[kind](name, **drawn[kind]) for kind, (name,) in NAMES.items())
    return Stack("drawn", platform=Platform(**drawn[Platform.kind]), components=components)


def _value(
    field: Mapping[str, Any], definitions: Mapping[str, Any], name: str = ""
) -> st.SearchStrategy[Any]:
    if "$ref" in field:
        return _value(definitions[field["$ref"].rpartition("/")[2]], definitions)
    if name in _DURATIONS and field.get("type") == "string":
        return DURATION
    for several in ("anyOf", "oneOf"):
        if several in field:
            return st.one_of([_value(branch, definitions) for branch in field[several]])
    if "const" in field:
        return st.just(field["const"])
    if "enum" in field:
        return st.sampled_from(list(field["enum"]))
    return _SHAPES[field.get("type", "string")](field, definitions)


def _text(field: Mapping[str, Any], _: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if "pattern" in field:
        # Without `$`'s own newline: `\Z` is what the validator means.
        return st.from_regex(field["pattern"].removesuffix("$") + r"\Z").filter(str.isascii)
    if "maxLength" not in field and "minLength" not in field:
        return st.sampled_from(["text", "other text"])
    return st.text("abc é-_", min_size=field.get("minLength", 0), max_size=20)


def _integer(field: Mapping[str, Any], _: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    return st.integers(field.get("minimum", 0), field.get("maximum", 1000))


def _number(field: Mapping[str, Any], _: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    return st.floats(field.get("minimum", 0), field.get("maximum", 1000))


def _array(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    items = _value(field.get("items", {}), definitions)
    return st.lists(items, min_size=field.get("minItems", 0), max_size=3)


def _object(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if "properties" not in field:
        values = field.get("additionalProperties") or next(
            iter(cast("Mapping[str, Any]", field.get("patternProperties", {})).values()), {}
        )
        return st.dictionaries(st.from_regex(r"\A[A-Z]{1,6}\Z"), _value(values, definitions))
    drawn = {key: _value(value, definitions, key) for key, value in field["properties"].items()}
    # With its `mode` a variant is always the one that was drawn.
    required = {*field.get("required", ()), *({"mode"} & drawn.keys())}
    return st.fixed_dictionaries(
        {name: drawn[name] for name in required},
        optional={name: value for name, value in drawn.items() if name not in required},
    )


_SHAPES: Mapping[str, Any] = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": lambda *_: st.booleans(),
    "null": lambda *_: st.none(),
    "array": _array,
    "object": _object,
}

__all__ = ["fields", "stack", "stacks"]
