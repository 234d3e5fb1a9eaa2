"""What SageMaker refuses in an endpoint."""

from collections.abc import Iterator
from typing import Any

from mlops_iac.errors import Severity
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import ModelEndpoint
from mlops_iac.specs.compute import Compute
from mlops_iac.specs.model_endpoint import (
    Async,
    AutoscaledReplicas,
    Canary,
    FixedReplicas,
    Linear,
    Serverless,
)
from mlops_iac.specs.platform import PublicNetwork
from mlops_iac_aws.challenger_checks import challenger_problems
from mlops_iac_aws.checks import environment_problems
from mlops_iac_aws.compute import Use, compute_problems
from mlops_iac_aws.rollout import DURATION_LIMITS_SECONDS, WAIT_LIMIT_SECONDS, total_seconds
from mlops_iac_aws.to_zero import goes_to_zero

ENVIRONMENT_LIMIT = 1024
"""botocore sagemaker `ContainerDefinition.Environment`."""
SERVERLESS_MEMORY_GB = 6
SERVERLESS_CONCURRENCY = 200
"""botocore sagemaker `ProductionVariantServerlessConfig`."""
TIMEOUT_SECONDS = 60
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html."""
ASYNC_TIMEOUT_SECONDS = 3600
"""botocore sagemaker-runtime `InvokeEndpointAsync.InvocationTimeoutSeconds`."""
_ROLLOUT = "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html"
_TO_ZERO = (
    "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html"
)
_ROLLING = (
    "https://docs.aws.amazon.com/sagemaker/latest/APIReference/"
    "API_InferenceComponentDeploymentConfig.html"
)
_SERVERLESS = "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html"


def endpoint_problems(spec: ModelEndpoint, scope: Scope) -> Iterator[Problem]:
    """Yield every problem of an endpoint on SageMaker."""
    yield from environment_problems(spec.name, spec.environment, ENVIRONMENT_LIMIT)
    if isinstance(spec.scaling, Serverless):
        yield from _serverless(spec, spec.scaling, scope)
    else:
        yield from compute_problems(spec.name, spec.compute, Use.HOSTING, scope.target.region)
    if goes_to_zero(spec):
        yield from _to_zero(spec)
    yield from _timeout(spec)
    yield from _rollout(spec)
    yield from challenger_problems(spec)
    yield from _replicas(spec, scope)


def _problem(spec: ModelEndpoint, code: str, field: str, **said: Any) -> Problem:
    return Problem(code=f"endpoint.{code}", component=spec.name, field=field, **said)


def _serverless(spec: ModelEndpoint, scaling: Serverless, scope: Scope) -> Iterator[Problem]:
    if scaling.memory_gb > SERVERLESS_MEMORY_GB:
        yield _problem(
            spec,
            "serverless-memory",
            "scaling.memory_gb",
            value=scaling.memory_gb,
            message=f"a serverless endpoint has no {scaling.memory_gb} GB of memory",
            rule=f"1 to {SERVERLESS_MEMORY_GB}",
            remedy="ask for less, or for `replicas`",
        )
    if scaling.max_concurrency > SERVERLESS_CONCURRENCY:
        yield _problem(
            spec,
            "serverless-concurrency",
            "scaling.max_concurrency",
            value=scaling.max_concurrency,
            message=f"a serverless endpoint answers no {scaling.max_concurrency} requests at once",
            rule=f"1 to {SERVERLESS_CONCURRENCY}",
            remedy="ask for less, or scale with `min` and `max`",
        )
    if spec.compute != Compute():
        yield _problem(
            spec,
            "serverless-compute",
            "compute",
            value=spec.compute.model_dump(mode="json"),
            message="a serverless endpoint has no machine, and no accelerator, to choose",
            rule=_SERVERLESS,
            remedy="leave out `compute`; `scaling.memory_gb` says the size",
        )
    if isinstance(spec.rollout, Canary | Linear):
        yield _problem(
            spec,
            "serverless-rollout",
            "rollout",
            value=spec.rollout.mode,
            message="a serverless endpoint has no machines of which a part could go first",
            rule=_ROLLOUT,
            remedy="leave out `rollout`, or scale with `replicas`, or `min` and `max`",
        )
    if spec.capture is not None:
        yield _problem(
            spec,
            "serverless-capture",
            "capture",
            value=spec.capture.percent,
            message="a serverless endpoint captures nothing",
            rule=_SERVERLESS,
            remedy="leave out `capture`, or scale with `replicas`, or `min` and `max`",
        )
    if not isinstance(scope.platform.network, PublicNetwork):
        yield _problem(
            spec,
            "serverless-network",
            "scaling",
            value="serverless",
            message="a serverless endpoint cannot be inside the network of the platform",
            rule=_SERVERLESS,
            remedy="scale with `replicas`, or `min` and `max`",
        )


def _to_zero(spec: ModelEndpoint) -> Iterator[Problem]:
    if isinstance(spec.rollout, Canary):
        yield _problem(
            spec,
            "zero-rollout",
            "rollout",
            value=spec.rollout.mode,
            message="an endpoint that goes to zero is replaced in equal parts, without a first one",
            rule=_ROLLING,
            remedy="set `rollout: {step_percent: 50}`, or `scaling.min` to 1",
        )
    if spec.capture is not None:
        yield _problem(
            spec,
            "zero-capture",
            "capture",
            value=spec.capture.percent,
            message="no documented capture keeps the traffic of an endpoint that goes to zero",
            rule=_TO_ZERO,
            remedy="leave out `capture`, or set `scaling.min` to 1",
        )


def _timeout(spec: ModelEndpoint) -> Iterator[Problem]:
    limit = ASYNC_TIMEOUT_SECONDS if isinstance(spec.scaling, Async) else TIMEOUT_SECONDS
    if not 1 <= spec.timeout.total_seconds() <= limit:
        yield _problem(
            spec,
            "timeout",
            "timeout",
            value=str(spec.timeout),
            message=f"SageMaker ends a request after {limit} s",
            rule=f"1 to {limit} seconds",
            remedy="set a shorter `timeout`, or `scaling: {mode: async}`: 1 h",
        )


def _rollout(spec: ModelEndpoint) -> Iterator[Problem]:
    rollout = spec.rollout
    if not isinstance(rollout, Canary | Linear):
        return
    if rollout.wait.total_seconds() > WAIT_LIMIT_SECONDS:
        yield _problem(
            spec,
            "rollout-wait",
            "rollout.wait",
            value=str(rollout.wait),
            message="SageMaker waits no longer than an hour",
            rule="0 to 60 minutes",
            remedy="set `wait: 1h` or less",
        )
    elif total_seconds(rollout) > DURATION_LIMITS_SECONDS[1]:
        yield _problem(
            spec,
            "rollout-too-long",
            "rollout",
            value=str(rollout.wait),
            message="the whole rollout takes longer than SageMaker allows",
            rule=f"all steps in {DURATION_LIMITS_SECONDS[1] // 3600} h",
            remedy="take larger or faster steps",
        )


def _replicas(spec: ModelEndpoint, scope: Scope) -> Iterator[Problem]:
    is_fixed = isinstance(spec.scaling, FixedReplicas) and spec.scaling.replicas == 1
    is_least = isinstance(spec.scaling, AutoscaledReplicas) and spec.scaling.min == 1
    if scope.profile.protects_data and (is_fixed or is_least):
        field = "replicas" if is_fixed else "min"
        yield Problem(
            code="endpoint.single-replica",
            component=spec.name,
            field=f"scaling.{field}",
            value=1,
            message="one replica is in one availability zone",
            rule="Security Hub SageMaker.4: two or more in production",
            remedy=f"set `scaling.{field}` to 2 or more",
            severity=Severity.WARNING,
        )
