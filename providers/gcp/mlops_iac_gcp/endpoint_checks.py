"""What Vertex AI refuses in an endpoint."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac.errors import Severity
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import (
    Async,
    AutoscaledReplicas,
    FixedReplicas,
    ModelEndpoint,
    Serverless,
)
from mlops_iac.specs.model_endpoint import Canary, Linear
from mlops_iac_gcp.compute import SYSTEM_DISK_GB, compute_problems
from mlops_iac_gcp.queued import MAX_SECONDS
from mlops_iac_gcp.serverless_checks import serverless_problems
from mlops_iac_gcp.service_request import is_service
from mlops_iac_gcp.serving.health import VISIBLE_SECONDS
from mlops_iac_gcp.workload import environment_problems

# https://cloud.google.com/vertex-ai/docs/predictions/choose-endpoint-type
MAX_TIMEOUT_SECONDS = 3600
# https://cloud.google.com/run/docs/configuring/request-timeout
WAITING: Mapping[type, tuple[str, int]] = {
    Async: ("Pub/Sub", MAX_SECONDS),
    Serverless: ("Cloud Run", 3600),
}
"""Who waits for a prediction, and the most seconds, by how an endpoint scales; else Vertex AI."""
# discovery aiplatform.v1, Model.versionAliases
_ALIAS = re.compile(r"[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]")
_ZERO = "https://cloud.google.com/vertex-ai/docs/predictions/autoscaling#scale-to-zero"


def endpoint_problems(spec: ModelEndpoint, scope: Scope) -> Iterator[Problem]:
    """Yield every problem of an endpoint on Vertex AI, or on Cloud Run."""
    yield from environment_problems(spec.name, spec.environment)
    if is_service(spec):
        yield from serverless_problems(spec)
    else:
        yield from compute_problems(spec.name, spec.compute)
        yield from _disk(spec)
    yield from _timeout(spec)
    yield from _aliases(spec)
    yield from _rollout(spec)
    yield from _zero(spec)
    yield from _replicas(spec, scope)


def _problem(spec: ModelEndpoint, code: str, field: str, **said: Any) -> Problem:
    return Problem(code=code, component=spec.name, field=field, **said)


def _disk(spec: ModelEndpoint) -> Iterator[Problem]:
    if spec.compute.disk_gb > SYSTEM_DISK_GB:
        yield _problem(
            spec,
            "compute.disk",
            "compute.disk_gb",
            value=spec.compute.disk_gb,
            message=f"a replica on Vertex AI has no disk of {spec.compute.disk_gb} GiB",
            rule=f"its disk is {SYSTEM_DISK_GB} GiB and cannot be chosen",
            remedy="ask for less, or read large files from Cloud Storage",
        )


def _timeout(spec: ModelEndpoint) -> Iterator[Problem]:
    seconds = spec.timeout.total_seconds()
    who, most = WAITING.get(type(spec.scaling), ("Vertex AI", MAX_TIMEOUT_SECONDS))
    if not 1 <= seconds <= most:
        yield _problem(
            spec,
            "endpoint.timeout",
            "timeout",
            value=f"{seconds:g}s",
            message=f"{who} does not wait {seconds:g} s for a prediction",
            rule=f"1 to {most} seconds",
            remedy="choose a shorter `timeout`, or predict in batches",
        )


def _aliases(spec: ModelEndpoint) -> Iterator[Problem]:
    rival = spec.challenger
    named = {"model": spec.model.alias, "challenger.model": rival.model.alias if rival else None}
    for field, alias in named.items():
        if alias is not None and (alias == "default" or not _ALIAS.fullmatch(alias)):
            yield _problem(
                spec,
                "model.alias",
                field,
                value=alias,
                message=f"`{alias}` cannot be an alias on Vertex AI",
                rule="two characters or more, no `-` at the end; Vertex AI moves `default` by "
                "itself",
                remedy="choose another alias, such as `champion`",
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
            rule=f"Cloud Monitoring shows them after up to {VISIBLE_SECONDS} seconds",
            remedy="set `wait: 4m` or more",
            severity=Severity.WARNING,
        )


def _zero(spec: ModelEndpoint) -> Iterator[Problem]:
    is_idle = isinstance(spec.scaling, AutoscaledReplicas) and spec.scaling.min == 0
    if is_idle and spec.challenger is not None:
        yield _problem(
            spec,
            "endpoint.zero-challenger",
            "challenger",
            value=str(spec.challenger.model.name),
            message="what has no replica while idle cannot share its endpoint",
            rule=_ZERO,
            remedy="set `scaling.min` to 1 or more, or leave out `challenger`",
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
            message="one replica is in one zone",
            rule="Vertex AI's service level holds for two or more",
            remedy=f"set `scaling.{field}` to 2 or more",
            severity=Severity.WARNING,
        )
