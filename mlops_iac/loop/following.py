"""What a retraining policy follows, as it is declared; what is wrong with that."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, cast

from mlops_iac.errors import Problem
from mlops_iac.runtime.policy import Phase
from mlops_iac.specs import (
    Approval,
    ModelEndpoint,
    ModelMonitor,
    Promotion,
    RegisteredModel,
    RetrainingPolicy,
    Spec,
)

Specs = Mapping[str, Spec]


def monitor_of(spec: RetrainingPolicy, specs: Specs) -> ModelMonitor:
    """Return the monitor whose alarms a policy follows."""
    return cast("ModelMonitor", specs[spec.monitor])


def endpoint_of(spec: RetrainingPolicy, specs: Specs) -> ModelEndpoint:
    """Return the endpoint that a policy renews."""
    return cast("ModelEndpoint", specs[monitor_of(spec, specs).endpoint])


def retraining_problems(spec: RetrainingPolicy, specs: Specs) -> Iterator[Problem]:
    """Yield an approval that nobody would ever be asked for, and times without length."""
    yield from _no_time(spec)
    model = specs.get(_model(spec, specs) or "")
    is_manual = spec.promotion is Promotion.MANUAL
    is_registered = isinstance(model, RegisteredModel)
    if is_manual and is_registered and model.approval is Approval.AUTOMATIC:
        yield Problem(
            code="retraining.approval",
            component=spec.name,
            field="promotion",
            value=spec.promotion.value,
            message=f"versions of `{model.name}` are approved at once, so nobody approves "
            "what this policy promotes",
            rule="with `promotion: manual` a person approves a version before it is served",
            remedy=f"set `approval: manual` on `{model.name}`, or `promotion: automatic` here",
        )


def policy_document(spec: RetrainingPolicy, specs: Specs) -> dict[str, Any]:
    """Return what an executor is told of its policy on every cloud."""
    monitor = monitor_of(spec, specs)
    return {
        "name": spec.name,
        "endpoint": str(monitor.endpoint),
        "monitor": monitor.name,
        "pipeline": str(spec.pipeline),
        "rules": rules_of(spec, monitor),
    }


def waiting(specs: Specs, model: str, read: Callable[[str], Any]) -> Iterator[str]:
    """Yield the policies that wait for a verdict on a version of a model.

    Args:
        specs: what is declared.
        model: the registered model.
        read: returns the newest memory of a policy by the policy's name, or `None`.
    """
    for spec in specs.values():
        if isinstance(spec, RetrainingPolicy) and _model(spec, specs) == model:
            memory = read(spec.name)
            if memory is not None and memory["state"]["phase"] == Phase.AWAITING_APPROVAL:
                yield spec.name


def _no_time(spec: RetrainingPolicy) -> Iterator[Problem]:
    for field in ("period", "budget"):
        if getattr(spec, field) == timedelta():
            yield Problem(
                code="retraining.no-time",
                component=spec.name,
                field=field,
                value="0s",
                message=f"`{field}` is no time at all, so no run would ever start",
                rule="longer than `0s`",
                remedy="write `30d`" if field == "period" else "write `2h`, or leave it out",
            )


def rules_of(spec: RetrainingPolicy, monitor: ModelMonitor) -> dict[str, Any]:
    """Return the rules of a policy, as `mlops_iac.runtime.policy.Rules` reads them."""
    return {
        "on": sorted(signal.value for signal in spec.on or monitor.signals),
        "confirm": spec.confirm,
        "cooldown_s": spec.cooldown.total_seconds(),
        "max_runs": spec.max_runs,
        "period_s": spec.period.total_seconds(),
        "budget_s": None if spec.budget is None else spec.budget.total_seconds(),
        "promotion": spec.promotion.value,
        "watch_s": spec.watch.total_seconds(),
    }


def _model(policy: RetrainingPolicy, specs: Specs) -> str | None:
    monitor = specs.get(str(policy.monitor))
    endpoint = specs.get(monitor.endpoint) if isinstance(monitor, ModelMonitor) else None
    return str(endpoint.model.name) if isinstance(endpoint, ModelEndpoint) else None
