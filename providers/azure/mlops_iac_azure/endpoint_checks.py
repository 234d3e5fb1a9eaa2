"""What Azure ML refuses in an endpoint."""

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac.errors import Severity
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import AutoscaledReplicas, FixedReplicas, ModelEndpoint
from mlops_iac.specs.model_endpoint import Canary, Linear
from mlops_iac_azure.app_checks import app_problems
from mlops_iac_azure.app_request import MAX_SECONDS, is_app
from mlops_iac_azure.compute import Use, compute_problems
from mlops_iac_azure.serving.health import VISIBLE_SECONDS
from mlops_iac_azure.workload import environment_problems

# https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas#azure-machine-learning-online-endpoints-and-batch-endpoints
_LIMITS = "https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas"
MAX_TIMEOUT_SECONDS = 180
_INGRESS = "https://learn.microsoft.com/azure/container-apps/ingress-overview"
_WAITING: Mapping[bool, tuple[str, int, str]] = {
    False: ("Azure ML waits", MAX_TIMEOUT_SECONDS, _LIMITS),
    True: ("Container Apps wait", MAX_SECONDS, _INGRESS),
}
"""Who waits for a prediction, the most seconds, and where that stands; by whether it is an app."""
MAX_INSTANCES = 50
"""Instances of one deployment, before somebody asks for more."""
MAX_MIRRORED = 50
"""Percent of the requests that may be copied: `mirrorTraffic` takes no more."""


def endpoint_problems(spec: ModelEndpoint, scope: Scope) -> Iterator[Problem]:
    """Yield every problem of an endpoint on Azure ML, or in Container Apps."""
    yield from environment_problems(spec.name, spec.environment)
    if is_app(spec):
        yield from app_problems(spec, scope)
    else:
        yield from compute_problems(spec.name, spec.compute, Use.HOSTING)
        yield from _instances(spec)
    yield from _timeout(spec)
    yield from _shadow(spec)
    yield from _rollout(spec)
    yield from _replicas(spec, scope)


def _problem(spec: ModelEndpoint, code: str, field: str, **said: Any) -> Problem:
    return Problem(code=code, component=spec.name, field=field, **said)


def _timeout(spec: ModelEndpoint) -> Iterator[Problem]:
    seconds = spec.timeout.total_seconds()
    who, most, page = _WAITING[is_app(spec)]
    if not 1 <= seconds <= most:
        yield _problem(
            spec,
            "endpoint.timeout",
            "timeout",
            value=f"{seconds:g}s",
            message=f"{who} no {seconds:g} s for a prediction",
            rule=f"1 to {most} seconds ({page})",
            remedy="choose a shorter `timeout`, or predict in batches",
        )


def _instances(spec: ModelEndpoint) -> Iterator[Problem]:
    scaling = spec.scaling
    field, most = "scaling.max", 1
    if isinstance(scaling, FixedReplicas):
        field, most = "scaling.replicas", scaling.replicas
    elif isinstance(scaling, AutoscaledReplicas):
        most = scaling.max
    if most > MAX_INSTANCES:
        yield _problem(
            spec,
            "scaling.too-large",
            field,
            value=most,
            message=f"{most} replicas are asked for",
            rule=f"a deployment has at most {MAX_INSTANCES} instances ({_LIMITS})",
            remedy="ask for fewer replicas on larger machines",
        )


def _shadow(spec: ModelEndpoint) -> Iterator[Problem]:
    rival = spec.challenger
    if rival is not None and rival.shadow and rival.percent > MAX_MIRRORED:
        yield _problem(
            spec,
            "endpoint.shadow-share",
            "challenger.percent",
            value=rival.percent,
            message=f"Azure ML does not copy {rival.percent} % of the requests",
            rule=f"`mirrorTraffic` takes at most {MAX_MIRRORED}",
            remedy=f"set `challenger.percent` to {MAX_MIRRORED} or less",
        )


def _rollout(spec: ModelEndpoint) -> Iterator[Problem]:
    rollout = spec.rollout
    if isinstance(rollout, Canary | Linear) and rollout.wait.total_seconds() < VISIBLE_SECONDS:
        yield _problem(
            spec,
            "endpoint.rollout-wait",
            "rollout.wait",
            value=str(rollout.wait),
            message="errors of a new version are seen four minutes later: the look comes too early",
            rule=f"Azure Monitor shows them after up to {VISIBLE_SECONDS} seconds",
            remedy="set `wait: 4m` or more",
            severity=Severity.WARNING,
        )


def _replicas(spec: ModelEndpoint, scope: Scope) -> Iterator[Problem]:
    is_fixed = isinstance(spec.scaling, FixedReplicas) and spec.scaling.replicas == 1
    is_least = isinstance(spec.scaling, AutoscaledReplicas) and spec.scaling.min == 1
    if scope.profile.protects_data and (is_fixed or is_least):
        field = "replicas" if is_fixed else "min"
        yield _problem(
            spec,
            "endpoint.single-replica",
            f"scaling.{field}",
            value=1,
            message="one replica is on one machine, which Azure restarts when it likes",
            rule="Azure ML asks for three or more where an endpoint must always answer",
            remedy=f"set `scaling.{field}` to 2 or more",
            severity=Severity.WARNING,
        )
