"""Data quality: missing values, values outside of what was learned, wrong types."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.runtime.frames import Frame
from mlops_iac.runtime.monitor.baseline import NUMBER, Baseline, Facts
from mlops_iac.runtime.monitor.signals import Finding

_NAMED = 5


def judge_quality(inputs: Frame, baseline: Baseline, limits: Mapping[str, float]) -> Finding:
    """Return what is wrong with the inputs; one bad column is an alarm.

    Args:
        inputs: captured inputs.
        baseline: what was learned.
        limits: `missing` and `invalid`, as shares.
    """
    columns = {
        name: _column(inputs.get(name), facts, limits) for name, facts in baseline.facts.items()
    }
    bad = [name for name, column in columns.items() if column["alarm"]]
    return Finding(
        alarm=bool(bad),
        value=float(len(bad)),
        threshold=1.0,
        reason=_reason(columns, bad),
        columns=columns,
        more={"limits": dict(limits)},
    )


def _column(values: Any, facts: Facts, limits: Mapping[str, float]) -> dict[str, Any]:
    missing = 1.0 if values is None else float(values.isna().mean())
    invalid = 0.0 if values is None else float(_is_invalid(values, facts).mean())
    excess = max(0.0, missing - facts.missing_share)
    faults = [
        *([f"{missing:.1%} missing"] if excess > limits["missing"] else []),
        *([f"{invalid:.1%} {_WORDS[facts.kind]}"] if invalid > limits["invalid"] else []),
    ]
    return {
        "alarm": bool(faults),
        "value": max(excess, invalid),
        "kind": facts.kind,
        "missing": missing,
        "baseline_missing": facts.missing_share,
        "invalid": invalid,
        "reason": ", ".join(faults),
    }


_WORDS: Mapping[str, str] = {"number": "out of range", "category": "never seen"}


def _is_invalid(values: Any, facts: Facts) -> Any:
    import pandas as pd

    present = values.notna()
    if facts.kind == NUMBER:
        numbers: Any = pd.to_numeric(values, errors="coerce")
        # Without a value in the baseline nothing is out of its range.
        is_inside = numbers.notna() if facts.low is None else numbers.between(facts.low, facts.high)
        return present & ~is_inside
    if facts.categories is None:
        return present & False
    return present & ~values.astype(str).isin(facts.categories)


def _reason(columns: Mapping[str, Mapping[str, Any]], bad: list[str]) -> str:
    if not bad:
        return f"all {len(columns)} columns are within what was learned"
    worst = sorted(bad, key=lambda name: -columns[name]["value"])[:_NAMED]
    listed = "; ".join(f"`{name}` {columns[name]['reason']}" for name in worst)
    return f"{len(bad)} of {len(columns)} columns: {listed}"
