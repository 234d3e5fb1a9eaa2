"""How values spread, in a few numbers: what a page draws."""

from typing import Any

from mlops_iac.runtime.monitor.baseline import NUMBER

_BINS = 20
_LABELS = 12


def spreads(kind: str, baseline: Any, current: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both sides in the same bins or categories; shares of the values that are there."""
    return (_of_numbers if kind == NUMBER else _of_categories)(baseline, current)


def _of_numbers(baseline: Any, current: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    import numpy as np

    both = np.concatenate([baseline, current])
    edges = np.histogram_bin_edges(both, bins=_BINS)

    def side(values: Any) -> dict[str, Any]:
        counts = np.histogram(values, bins=edges)[0]
        return {"edges": edges.tolist(), "shares": (counts / max(1, len(values))).tolist()}

    return side(baseline), side(current)


def _of_categories(baseline: Any, current: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    import pandas as pd

    shares = [pd.Series(values).value_counts(normalize=True) for values in (baseline, current)]
    weight = shares[0].add(shares[1], fill_value=0.0)
    labels = sorted(weight.index, key=lambda label: (-weight[label], label))[:_LABELS]

    def side(found: Any) -> dict[str, Any]:
        return {"labels": labels, "shares": [float(found.get(label, 0.0)) for label in labels]}

    return side(shares[0]), side(shares[1])
