"""What Vertex AI refuses in jobs of several kinds."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import DataRef, Dataset, Spec
from mlops_iac.specs.jobs import ScriptJob
from mlops_iac.specs.types import duration_text

LONGEST_RUN = timedelta(days=7)
"""https://cloud.google.com/vertex-ai/docs/quotas: a custom job runs for 7 days."""
ENVIRONMENT_LIMIT = 100
"""discovery aiplatform.v1, ContainerSpec.env."""


def time_problems(spec: Spec, timeout: timedelta) -> Iterator[Problem]:
    """Yield what is wrong with the time that a job may take."""
    if not timedelta(seconds=1) <= timeout <= LONGEST_RUN:
        yield job_problem(
            spec,
            "timeout",
            "timeout",
            value=duration_text(timeout),
            message=f"Vertex AI runs no job for {duration_text(timeout)}",
            rule="1 second to 7 days",
            remedy="set `timeout` between `1s` and `7d`",
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


def file_problems(
    spec: Spec, scope: Scope, refs: Mapping[str, DataRef], field: str = "data"
) -> Iterator[Problem]:
    """Yield data that lies in tables, of a job in which only the runtime reads it: from files."""
    for ref in refs.values():
        source = scope.specs.get(str(ref.name))
        if isinstance(source, Dataset) and source.source.startswith("bq://"):
            yield job_problem(
                spec,
                "table",
                field,
                value=str(ref),
                message=f"`{ref}` is a table of BigQuery, and a {spec.kind} reads files",
                rule="data in Cloud Storage: `gs://bucket/folder/`, or files beside the stack",
                remedy="export the table, or read it by a ProcessingJob whose output is named here",
            )


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
        if not name or "," in name or re.search(r"\s", name):
            yield job_problem(
                spec,
                "metric-name",
                field,
                value=name,
                message=f"`{name}` cannot be the name of a metric",
                rule="no spaces and no comma: discovery aiplatform.v1, StudySpecMetricSpec",
                remedy="rename the metric",
            )


def job_problem(spec: Spec, code: str, field: str, **said: Any) -> Problem:
    """Return a problem of a job."""
    return Problem(code=f"job.{code}", component=spec.name, field=field, **said)
