"""`RetrainingPolicy` on this machine: rules for the loop under the stack's supervisor."""

from collections.abc import Iterable
from typing import cast

from mlops_iac.custom import register
from mlops_iac.loop.following import retraining_problems, rules_of
from mlops_iac.outputs import RetrainingPolicyOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import (
    ModelEndpoint,
    ModelMonitor,
    RetrainingPolicy,
)
from mlops_iac_local.adapting import after, nothing, output


class RetrainingPolicyAdapter:
    """Maps `RetrainingPolicy`."""

    def check(self, spec: RetrainingPolicy, scope: Scope) -> Iterable[Problem]:
        """Find an approval that nobody would ever be asked for, and times without length."""
        return retraining_problems(spec, scope.specs)

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
                "rules": rules_of(spec, monitor),
                "tags": context.tags,
            },
            outputs=("events",),
            opts=context.opts("pipeline", **after(context, spec.monitor, spec.pipeline)),
        )
        return RetrainingPolicyOutputs(
            native_id=made.id, console_url=nothing(), events=output(made, "events")
        )
