"""What Cloud Run refuses in a serverless endpoint, and what it lacks."""

import re
from collections.abc import Iterator
from typing import Any

from mlops_iac.provider import Problem
from mlops_iac.specs import Compute, ModelEndpoint

_CONFIGURING = "https://cloud.google.com/run/docs/configuring/services/memory-limits"
# https://cloud.google.com/run/docs/container-contract#env-vars
_RESERVED = re.compile(r"PORT|K_SERVICE|K_REVISION|K_CONFIGURATION|CLOUD_RUN_.*|X_GOOGLE_.*")


def serverless_problems(spec: ModelEndpoint) -> Iterator[Problem]:
    """Yield what is wrong with a serverless endpoint."""
    if spec.compute != Compute():
        yield _problem(
            spec,
            "endpoint.serverless-compute",
            "compute",
            value=spec.compute.model_dump(mode="json"),
            message="a serverless endpoint has no machine, and no accelerator, to choose",
            rule=_CONFIGURING,
            remedy="leave out `compute`; `scaling.memory_gb` says the size",
        )
    if spec.capture is not None:
        yield _problem(
            spec,
            "endpoint.serverless-capture",
            "capture",
            value=spec.capture.percent,
            message="a serverless endpoint captures nothing",
            rule="Cloud Run logs that a request came, not what was in it",
            remedy="leave out `capture`, or scale with `replicas`, or `min` and `max`",
        )
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


def _problem(spec: ModelEndpoint, code: str, field: str, **said: Any) -> Problem:
    return Problem(code=code, component=spec.name, field=field, **said)
