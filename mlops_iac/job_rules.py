"""What is wrong with jobs, on every target that has the rule."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.data_flow import is_made_by_up, unmade_data, unreadable_data
from mlops_iac.errors import Problem
from mlops_iac.run_order import data_of
from mlops_iac.specs import DataRef, ModelMonitor, Pipeline, Platform, Spec
from mlops_iac.specs.jobs import RunPolicy, ScriptJob
from mlops_iac.specs.types import duration_text


def job_problem(spec: Spec, code: str, field: str, **said: Any) -> Problem:
    """Return a problem of a job."""
    return Problem(code=f"job.{code}", component=spec.name, field=field, **said)


def time_problems(
    spec: Spec, timeout: timedelta, longest: timedelta, service: str, job: str = "job"
) -> Iterator[Problem]:
    """Yield what is wrong with the time that a service lets a job take."""
    if not timedelta(seconds=1) <= timeout <= longest:
        yield job_problem(
            spec,
            "timeout",
            "timeout",
            value=duration_text(timeout),
            message=f"{service} runs no {job} for {duration_text(timeout)}",
            rule=f"1 second to {longest.days} days",
            remedy=f"set `timeout` between `1s` and `{longest.days}d`",
        )


def pipeline_time_problems(spec: Pipeline, longest_step: timedelta) -> Iterator[Problem]:
    """Yield a problem when a pipeline may take longer than its steps."""
    longest = longest_step * len(spec.steps)
    if spec.timeout > longest:
        yield job_problem(
            spec,
            "timeout",
            "timeout",
            value=duration_text(spec.timeout),
            message="the time is longer than all steps together may take",
            rule=f"{longest_step.days} days for each step, here {duration_text(longest)}",
            remedy="lower `timeout`",
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


def variable_problems(spec: Spec, refs: Mapping[str, DataRef]) -> Iterator[Problem]:
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


def unused_requirements(spec: ScriptJob, platform: Platform) -> Iterator[Problem]:
    """Yield requirements that nothing would install."""
    ready = "image" if spec.image else "runtime_image" if platform.runtime_image else None
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


def metric_problems(
    spec: Spec, metrics: Mapping[str, str], pattern: str, rule: str
) -> Iterator[Problem]:
    """Yield names of metrics that cannot travel; `metrics` holds the field of each."""
    for name, field in metrics.items():
        if not re.fullmatch(pattern, name):
            yield job_problem(
                spec,
                "metric-name",
                field,
                value=name,
                message=f"`{name}` cannot be the name of a metric",
                rule=rule,
                remedy="rename the metric",
            )


def unmade_by_steps(spec: Pipeline, specs: Mapping[str, Spec]) -> Iterator[Problem]:
    """Yield a problem for data that neither `up` nor a step before its reader makes."""
    known: dict[str, set[str]] = {}
    for name, before in spec.graph.items():
        known[name] = {name, *before}.union(*(known[each] for each in before))
        for ref in data_of(specs[name], specs) if name in specs else ():
            if str(ref.name) not in known[name] and not is_made_by_up(ref, specs):
                yield job_problem(
                    spec,
                    "unmade-data",
                    "steps",
                    value=str(ref),
                    message=f"step `{name}` reads `{ref}`, which no step before it makes",
                    rule="a job with `run: manual` makes its data as a step before the reader",
                    remedy=f"add the step `{ref.name}` before `{name}`",
                )


def baseline_problems(spec: ModelMonitor, specs: Mapping[str, Spec]) -> Iterator[Problem]:
    """Yield why a monitor cannot compare with its baseline: no columns, or not there."""
    if spec.baseline is None:
        return
    found = (
        *unreadable_data(spec, spec.baseline, specs),
        *unmade_data(spec, RunPolicy.ON_CHANGE, {"baseline": spec.baseline}, specs),
    )
    yield from (replace(problem, field="baseline") for problem in found)
