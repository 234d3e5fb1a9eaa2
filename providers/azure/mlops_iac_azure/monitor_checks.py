"""What Azure ML refuses in a monitor."""

from collections.abc import Iterator
from dataclasses import replace

from mlops_iac.data_flow import unmade_data, unreadable_data
from mlops_iac.job_rules import variable_problems
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import ModelMonitor
from mlops_iac.specs.jobs import RunPolicy
from mlops_iac_azure.compute import Use, compute_problems
from mlops_iac_azure.jobs.checks import time_problems
from mlops_iac_azure.schedules import schedule_problems


def monitor_problems(spec: ModelMonitor, scope: Scope) -> Iterator[Problem]:
    """Yield every problem of a monitor on Azure."""
    yield from compute_problems(spec.name, spec.compute, Use.TRAINING)
    yield from time_problems(spec, spec.timeout)
    yield from schedule_problems(spec.name, spec.schedule)
    yield from _baseline(spec, scope)


def _baseline(spec: ModelMonitor, scope: Scope) -> Iterator[Problem]:
    if spec.baseline is None:
        return
    named = {"baseline": spec.baseline}
    found = (
        *unreadable_data(spec, spec.baseline, scope.specs),
        *unmade_data(spec, RunPolicy.ON_CHANGE, named, scope.specs),
        *variable_problems(spec, named),
    )
    yield from (replace(problem, field="baseline") for problem in found)
