"""Metrics of gates and monitors: scikit-learn's values, on every form of predictions."""

import numpy as np
import pytest
from sklearn import metrics as sk

from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.scoring import METRICS, is_loss, is_worse, positive, score
from mlops_iac.specs.gate import Metric

TRUTH = [0, 1, 1, 0, 1]
SURE = [0.2, 0.9, 0.4, 0.6, 0.8]
BOTH = [[1 - p, p] for p in SURE]


def test_every_declared_metric_can_be_scored_and_no_other() -> None:
    assert set(METRICS) == {metric.value for metric in Metric}
    assert all(is_loss(metric.value) == metric.is_loss for metric in Metric)


@pytest.mark.parametrize("prediction", [SURE, BOTH], ids=["positive", "both"])
@pytest.mark.parametrize("truth", [TRUTH, [bool(x) for x in TRUTH], ["ny"[x] for x in TRUTH]])
def test_probabilities_score_as_in_scikit_learn(truth: list[object], prediction: object) -> None:
    hard = [int(p >= 0.5) for p in SURE]

    assert score("roc_auc", truth, prediction) == pytest.approx(sk.roc_auc_score(TRUTH, SURE))
    assert score("log_loss", truth, prediction) == pytest.approx(sk.log_loss(TRUTH, SURE))
    assert score("accuracy", truth, prediction) == pytest.approx(sk.accuracy_score(TRUTH, hard))
    assert score("f1", truth, prediction) == pytest.approx(sk.f1_score(TRUTH, hard))


@pytest.mark.parametrize("metric", ["rmse", "mae", "r2"])
def test_numbers_score_as_in_scikit_learn(metric: str) -> None:
    truth, answered = [1.0, 2.5, 3.0], [1.1, 2.0, 3.5]
    expected = {
        "rmse": sk.root_mean_squared_error,
        "mae": sk.mean_absolute_error,
        "r2": sk.r2_score,
    }[metric](truth, answered)

    assert score(metric, truth, answered) == pytest.approx(expected)
    assert score(metric, truth, [[value] for value in answered]) == pytest.approx(expected)


def test_three_classes_score_by_their_likeliest() -> None:
    truth = [0, 1, 2, 2]
    answered = [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.5, 0.1, 0.4], [0.1, 0.1, 0.8]]

    assert score("accuracy", truth, answered) == 0.75
    assert score("log_loss", truth, answered) == pytest.approx(sk.log_loss(truth, answered))


@pytest.mark.parametrize(
    ("metric", "truth", "prediction", "said"),
    [
        ("roc_auc", [1, 1], [0.1, 0.2], "not every class"),
        ("accuracy", [1, 0], [1], "2 labels for 1 predictions"),
        ("rmse", [1.0, None], [1.0, 2.0], "1 of the labels are missing"),
        ("rmse", [1.0, 2.0], [[0.1, 0.9], [0.2, 0.8]], "2 values a row"),
        ("accuracy", ["a", "b", "c"], [[0.1, 0.9]] * 3, "3 classes, the predictions of 2"),
        ("gini", [1], [1], "`gini` is no metric"),
    ],
)
def test_what_has_no_score_is_refused_with_the_reason(
    metric: str, truth: list[object], prediction: list[object], said: str
) -> None:
    with pytest.raises(DataError, match=said):
        score(metric, truth, prediction)


def test_a_threshold_is_the_worst_value_that_is_not_bad() -> None:
    assert is_worse("roc_auc", 0.69, 0.7)
    assert not is_worse("roc_auc", 0.7, 0.7)
    assert is_worse("rmse", 3.1, 3.0)
    assert not is_worse("rmse", 3.0, 3.0)


def test_the_positive_of_two_probabilities_is_the_second() -> None:
    assert positive(BOTH).tolist() == SURE
    assert positive([[0.1, 0.2, 0.7]]).tolist() == [2]
    assert positive(["a", "b"]).tolist() == np.array(["a", "b"]).tolist()
