"""What Container Apps refuse in an endpoint without a replica of its own, and what they lack."""

import re
from collections.abc import Iterator
from typing import Any

from mlops_iac.errors import Severity
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import Authentication, AutoscaledReplicas, Compute, ModelEndpoint, Serverless
from mlops_iac_azure.app_request import MAX_CPU, MAX_MEMORY_GB, MAX_REPLICAS, size
from mlops_iac_azure.posture import is_private

_SIZES = "https://learn.microsoft.com/azure/container-apps/containers#allocations"
# https://learn.microsoft.com/azure/container-apps/environment-variables#built-in-environment-variables
_RESERVED = re.compile(r"CONTAINER_APP_.*|PORT")


def app_problems(spec: ModelEndpoint, scope: Scope) -> Iterator[Problem]:
    """Yield what is wrong with an endpoint that is a container app."""
    yield from _size(spec)
    yield from _network(spec, scope)
    yield from _shadow(spec)
    yield from _capture(spec)
    yield from _caller(spec)
    for name in spec.environment:
        if _RESERVED.fullmatch(name):
            yield _problem(
                spec,
                "environment.reserved",
                f"environment.{name}",
                value=name,
                message=f"`{name}` is set by Container Apps",
                rule="https://learn.microsoft.com/azure/container-apps/environment-variables",
                remedy="rename the variable",
            )


def _problem(spec: ModelEndpoint, code: str, field: str, **said: Any) -> Problem:
    return Problem(code=code, component=spec.name, field=field, **said)


def _size(spec: ModelEndpoint) -> Iterator[Problem]:
    scaling, wished = spec.scaling, spec.compute
    if isinstance(scaling, Serverless):
        yield from _serverless_size(spec, scaling)
        return
    if wished.accelerator is not None or wished.disk_gb > Compute().disk_gb or size(wished) is None:
        yield _problem(
            spec,
            "endpoint.zero-compute",
            "compute",
            value=wished.model_dump(mode="json"),
            message="an endpoint without a replica while idle has no machine like that",
            rule=f"a container app has up to {MAX_CPU:g} CPUs and {MAX_MEMORY_GB:g} GiB, no "
            f"accelerator and no disk to choose; {_SIZES}",
            remedy="ask for less, or set `scaling.min` to 1 or more",
        )
    if isinstance(scaling, AutoscaledReplicas) and scaling.max > MAX_REPLICAS:
        yield _problem(
            spec,
            "scaling.too-large",
            "scaling.max",
            value=scaling.max,
            message=f"{scaling.max} replicas are asked for",
            rule=f"a container app has at most {MAX_REPLICAS} replicas",
            remedy="ask for fewer",
        )


def _serverless_size(spec: ModelEndpoint, scaling: Serverless) -> Iterator[Problem]:
    if spec.compute != Compute():
        yield _problem(
            spec,
            "endpoint.serverless-compute",
            "compute",
            value=spec.compute.model_dump(mode="json"),
            message="a serverless endpoint has no machine, and no accelerator, to choose",
            rule=_SIZES,
            remedy="leave out `compute`; `scaling.memory_gb` says the size",
        )
    if scaling.memory_gb > MAX_MEMORY_GB:
        yield _problem(
            spec,
            "endpoint.serverless-memory",
            "scaling.memory_gb",
            value=scaling.memory_gb,
            message=f"a container app has no {scaling.memory_gb} GiB",
            rule=f"at most {MAX_MEMORY_GB:g} GiB; {_SIZES}",
            remedy="ask for less, or scale with `replicas`, or `min` and `max`",
        )


def _network(spec: ModelEndpoint, scope: Scope) -> Iterator[Problem]:
    if is_private(scope.platform):
        yield _problem(
            spec,
            "endpoint.serverless-network",
            "scaling",
            value=spec.scaling.model_dump(mode="json"),
            message="an endpoint without a replica of its own is not inside the network",
            rule="container apps want a subnet for themselves, which nothing else may use "
            "(https://learn.microsoft.com/azure/container-apps/custom-virtual-networks)",
            remedy="scale with `replicas`, or with `min: 1` or more",
        )


def _shadow(spec: ModelEndpoint) -> Iterator[Problem]:
    if spec.challenger is not None and spec.challenger.shadow:
        yield _problem(
            spec,
            "endpoint.serverless-shadow",
            "challenger.shadow",
            value=True,
            message="an endpoint without a replica of its own copies no requests",
            rule="traffic of container apps is split, not mirrored",
            remedy="leave out `shadow`, or scale with `replicas`, or `min: 1` or more",
        )


def _capture(spec: ModelEndpoint) -> Iterator[Problem]:
    if spec.capture is not None:
        yield _problem(
            spec,
            "endpoint.serverless-capture",
            "capture",
            value=spec.capture.percent,
            message="an endpoint without a replica of its own captures nothing",
            rule="data collectors belong to deployments of Azure ML",
            remedy="leave out `capture`, or scale with `replicas`, or `min: 1` or more",
        )


def _caller(spec: ModelEndpoint) -> Iterator[Problem]:
    if spec.authentication is Authentication.IDENTITY:
        yield _problem(
            spec,
            "endpoint.serverless-identity",
            "authentication",
            value=spec.authentication.value,
            message="callers bear a token, which those may read whom Entra's roles let",
            rule="container apps know no identities without an application of the tenant",
            remedy="let callers read the secret that the output `credential` names",
            severity=Severity.WARNING,
        )
