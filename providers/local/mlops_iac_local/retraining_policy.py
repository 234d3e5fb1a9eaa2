"""`RetrainingPolicy` on this machine: rules for the loop under the stack's supervisor."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, cast

from mlops_iac.custom import register
from mlops_iac.outputs import RetrainingPolicyOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import (
    Approval,
    ModelEndpoint,
    ModelMonitor,
    Promotion,
    RegisteredModel,
    RetrainingPolicy,
)
from mlops_iac_local.adapting import after, nothing, output


class RetrainingPolicyAdapter:
    """Maps `RetrainingPolicy`."""

    def check(self, spec: RetrainingPolicy, scope: Scope) -> Iterable[Problem]:
        """Find an approval that nobody would ever be asked for, and times without length."""
        yield from _no_time(spec)
        model = _model(spec, scope)
        if (
            spec.promotion is Promotion.MANUAL
            and model is not None
            and model.approval is Approval.AUTOMATIC
        ):
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

    def build(self, spec: RetrainingPolicy, context: BuildContext) -> RetrainingPolicyOutputs:
        """Register the rules; the loop follows them."""
        monitor = cast("ModelMonitor", context.specs[spec.monitor])
        endpoint = cast("ModelEndpoint", context.specs[monitor.endpoint])
        made = register(
            "mlops-iac:local:RetrainingPolicy",
            context.name(),
            {
                "name": spec.name,
                "monitor": str(spec.monitor),
                "pipeline": str(spec.pipeline),
                "endpoint": str(monitor.endpoint),
                "model": str(endpoint.model.name),
                "rules": _rules(spec, monitor),
                "tags": context.tags,
            },
            outputs=("events",),
            opts=context.opts("pipeline", **after(context, spec.monitor, spec.pipeline)),
        )
        return RetrainingPolicyOutputs(
            native_id=made.id, console_url=nothing(), events=output(made, "events")
        )


def _no_time(spec: RetrainingPolicy) -> Iterable[Problem]:
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


def _model(spec: RetrainingPolicy, scope: Scope) -> RegisteredModel | None:
    monitor = scope.specs.get(spec.monitor)
    endpoint = scope.specs.get(monitor.endpoint) if isinstance(monitor, ModelMonitor) else None
    if not isinstance(endpoint, ModelEndpoint):
        return None
    model = scope.specs.get(endpoint.model.name)
    return model if isinstance(model, RegisteredModel) else None


def _rules(spec: RetrainingPolicy, monitor: ModelMonitor) -> dict[str, Any]:
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
