"""What a step is told, as JSON."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.provider import Scope
from mlops_iac_azure import facts
from mlops_iac_azure.jobs.wiring import Wiring


def step_document(step: str, scope: Scope, wiring: Wiring) -> dict[str, Any]:
    """Return what every step is told."""
    return {
        "version": 1,
        "subscription": facts.subscription(scope),
        "region": facts.region(scope),
        "group": facts.group(scope),
        "workspace": facts.workspace(scope),
        "bucket": wiring.bucket,
        "component": wiring.component,
        "step": step,
    }


def job_document(
    step: str, program: Mapping[str, Any], scope: Scope, wiring: Wiring, **told: Any
) -> dict[str, Any]:
    """Return what a step that runs a program is told.

    Args:
        step: the step.
        program: what is run, as `job_request.program_document` makes it.
        scope: the stack.
        wiring: values from elsewhere.
        told: `task` with what a job without a script does, `models` with the models that are put
            into it, `search` with what a trial's values mean.
    """
    return {
        **step_document(step, scope, wiring),
        "program": program,
        **{name: value for name, value in told.items() if value is not None},
    }


def registered(scope: Scope, model: str, alias: str | None, version: int | None) -> dict[str, Any]:
    """Return how a step is told of a version of a registered model."""
    return {
        "model": facts.model_name(scope, model),
        "component": model,
        "alias": alias,
        "version": version,
    }
