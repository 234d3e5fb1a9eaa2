"""What Vertex AI refuses in a monitor."""

from collections.abc import Iterator

from mlops_iac.job_rules import baseline_problems
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import ModelMonitor
from mlops_iac_gcp.compute import compute_problems
from mlops_iac_gcp.jobs.checks import time_problems
from mlops_iac_gcp.schedules import schedule_problems


def monitor_problems(spec: ModelMonitor, scope: Scope) -> Iterator[Problem]:
    """Yield every problem of a monitor on Google Cloud."""
    yield from compute_problems(spec.name, spec.compute)
    yield from time_problems(spec, spec.timeout)
    yield from schedule_problems(spec.name, spec.schedule)
    yield from baseline_problems(spec, scope.specs)
