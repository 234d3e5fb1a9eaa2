"""What SageMaker refuses in the jobs that are processing jobs."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from mlops_iac.compute import Use
from mlops_iac.feature_rules import contracts_of
from mlops_iac.job_rules import job_problem, time_problems
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import DataRef, Spec
from mlops_iac.specs.compute import Compute
from mlops_iac_aws.compute import compute_problems
from mlops_iac_aws.jobs.data import CONTRACT_SUFFIX
from mlops_iac_aws.jobs.processing import INPUT_LIMIT, LONGEST_PROCESSING

CODE, TASK, MODEL = "code", "task", "model"
OWN_INPUTS = frozenset({CODE, TASK, MODEL})
"""Inputs that hold no data."""
_OWN_TEXT = ", ".join(f"`{name}`" for name in sorted(OWN_INPUTS))


def processing_problems(
    spec: Spec, scope: Scope, compute: Compute, timeout: timedelta
) -> Iterator[Problem]:
    """Yield what is wrong with machine and time of a processing job."""
    yield from compute_problems(spec.name, compute, Use.PROCESSING, scope.target.region)
    yield from time_problems(spec, timeout, LONGEST_PROCESSING, "SageMaker", "processing job")


def input_problems(
    spec: Spec, scope: Scope, refs: Mapping[str, DataRef], own: int
) -> Iterator[Problem]:
    """Yield what is wrong with the inputs of a processing job that has `own` others."""
    for name in refs:
        is_ours = name in OWN_INPUTS or name.endswith(CONTRACT_SUFFIX)
        if is_ours or not re.fullmatch(r"[A-Za-z0-9.\-_]{1,64}", name):
            yield job_problem(
                spec,
                "input-name",
                "data",
                value=name,
                message=f"`{name}` cannot be the name of an input",
                rule=f"1 to 64 letters, digits, `.-_`; not {_OWN_TEXT}, not `…{CONTRACT_SUFFIX}`",
                remedy="give the data another name in `data`",
            )
    count = len(refs) + len(contracts_of(refs, scope.specs)) + own
    if count > INPUT_LIMIT:
        yield job_problem(
            spec,
            "too-many-inputs",
            "data",
            value=len(refs),
            message=f"the job needs {count} inputs",
            rule=f"SageMaker has {INPUT_LIMIT}: one each for code, parameters, data and contract",
            remedy="join datasets, or drop `columns` of some",
        )
