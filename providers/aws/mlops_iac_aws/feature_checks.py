"""What SageMaker refuses in feature groups, and in joining them."""

import re
from collections.abc import Iterator

from mlops_iac.data_flow import unmade_data, unreadable_data
from mlops_iac.feature_rules import (
    contracts_of,
    feature_problem,
    field_of,
    names_of,
    same_name_problems,
    taken_problems,
    type_problems,
)
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import FeatureGroup, TrainingJob
from mlops_iac.specs.jobs import RunPolicy
from mlops_iac_aws.features.encoding import RECORD
from mlops_iac_aws.features.offline import PARTITIONS
from mlops_iac_aws.jobs.processing import INPUT_LIMIT

RESERVED = frozenset({"is_deleted", "write_time", "api_invocation_time"})
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateFeatureGroup.html."""
_NAME = r"[a-zA-Z0-9]([-_]*[a-zA-Z0-9]){0,63}"
"""botocore sagemaker `FeatureName`."""


def feature_problems(spec: FeatureGroup, scope: Scope) -> Iterator[Problem]:
    """Yield every problem of a feature group on SageMaker."""
    yield from unmade_data(spec, RunPolicy.ON_CHANGE, {"data": spec.data}, scope.specs)
    yield from unreadable_data(spec, spec.data, scope.specs)
    yield from type_problems(spec, scope.specs)
    yield from _name_problems(spec)
    yield from same_name_problems(spec)


def joining_problems(job: TrainingJob, scope: Scope) -> Iterator[Problem]:
    """Yield why the groups of a job cannot be joined to its data, as far as it is declared."""
    if not job.features:
        return
    yield from taken_problems(job, scope.specs)
    count = len(job.sources) + len(contracts_of(job.sources, scope.specs)) + len(job.features)
    if count > INPUT_LIMIT:
        yield feature_problem(
            job.name,
            "too-many-inputs",
            "features",
            value=len(job.features),
            message=f"the join needs {count} inputs",
            rule=f"a processing job has {INPUT_LIMIT}: one a dataset, one a contract, one a group",
            remedy="join fewer groups, or drop `columns` of some datasets",
        )


def _name_problems(spec: FeatureGroup) -> Iterator[Problem]:
    reserved = {*RESERVED, RECORD, *(PARTITIONS if spec.offline else ())}
    for name in names_of(spec):
        field = field_of(spec, name)
        if name.lower() in reserved:
            yield feature_problem(
                spec.name,
                "reserved-name",
                field,
                value=name,
                message=f"`{name}` is a column that the feature store makes itself",
                rule="not " + ", ".join(f"`{word}`" for word in sorted(reserved)),
                remedy="rename the column",
            )
        elif not re.fullmatch(_NAME, name):
            yield feature_problem(
                spec.name,
                "name",
                field,
                value=name,
                message=f"SageMaker takes no feature that is called `{name}`",
                rule="letters, digits and `_`, the last a letter or a digit",
                remedy="rename the column",
            )
