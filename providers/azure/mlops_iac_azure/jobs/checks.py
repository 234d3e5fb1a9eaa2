"""What Azure ML refuses in jobs of several kinds."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import DataRef, Spec
from mlops_iac.specs.jobs import ScriptJob
from mlops_iac.specs.types import duration_text

LONGEST_RUN, LONGEST_SPOT_RUN = timedelta(days=21), timedelta(days=7)
"""How long a job may run: https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas"""


def time_problems(spec: Spec, timeout: timedelta, *, is_spot: bool = False) -> Iterator[Problem]:
    """Yield what is wrong with the time that a job may take."""
    longest = LONGEST_SPOT_RUN if is_spot else LONGEST_RUN
    if not timedelta(seconds=1) <= timeout <= longest:
        yield job_problem(
            spec,
            "timeout",
            "timeout",
            value=duration_text(timeout),
            message=f"Azure ML runs no job for {duration_text(timeout)}",
            rule=f"1 second to {longest.days} days",
            remedy=f"set `timeout` between `1s` and `{longest.days}d`, and save checkpoints",
        )


def spot_problems(spec: ScriptJob) -> Iterator[Problem]:
    """Yield what is wrong with the time that a job on interruptible machines may take."""
    if spec.spot is not None and spec.spot.max_wait < spec.timeout:
        yield Problem(
            code="spot.max-wait",
            component=spec.name,
            field="spot.max_wait",
            value=str(spec.spot.max_wait),
            message="`spot.max_wait` is shorter than `timeout`",
            rule="the whole time, interruptions included, holds the running time",
            remedy="raise `spot.max_wait`, or lower `timeout`",
        )


def input_problems(spec: Spec, refs: Mapping[str, DataRef]) -> Iterator[Problem]:
    """Yield inputs whose variables would not be variables, or would be one."""
    taken: dict[str, str] = {}
    for name in refs:
        variable = contract.input_suffix(name)
        if not re.fullmatch(r"[A-Z0-9_]{1,200}", variable) or variable in taken:
            yield job_problem(
                spec,
                "input-name",
                f"data.{name}",
                value=name,
                message=f"`{name}` cannot name an input",
                rule="letters, digits, `.-_`, and no two alike but for case, `.`, `-` and `_`",
                remedy="rename the input",
            )
        taken[variable] = name


def requirements_problems(spec: ScriptJob, scope: Scope) -> Iterator[Problem]:
    """Yield requirements that nothing would install."""
    ready = "image" if spec.image else "runtime_image" if scope.platform.runtime_image else None
    if spec.requirements is not None and ready is not None:
        yield job_problem(
            spec,
            "requirements-unused",
            "requirements",
            value=spec.requirements,
            message=f"`{ready}` names a ready image, into which nothing is installed any more",
            rule="requirements are installed when an image is built, never at start",
            remedy=f"leave out `requirements`, or `{ready}`",
        )


def metric_problems(spec: Spec, metrics: Mapping[str, str]) -> Iterator[Problem]:
    """Yield names of metrics that cannot travel; `metrics` holds the field of each."""
    for name, field in metrics.items():
        if not re.fullmatch(r"[A-Za-z0-9_\-./:]{1,250}", name):
            yield job_problem(
                spec,
                "metric-name",
                field,
                value=name,
                message=f"`{name}` cannot be the name of a metric",
                rule="letters, digits and `_-./:`, as MLflow has it: `mlflow.utils.validation`",
                remedy="rename the metric",
            )


def job_problem(spec: Spec, code: str, field: str, **said: Any) -> Problem:
    """Return a problem of a job."""
    return Problem(code=f"job.{code}", component=spec.name, field=field, **said)
