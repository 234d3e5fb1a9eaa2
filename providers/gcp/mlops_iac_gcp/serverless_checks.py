"""What Cloud Run refuses in a serverless or asynchronous endpoint, and what it lacks."""

import re
from collections.abc import Iterator
from typing import Any

from mlops_iac.provider import Problem
from mlops_iac.specs import Compute, ModelEndpoint, Serverless
from mlops_iac_gcp.service_request import MAX_CPU, MAX_MEMORY_GB, machine

_CONFIGURING = "https://cloud.google.com/run/docs/configuring/services/memory-limits"
# https://cloud.google.com/run/docs/container-contract#env-vars
_RESERVED = re.compile(r"PORT|K_SERVICE|K_REVISION|K_CONFIGURATION|CLOUD_RUN_.*|X_GOOGLE_.*")


def serverless_problems(spec: ModelEndpoint) -> Iterator[Problem]:
    """Yield what is wrong with an endpoint that is a service."""
    if not isinstance(spec.scaling, Serverless):
        yield from _size(spec)
    elif spec.compute != Compute():
        yield _problem(
            spec,
            "endpoint.serverless-compute",
            "compute",
            value=spec.compute.model_dump(mode="json"),
            message="a serverless endpoint has no machine, and no accelerator, to choose",
            rule=_CONFIGURING,
            remedy="leave out `compute`; `scaling.memory_gb` says the size",
        )
    yield from _capture(spec)
    for name in spec.environment:
        if _RESERVED.fullmatch(name):
            yield _problem(
                spec,
                "environment.reserved",
                f"environment.{name}",
                value=name,
                message=f"`{name}` is set by Cloud Run",
                rule="https://cloud.google.com/run/docs/container-contract#env-vars",
                remedy="rename the variable",
            )


def _capture(spec: ModelEndpoint) -> Iterator[Problem]:
    if spec.capture is None:
        return
    if isinstance(spec.scaling, Serverless):
        yield _problem(
            spec,
            "endpoint.serverless-capture",
            "capture",
            value=spec.capture.percent,
            message="a serverless endpoint captures nothing",
            rule="Cloud Run logs that a request came, not what was in it",
            remedy="leave out `capture`, or scale with `replicas`, or `min` and `max`",
        )
    else:
        yield _problem(
            spec,
            "endpoint.async-capture",
            "capture",
            value=spec.capture.percent,
            message="an asynchronous endpoint captures nothing",
            rule="its requests and answers stay in the bucket, but no monitor reads them there",
            remedy="leave out `capture`, or scale with `replicas`, or `min` and `max`",
        )


def _size(spec: ModelEndpoint) -> Iterator[Problem]:
    wished = spec.compute
    has_more = wished.accelerator is not None or wished.disk_gb > Compute().disk_gb
    if has_more or machine(wished) is None:
        yield _problem(
            spec,
            "endpoint.async-compute",
            "compute",
            value=wished.model_dump(mode="json"),
            message="an asynchronous endpoint has no machine like that",
            rule=f"an instance of Cloud Run has up to {MAX_CPU} CPUs and {MAX_MEMORY_GB} GiB, no "
            f"accelerator and no disk to choose; {_CONFIGURING}",
            remedy="ask for less, or predict in batches from a run",
        )


def _problem(spec: ModelEndpoint, code: str, field: str, **said: Any) -> Problem:
    return Problem(code=code, component=spec.name, field=field, **said)
