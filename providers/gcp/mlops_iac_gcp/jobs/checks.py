"""What Vertex AI refuses in jobs of several kinds."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from mlops_iac import job_rules
from mlops_iac.job_rules import job_problem
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import DataRef, Dataset, Spec

LONGEST_RUN = timedelta(days=7)
"""https://cloud.google.com/vertex-ai/docs/quotas: a custom job runs for 7 days."""
ENVIRONMENT_LIMIT = 100
"""discovery aiplatform.v1, ContainerSpec.env."""
_METRIC_RULE = "no spaces and no comma: discovery aiplatform.v1, StudySpecMetricSpec"


def time_problems(spec: Spec, timeout: timedelta) -> Iterator[Problem]:
    """Yield what is wrong with the time that a job may take."""
    return job_rules.time_problems(spec, timeout, LONGEST_RUN, "Vertex AI")


def metric_problems(spec: Spec, metrics: Mapping[str, str]) -> Iterator[Problem]:
    """Yield names of metrics that cannot travel; `metrics` holds the field of each."""
    return job_rules.metric_problems(spec, metrics, r"[^\s,]+", _METRIC_RULE)


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
