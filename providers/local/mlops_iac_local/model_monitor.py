"""`ModelMonitor` on this machine: checks by Evidently, started by the loop or by hand."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mlops_iac.data_flow import data_needs, unreadable_data
from mlops_iac.outputs import ModelMonitorOutputs
from mlops_iac.provider import BuildContext, Problem, Scope, content_hash
from mlops_iac.run_key import data_versions
from mlops_iac.specs import ModelMonitor
from mlops_iac_local.adapting import nothing
from mlops_iac_local.job_adapting import data_facts, register_job, register_schedule
from mlops_iac_local.jobs.definition import KEY_LENGTH
from mlops_iac_local.layout import Layout
from mlops_iac_local.monitors.checks import BASELINE, SETTLED
from mlops_iac_local.packages import MODEL, package_versions

_PACKAGES = (*MODEL, "evidently", "scikit-learn", "scipy")


class ModelMonitorAdapter:
    """Maps `ModelMonitor`."""

    def check(self, spec: ModelMonitor, scope: Scope) -> Iterable[Problem]:
        """Find a baseline that has no columns."""
        if spec.baseline is not None:
            for problem in unreadable_data(spec, spec.baseline, scope.specs):
                yield replace(problem, field=BASELINE)

    def build(self, spec: ModelMonitor, context: BuildContext) -> ModelMonitorOutputs:
        """Register what a check is, and when the loop starts one."""
        import pulumi

        baseline = () if spec.baseline is None else (spec.baseline,)
        job = register_job(
            spec,
            context,
            _definition(spec, context),
            field="signals",
            needs=[str(spec.endpoint), *data_needs(baseline, context.specs)],
            wait=None,
        )
        register_schedule(spec, context, spec.schedule, after=[job.definition])
        runs = Layout.of(context.project_dir, context.stack).runs
        return ModelMonitorOutputs(
            native_id=job.definition.id,
            console_url=nothing(),
            monitor_name=pulumi.Output.from_input(spec.name),
            reports=pulumi.Output.from_input(str(runs)),
        )


def _performance(spec: ModelMonitor) -> dict[str, Any]:
    return {} if spec.performance is None else spec.performance.model_dump(mode="json")


def _definition(spec: ModelMonitor, context: BuildContext) -> dict[str, Any]:
    refs = {} if spec.baseline is None else {BASELINE: spec.baseline}
    outcome = {
        "job": spec.name,
        "task": {
            "endpoint": str(spec.endpoint),
            "signals": [signal.value for signal in spec.signals],
            "quality": spec.quality.model_dump(mode="json"),
            "drift": spec.drift.model_dump(mode="json"),
            "performance": _performance(spec),
            "min_rows": spec.min_rows,
            "max_rows": spec.max_rows,
            **SETTLED,
        },
        "data": data_versions(refs, context.project_dir, context.specs),
        "packages": package_versions(_PACKAGES),
    }
    return {
        **data_facts(refs, context),
        **{part: outcome[part] for part in ("packages", "task")},
        "key": content_hash(outcome, KEY_LENGTH),
        "module": "mlops_iac.runtime.monitor",
    }
