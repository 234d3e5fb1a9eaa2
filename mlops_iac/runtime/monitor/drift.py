"""Drift by Evidently: the distance of each column's distribution from the baseline's."""

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_iac.runtime.frames import Frame
from mlops_iac.runtime.monitor.baseline import CATEGORY, NUMBER
from mlops_iac.runtime.monitor.signals import Finding, no_verdict
from mlops_iac.runtime.monitor.spread import spreads

PREDICTION = "prediction"
_METHODS: Mapping[str, str] = {NUMBER: "wasserstein", CATEGORY: "jensenshannon"}
_LEAST = 2
"""Values that a distribution has at least."""
_UNIQUE = 0.5
"""Share of different texts from which a column names rows rather than sorts them."""
_FEW = 20
"""So many different texts sort rows in any case."""
_NAMED = 5

# The page holds all it needs; its plotting library knows addresses of maps, which we do not draw.
_POLICY = (
    b'<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    b"script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    b'img-src data: blob:; font-src data:; worker-src blob:">'
)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of both sides, of values only."""

    kind: str
    baseline: Any
    current: Any
    gone: str = ""
    """Why it cannot be compared; empty when it can."""


def compare(
    columns: Mapping[str, Column], threshold: float, page: Path | None
) -> dict[str, dict[str, Any]]:
    """Return the distance of each column that can be compared, and write Evidently's page.

    A column that is there no more has drifted, and has no distance.
    """
    usable = {name: column for name, column in columns.items() if not column.gone}
    distances = _distances(usable, threshold, page) if usable else {}
    return {
        name: _drifted(column, distances.get(name), threshold)
        for name, column in columns.items()
        if column.gone != _ROW_NAMES
    }


def columns_of(inputs: Frame, baseline: Frame, kinds: Mapping[str, str]) -> dict[str, Column]:
    """Return the columns of captured inputs beside those of the baseline."""
    return {
        name: column(kind, baseline[name], inputs.get(name, ())) for name, kind in kinds.items()
    }


def column(kind: str, baseline: Any, current: Any) -> Column:
    """Return the values of one column, without what is missing or of another type."""
    sides = [_values(kind, values) for values in (baseline, current)]
    return Column(kind=kind, baseline=sides[0], current=sides[1], gone=_gone(kind, *sides))


def judge_inputs(compared: Mapping[str, Mapping[str, Any]], limits: Mapping[str, float]) -> Finding:
    """Return the verdict on the inputs: an alarm when enough of the columns have drifted."""
    if not compared:
        return no_verdict("no column can be compared", limits["columns"])
    drifted = [name for name, found in compared.items() if found["alarm"]]
    share = len(drifted) / len(compared)
    ranked = sorted(drifted, key=lambda name: -(compared[name]["value"] or float("inf")))
    listed = ", ".join(f"`{name}` {_distance(compared[name])}" for name in ranked[:_NAMED])
    return Finding(
        alarm=share >= limits["columns"],
        value=share,
        threshold=limits["columns"],
        reason=f"{len(drifted)} of {len(compared)} columns drifted"
        + (f": {listed}" if listed else ""),
        columns=compared,
        more={"column_threshold": limits["distance"]},
    )


def judge_predictions(found: Mapping[str, Any] | None, threshold: float) -> Finding:
    """Return the verdict on the predictions: an alarm when their distribution has drifted."""
    if found is None:
        return no_verdict("the predictions cannot be compared", threshold)
    return Finding(
        alarm=found["alarm"],
        value=found["value"],
        threshold=threshold,
        reason=f"the predictions are at a distance of {_distance(found)}",
        columns={PREDICTION: found},
        more={"column_threshold": threshold},
    )


_ROW_NAMES = "nearly every value is different"
_NO_VALUES = "there are no values to compare"


def _gone(kind: str, baseline: Any, current: Any) -> str:
    if min(len(baseline), len(current)) < _LEAST:
        return _NO_VALUES
    are_names = kind == CATEGORY and len(set(baseline)) > max(_FEW, _UNIQUE * len(baseline))
    return _ROW_NAMES if are_names else ""


def _values(kind: str, values: Any) -> Any:
    import numpy as np
    import pandas as pd

    series = pd.Series(values, dtype=object).dropna()
    if kind == CATEGORY:
        return series.map(_text).to_numpy()
    converted: Any = pd.to_numeric(series, errors="coerce")
    numbers = converted.astype(float).to_numpy()
    return numbers[np.isfinite(numbers)]


def _text(value: Any) -> str:
    # A class of a number is the same class where missing values made it a float.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _drifted(column: Column, distance: float | None, threshold: float) -> dict[str, Any]:
    found: dict[str, Any] = {
        "alarm": distance is None or distance >= threshold,
        "value": distance,
        "kind": column.kind,
    }
    if column.gone:
        return {**found, "reason": column.gone}
    baseline, current = spreads(column.kind, column.baseline, column.current)
    return {**found, "baseline": baseline, "current": current}


def _distance(found: Mapping[str, Any]) -> str:
    return f"{found['value']:.3g}" if found["value"] is not None else found["reason"]


def _distances(
    columns: Mapping[str, Column], threshold: float, page: Path | None
) -> dict[str, float]:
    # Read at import. https://github.com/evidentlyai/evidently: `telemetry.py`, any value will do.
    os.environ.setdefault("DO_NOT_TRACK", "true")
    with warnings.catch_warnings():
        # What it and its libraries warn their developers of is nothing to a reader of our log.
        warnings.simplefilter("ignore")
        run = _evidently(columns, threshold)
        if page is not None:
            _write_page(run, page)
        metrics = run.dict()["metrics"]
    return {
        metric["config"]["column"]: float(metric["value"])
        for metric in metrics
        if "column" in metric["config"]
    }


def _evidently(columns: Mapping[str, Column], threshold: float) -> Any:
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import ValueDrift

    named = {kind: [n for n, c in columns.items() if c.kind == kind] for kind in _METHODS}
    definition = DataDefinition(
        numerical_columns=named[NUMBER], categorical_columns=named[CATEGORY]
    )
    metrics = [
        ValueDrift(column=name, method=_METHODS[column.kind], threshold=threshold)
        for name, column in columns.items()
    ]
    current, baseline = (
        Dataset.from_pandas(_frame(columns, side), data_definition=definition)
        for side in ("current", "baseline")
    )
    return Report(metrics).run(current, baseline)


def _frame(columns: Mapping[str, Column], side: str) -> Frame:
    import pandas as pd

    # Evidently leaves out what is missing by itself, column by column.
    return pd.DataFrame({name: pd.Series(getattr(c, side)) for name, c in columns.items()})


def _write_page(run: Any, page: Path) -> None:
    page.touch(mode=0o600)
    run.save_html(str(page))
    content = page.read_bytes()
    page.write_bytes(content.replace(b"<head>", b"<head>" + _POLICY, 1))
