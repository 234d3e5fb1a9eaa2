"""What SageMaker refuses in a training job."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from mlops_iac.content import code_problems
from mlops_iac.data_flow import unmade_data
from mlops_iac.feature_rules import contracts_of
from mlops_iac.job_rules import time_problems, unused_requirements
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import TrainingJob
from mlops_iac.specs.types import duration_text
from mlops_iac_aws.checks import environment_problems
from mlops_iac_aws.compute import Use, compute_problems
from mlops_iac_aws.feature_checks import joining_problems
from mlops_iac_aws.images import image_problems
from mlops_iac_aws.jobs.data import CONTRACT_SUFFIX
from mlops_iac_aws.training_request import CODE_CHANNEL, hyperparameters, metric_definition

CHANNEL_LIMIT = 20
ENVIRONMENT_LIMIT = 512
HYPERPARAMETER_LIMIT = 2500
HYPERPARAMETER_NAME_LIMIT = 256
METRIC_NAME_LIMIT = 255
METRIC_REGEX_LIMIT = 500
"""botocore sagemaker `CreateTrainingJob`."""
LONGEST_RUN = timedelta(days=28)
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html."""


def training_problems(spec: TrainingJob, scope: Scope) -> Iterator[Problem]:
    """Yield every problem of a training job on SageMaker."""
    yield from compute_problems(spec.name, spec.compute, Use.TRAINING, scope.target.region)
    yield from environment_problems(spec.name, spec.environment, ENVIRONMENT_LIMIT)
    if spec.image is not None:
        yield from image_problems(spec.name, "image", spec.image, scope)
    yield from code_problems(spec, scope.project_dir, scope.specs.values())
    yield from unmade_data(spec, spec.run, spec.sources, scope.specs)
    yield from unused_requirements(spec, scope.platform)
    yield from _times(spec)
    yield from _channels(spec, scope)
    yield from joining_problems(spec, scope)
    yield from _parameters(spec)
    yield from _metrics(spec)


def _problem(spec: TrainingJob, code: str, field: str, **said: Any) -> Problem:
    return Problem(code=f"training.{code}", component=spec.name, field=field, **said)


def _times(spec: TrainingJob) -> Iterator[Problem]:
    yield from time_problems(spec, spec.timeout, LONGEST_RUN, "SageMaker")
    if spec.spot is None:
        return
    if spec.spot.max_wait < spec.timeout or spec.spot.max_wait > LONGEST_RUN:
        yield _problem(
            spec,
            "spot-wait",
            "spot.max_wait",
            value=duration_text(spec.spot.max_wait),
            message="the time to wait includes the time to run",
            rule=f"at least `timeout` ({duration_text(spec.timeout)}) and at most `28d`",
            remedy="raise `spot.max_wait`, or lower `timeout`",
        )


def _channels(spec: TrainingJob, scope: Scope) -> Iterator[Problem]:
    for name in spec.inputs:
        is_ours = name == CODE_CHANNEL or name.endswith(CONTRACT_SUFFIX)
        if is_ours or not re.fullmatch(r"[A-Za-z0-9.\-_]{1,55}", name):
            yield _problem(
                spec,
                "input-name",
                "data",
                value=name,
                message=f"`{name}` cannot be the name of an input channel",
                rule="1 to 55 letters, digits, `.-_`; "
                f"not `{CODE_CHANNEL}`, not `…{CONTRACT_SUFFIX}`",
                remedy="give the dataset another name in `data`",
            )
    contracts = len(contracts_of(spec.sources, scope.specs))
    count = len(spec.sources) + contracts + (spec.script is not None)
    if count > CHANNEL_LIMIT:
        yield _problem(
            spec,
            "too-many-inputs",
            "data",
            value=len(spec.sources),
            message=f"the job needs {count} input channels",
            rule=f"SageMaker has {CHANNEL_LIMIT}: one for the code, one a dataset, one a contract",
            remedy="join datasets, or drop `columns` of some",
        )


def _parameters(spec: TrainingJob) -> Iterator[Problem]:
    for name, text in hyperparameters(spec).items():
        if len(name) > HYPERPARAMETER_NAME_LIMIT or len(text) > HYPERPARAMETER_LIMIT:
            yield _problem(
                spec,
                "hyperparameter-too-long",
                f"hyperparameters.{name}",
                value=f"{len(text)} characters",
                message=f"`{name}` is longer than SageMaker takes",
                rule=f"names up to {HYPERPARAMETER_NAME_LIMIT} characters, "
                f"values up to {HYPERPARAMETER_LIMIT} as JSON",
                remedy="put it into a file beside the script",
            )


def _metrics(spec: TrainingJob) -> Iterator[Problem]:
    for name in spec.metrics:
        regex = metric_definition(name)["Regex"]
        is_long = len(name) > METRIC_NAME_LIMIT or len(regex) > METRIC_REGEX_LIMIT
        if not name or is_long or "," in name:
            yield _problem(
                spec,
                "metric-name",
                "metrics",
                value=name,
                message=f"`{name}` cannot be the name of a metric",
                rule=f"1 to {METRIC_NAME_LIMIT} characters, without a comma",
                remedy="rename the metric",
            )
    if len(",".join(spec.metrics)) > ENVIRONMENT_LIMIT:
        yield _problem(
            spec,
            "metrics-too-long",
            "metrics",
            value=len(spec.metrics),
            message="the names of the metrics do not fit into one variable",
            rule=f"together up to {ENVIRONMENT_LIMIT} characters",
            remedy="shorten their names, or require fewer",
        )
