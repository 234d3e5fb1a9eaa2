"""What a launcher is told of its step, as JSON."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.provider import Scope
from mlops_iac_gcp import facts
from mlops_iac_gcp.jobs.wiring import Wiring

CUSTOM_JOB, TUNING_JOB = "customJobs", "hyperparameterTuningJobs"
"""Collections of Vertex AI that a launcher starts jobs in."""


def step_document(step: str, scope: Scope, wiring: Wiring) -> dict[str, Any]:
    """Return what every launcher is told."""
    return {
        "version": 1,
        "project": facts.project(scope),
        "region": facts.region(scope),
        "bucket": wiring.bucket,
        "component": wiring.component,
        "step": step,
    }


def job_document(
    step: str, body: Mapping[str, Any], scope: Scope, wiring: Wiring, **told: Any
) -> dict[str, Any]:
    """Return what the launcher of a job is told.

    Args:
        step: the step.
        body: of the job.
        scope: the stack.
        wiring: values from elsewhere.
        told: `task` with what a job without a script does, `models` with the models that are put
            into it, `search` with what the best trial is chosen by.
    """
    collection = TUNING_JOB if "trialJobSpec" in body else CUSTOM_JOB
    return {
        **step_document(step, scope, wiring),
        "collection": collection,
        "body": body,
        **{name: value for name, value in told.items() if value is not None},
    }


def registered(scope: Scope, model: str, alias: str | None, version: int | None) -> dict[str, Any]:
    """Return how a launcher is told of a version of a registered model."""
    return {
        "model": facts.model_name(scope, model),
        "component": model,
        "alias": alias,
        "version": version,
    }
