"""What SageMaker refuses in an endpoint."""

from collections.abc import Iterator

from mlops_iac.errors import Severity
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import ModelEndpoint
from mlops_iac.specs.model_endpoint import Async, Canary, FixedReplicas, Linear, Serverless
from mlops_iac.specs.platform import ExistingNetwork
from mlops_iac_aws.checks import environment_problems
from mlops_iac_aws.compute import Use, compute_problems
from mlops_iac_aws.rollout import DURATION_LIMITS_SECONDS, WAIT_LIMIT_SECONDS, total_seconds

ENVIRONMENT_LIMIT = 1024
"""botocore sagemaker `ContainerDefinition.Environment`."""
SERVERLESS_MEMORY_GB = 6
SERVERLESS_CONCURRENCY = 200
"""botocore sagemaker `ProductionVariantServerlessConfig`."""
TIMEOUT_SECONDS = 60
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html."""
ASYNC_TIMEOUT_SECONDS = 3600
"""botocore sagemaker-runtime `InvokeEndpointAsync.InvocationTimeoutSeconds`."""
_SERVERLESS = "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html"


def endpoint_problems(spec: ModelEndpoint, scope: Scope) -> Iterator[Problem]:
    """Yield every problem of an endpoint on SageMaker."""
    yield from environment_problems(spec.name, spec.environment, ENVIRONMENT_LIMIT)
    if isinstance(spec.scaling, Serverless):
        yield from _serverless(spec, spec.scaling, scope)
    else:
        yield from compute_problems(spec.name, spec.compute, Use.HOSTING, scope.target.region)
    yield from _timeout(spec)
    yield from _rollout(spec)
    yield from _replicas(spec, scope)


def _problem(
    spec: ModelEndpoint, code: str, field: str, value: object, message: str, rule: str, remedy: str
) -> Problem:
    return Problem(
        code=f"endpoint.{code}",
        component=spec.name,
        field=field,
        value=value,
        message=message,
        rule=rule,
        remedy=remedy,
    )


def _serverless(spec: ModelEndpoint, scaling: Serverless, scope: Scope) -> Iterator[Problem]:
    if scaling.memory_gb > SERVERLESS_MEMORY_GB:
        yield _problem(
            spec, "serverless-memory", "scaling.memory_gb", scaling.memory_gb,
            f"a serverless endpoint has no {scaling.memory_gb} GB of memory",
            f"1 to {SERVERLESS_MEMORY_GB}", "ask for less, or for `replicas`",
        )  # fmt: skip
    if scaling.max_concurrency > SERVERLESS_CONCURRENCY:
        yield _problem(
            spec, "serverless-concurrency", "scaling.max_concurrency", scaling.max_concurrency,
            f"a serverless endpoint answers no {scaling.max_concurrency} requests at once",
            f"1 to {SERVERLESS_CONCURRENCY}", "ask for less, or scale with `min` and `max`",
        )  # fmt: skip
    if "compute" in spec.model_fields_set:
        yield _problem(
            spec, "serverless-compute", "compute", spec.compute.model_dump(mode="json"),
            "a serverless endpoint has no machine, and no accelerator, to choose",
            _SERVERLESS, "leave out `compute`; `scaling.memory_gb` says the size",
        )  # fmt: skip
    if spec.capture is not None:
        yield _problem(
            spec, "serverless-capture", "capture", spec.capture.percent,
            "a serverless endpoint captures nothing",
            _SERVERLESS, "leave out `capture`, or scale with `replicas`, or `min` and `max`",
        )  # fmt: skip
    if isinstance(scope.platform.network, ExistingNetwork):
        yield _problem(
            spec, "serverless-network", "scaling", "serverless",
            "a serverless endpoint cannot be inside the network of the platform",
            _SERVERLESS, "scale with `replicas`, or `min` and `max`",
        )  # fmt: skip


def _timeout(spec: ModelEndpoint) -> Iterator[Problem]:
    limit = ASYNC_TIMEOUT_SECONDS if isinstance(spec.scaling, Async) else TIMEOUT_SECONDS
    if not 1 <= spec.timeout.total_seconds() <= limit:
        yield _problem(
            spec, "timeout", "timeout", str(spec.timeout),
            f"SageMaker ends a request after {limit} s",
            f"1 to {limit} seconds", "set a shorter `timeout`, or `scaling: {mode: async}`: 1 h",
        )  # fmt: skip


def _rollout(spec: ModelEndpoint) -> Iterator[Problem]:
    rollout = spec.rollout
    if not isinstance(rollout, Canary | Linear):
        return
    if rollout.wait.total_seconds() > WAIT_LIMIT_SECONDS:
        yield _problem(
            spec, "rollout-wait", "rollout.wait", str(rollout.wait),
            "SageMaker waits no longer than an hour", "0 to 60 minutes", "set `wait: 1h` or less",
        )  # fmt: skip
    elif total_seconds(rollout) > DURATION_LIMITS_SECONDS[1]:
        yield _problem(
            spec, "rollout-too-long", "rollout", str(rollout.wait),
            "the whole rollout takes longer than SageMaker allows",
            f"all steps in {DURATION_LIMITS_SECONDS[1] // 3600} h", "take larger or faster steps",
        )  # fmt: skip


def _replicas(spec: ModelEndpoint, scope: Scope) -> Iterator[Problem]:
    is_single = isinstance(spec.scaling, FixedReplicas) and spec.scaling.replicas < 2
    if scope.profile.protects_data and is_single:
        yield Problem(
            code="endpoint.single-replica",
            component=spec.name,
            field="scaling.replicas",
            value=1,
            message="one replica is in one availability zone",
            rule="Security Hub SageMaker.4: two or more in production",
            remedy="set `scaling: {replicas: 2}`",
            severity=Severity.WARNING,
        )
