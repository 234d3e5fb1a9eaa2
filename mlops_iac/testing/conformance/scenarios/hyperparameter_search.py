"""Scenarios of `HyperparameterSearch`."""

from mlops_iac.capabilities import Capability
from mlops_iac.testing.conformance.scenario import Scenario, Table

_CHOICES = {"solver": {"choices": ["lbfgs", "saga"]}}

HYPERPARAMETER_SEARCH = Table(
    kind="HyperparameterSearch",
    fields={"job": "delay", "parameters": _CHOICES, "metric": "auc", "trials": 2},
    scenarios=(
        Scenario(
            "HS-01",
            "values chosen from what was learned",
            {},
            Capability.SEARCH_BAYESIAN,
            {"strategy": "random"},
        ),
        Scenario("HS-02", "random values", {"strategy": "random"}, Capability.SEARCH_RANDOM),
        Scenario("HS-03", "every combination", {"strategy": "grid"}, Capability.SEARCH_GRID),
        Scenario("HS-04", "runs at the same time", {"parallel": 2}, Capability.SEARCH_PARALLEL),
        Scenario(
            "HS-05",
            "ranges of numbers, also by their logarithm",
            {
                "parameters": {
                    "rate": {"min": 0.01, "max": 0.5, "log": True},
                    "depth": {"mode": "integer", "min": 2, "max": 8},
                    **_CHOICES,
                },
                "goal": "minimize",
            },
        ),
    ),
)
