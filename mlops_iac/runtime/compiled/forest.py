"""All trees of a histogram gradient booster as one tree, walked by scikit-learn's own code.

A call per tree costs more than the walk. So the trees are joined under a root that asks for one
more feature, the number of the tree; a row is repeated for each tree. Values are added in the
order in which scikit-learn adds them: a float's last bit depends on it.
"""
# ruff: noqa: SLF001 -- what libraries keep private is proved at each load; see `model.py`.

from importlib import import_module
from typing import Any

import numpy as np

_CELLS_PER_CALL = 1 << 17
"""Bounds what the repeated rows take: 1 MiB."""


class Forest:
    """The raw predictions of a fitted `HistGradientBoosting*`."""

    def __init__(self, booster: Any) -> None:
        inner = import_module("sklearn.ensemble._hist_gradient_boosting._predictor")
        self._walk = inner._predict_from_raw_data
        trees = [tree for iteration in booster._predictors for tree in iteration]
        self._count = len(trees)
        self._baseline = booster._baseline_prediction
        self._shape = (len(booster._predictors), booster.n_trees_per_iteration_)
        self._features = booster._bin_mapper.n_bins_non_missing_.shape[0]
        self._nodes = _joined(trees, self._features)
        # Nothing: a booster that knows categories by itself is not compiled.
        self._known, self._places = booster._bin_mapper.make_known_categories_bitsets()
        self._numbers = np.arange(self._count, dtype=np.float64)
        self._rows_per_call = max(1, _CELLS_PER_CALL // (self._count * (self._features + 1)))

    def raw(self, matrix: Any) -> Any:
        """Return the sums of the leaves' values, a row a row of `matrix`, a column a class."""
        parts = [
            self._part(matrix[start : start + self._rows_per_call])
            for start in range(0, len(matrix), self._rows_per_call)
        ]
        return np.asfortranarray(parts[0] if len(parts) == 1 else np.concatenate(parts))

    def _part(self, matrix: Any) -> Any:
        rows = len(matrix)
        repeated = np.empty((rows, self._count, self._features + 1))
        repeated[:, :, :-1] = matrix[:, np.newaxis, :]
        repeated[:, :, -1] = self._numbers
        leaves = np.empty(rows * self._count)
        flat = repeated.reshape(rows * self._count, -1)
        self._walk(self._nodes, flat, self._known, self._known, self._places, 1, leaves)
        terms = np.empty((self._shape[0] + 1, rows, self._shape[1]))
        terms[0] = self._baseline
        terms[1:] = leaves.reshape(rows, *self._shape).swapaxes(0, 1)
        # `sum` would add pairwise; accumulating adds one after the other.
        return np.add.accumulate(terms, axis=0)[-1]


def _joined(trees: list[Any], feature: int) -> Any:
    """Return the nodes of all trees under one root, which asks for `feature`."""
    routers: list[tuple[float, int, int]] = []
    moved: list[Any] = []
    roots: list[int] = []
    start = len(trees) - 1
    for tree in trees:
        nodes = tree.nodes.copy()
        nodes["left"] += start
        nodes["right"] += start
        roots.append(start)
        moved.append(nodes)
        start += len(nodes)
    _route(roots, 0, routers)
    heads: Any = np.zeros(len(routers), dtype=trees[0].nodes.dtype)
    heads["feature_idx"] = feature
    for index, (threshold, left, right) in enumerate(routers):
        heads[index]["num_threshold"] = threshold
        heads[index]["left"], heads[index]["right"] = left, right
    return np.concatenate([heads, *moved])


def _route(roots: list[int], first: int, routers: list[tuple[float, int, int]]) -> int:
    """Add the nodes that lead to `roots`, of which `first` is the first one's number."""
    if len(roots) == 1:
        return roots[0]
    place, half = len(routers), len(roots) // 2
    routers.append((0.0, 0, 0))
    left = _route(roots[:half], first, routers)
    right = _route(roots[half:], first + half, routers)
    routers[place] = (first + half - 0.5, left, right)
    return place
