"""The step of a monitor: what its launcher watches, and the job that judges."""

from __future__ import annotations

from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.jobs.data import data_uri
from mlops_iac.jobs.processing import Processing
from mlops_iac.provider import BuildContext, Scope
from mlops_iac.specs import ModelEndpoint, ModelMonitor, RegisteredModel
from mlops_iac.specs.model_monitor import Signal
from mlops_iac_gcp import facts, names
from mlops_iac_gcp.capture import CAPTURE_TABLE
from mlops_iac_gcp.jobs.processing import processing_step
from mlops_iac_gcp.jobs.steps import Step, Verb
from mlops_iac_gcp.jobs.wiring import Wiring
from mlops_iac_gcp.monitors.telling import METRIC_ROOT

COMMAND = ("python", "-m", "mlops_iac_gcp.work", "judge")
_TASK = ("signals", "quality", "drift", "performance", "min_rows", "max_rows")


def endpoint_of(spec: ModelMonitor, scope: Scope) -> ModelEndpoint:
    """Return the endpoint that a monitor watches."""
    endpoint = scope.specs[spec.endpoint]
    assert isinstance(endpoint, ModelEndpoint)  # noqa: S101  the reference says so
    return endpoint


def capture_dataset(scope: Scope, endpoint: str) -> str:
    """Return the dataset of BigQuery that an endpoint is logged in."""
    return scope.physical_name(names.BIGQUERY_DATASET, endpoint)


def topic_id(scope: Scope, component: str) -> str:
    """Return the id of the topic of a monitor or a policy, which people listen to."""
    return scope.physical_name(names.TOPIC, component)


def topic_name(scope: Scope, component: str) -> str:
    """Return the full name of that topic."""
    return f"projects/{facts.project(scope)}/topics/{topic_id(scope, component)}"


def metric_type(scope: Scope, monitor: str) -> str:
    """Return the metric of a monitor's findings."""
    return f"{METRIC_ROOT}/{scope.physical_name(names.METRIC, monitor)}"


def monitor_steps(spec: ModelMonitor, context: BuildContext, wiring: Wiring) -> tuple[Step, ...]:
    """Return the one step of a monitor: it takes the traffic to a job, which judges it."""
    work = Processing(
        job=spec.name,
        command=COMMAND,
        inputs={}
        if spec.baseline is None
        else {"baseline": data_uri(spec.baseline, context, wiring)},
        task={part: value for part, value in spec.model_dump(mode="json").items() if part in _TASK},
        environment={contract.TRUST_PICKLE: contract.flag(value=_trusts(spec, context))},
        compute=spec.compute,
        timeout=spec.timeout,
    )
    made = processing_step(spec.name, work, context, wiring)
    document = {**made.document, "watched": _watched(spec, context)}
    return (Step(name=spec.name, verb=Verb.MONITOR, document=document),)


def _watched(spec: ModelMonitor, scope: Scope) -> dict[str, Any]:
    dataset = capture_dataset(scope, str(spec.endpoint))
    return {
        "monitor": spec.name,
        "endpoint": str(spec.endpoint),
        "table": f"{facts.project(scope)}.{dataset}.{CAPTURE_TABLE}",
        "metric": metric_type(scope, spec.name),
        "topic": topic_name(scope, spec.name),
        "wants_truth": Signal.MODEL_QUALITY in spec.signals,
        "trust_pickle": _trusts(spec, scope),
    }


def _trusts(spec: ModelMonitor, scope: Scope) -> bool:
    model = scope.specs.get(str(endpoint_of(spec, scope).model.name))
    return isinstance(model, RegisteredModel) and model.trust_pickle
