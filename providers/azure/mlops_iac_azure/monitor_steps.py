"""The steps of a monitor: one judges, one keeps the report and tells of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mlops_iac.jobs.data import data_uri
from mlops_iac.provider import BuildContext, Purpose, Scope
from mlops_iac.specs import ModelEndpoint, ModelMonitor, RegisteredModel
from mlops_iac.specs.model_monitor import Signal
from mlops_iac_azure import facts
from mlops_iac_azure.jobs.documents import step_document
from mlops_iac_azure.jobs.mounting import mounted
from mlops_iac_azure.jobs.steps import Node, Step, Verb
from mlops_iac_azure.jobs.wiring import Wiring

JUDGED_BY = "judged_by"
"""Member of the second step's document: the first one's name."""
BASELINE = "baseline"
_TASK = ("signals", "quality", "drift", "performance", "min_rows", "max_rows")
_TELLING = timedelta(hours=1)


def endpoint_of(spec: ModelMonitor, scope: Scope) -> ModelEndpoint:
    """Return the endpoint that a monitor watches."""
    endpoint = scope.specs[spec.endpoint]
    assert isinstance(endpoint, ModelEndpoint)  # noqa: S101  the reference says so
    return endpoint


def tag_of(scope: Scope, component: str) -> str:
    """Return by what a monitor or policy is told from those of other stacks: tag and dimension."""
    return facts.asset(scope, component)


def monitor_steps(spec: ModelMonitor, context: BuildContext, wiring: Wiring) -> tuple[Step, ...]:
    """Return the steps of a monitor; the last one has its name."""
    judge = f"{spec.name}-judge"
    watched = _watched(spec, context)
    task = {part: value for part, value in spec.model_dump(mode="json").items() if part in _TASK}
    inputs = {} if spec.baseline is None else {BASELINE: data_uri(spec.baseline, context, wiring)}
    judged = Step(
        name=judge,
        verb=Verb.MONITOR,
        document={
            **step_document(judge, context, wiring),
            "job": spec.name,
            "task": task,
            "watched": watched,
            "compute": spec.compute.model_dump(mode="json"),
            "within": {name: mounted(location)[1] for name, location in inputs.items()},
        },
        # It loads the model, as trainings do.
        node=Node(
            purpose=Purpose.TRAINING,
            compute=spec.compute,
            timeout=spec.timeout,
            inputs=inputs,
        ),
    )
    told = Step(
        name=spec.name,
        verb=Verb.MONITOR,
        document={
            **step_document(spec.name, context, wiring),
            "job": spec.name,
            "watched": watched,
            JUDGED_BY: judge,
        },
        node=Node(timeout=_TELLING),
    )
    return (judged, told.following([judge]))


def _watched(spec: ModelMonitor, scope: Scope) -> dict[str, Any]:
    return {
        "monitor": spec.name,
        "endpoint": str(spec.endpoint),
        "captures": facts.captures(scope),
        "tag": tag_of(scope, spec.name),
        "wants_truth": Signal.MODEL_QUALITY in spec.signals,
        "trust_pickle": _trusts(spec, scope),
    }


def _trusts(spec: ModelMonitor, scope: Scope) -> bool:
    model = scope.specs.get(str(endpoint_of(spec, scope).model.name))
    return isinstance(model, RegisteredModel) and model.trust_pickle
