"""What Azure ML refuses in jobs of several kinds."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from mlops_iac import job_rules
from mlops_iac.provider import Problem
from mlops_iac.specs import Spec

LONGEST_RUN, LONGEST_SPOT_RUN = timedelta(days=21), timedelta(days=7)
"""How long a job may run: https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas"""
_METRIC = r"[A-Za-z0-9_\-./:]{1,250}"
_METRIC_RULE = "letters, digits and `_-./:`, as MLflow has it: `mlflow.utils.validation`"


def time_problems(spec: Spec, timeout: timedelta, *, is_spot: bool = False) -> Iterator[Problem]:
    """Yield what is wrong with the time that a job may take."""
    longest = LONGEST_SPOT_RUN if is_spot else LONGEST_RUN
    return job_rules.time_problems(spec, timeout, longest, "Azure ML")


def metric_problems(spec: Spec, metrics: Mapping[str, str]) -> Iterator[Problem]:
    """Yield names of metrics that cannot travel; `metrics` holds the field of each."""
    return job_rules.metric_problems(spec, metrics, _METRIC, _METRIC_RULE)
