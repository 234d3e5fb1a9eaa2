"""`BatchInference` on this machine: a run that answers for every row, kept by its content."""

from collections.abc import Iterable
from typing import Any

from mlops_iac.data_flow import data_format, data_needs, unmade_data, unreadable_data
from mlops_iac.outputs import BatchInferenceOutputs
from mlops_iac.provider import BuildContext, Problem, Scope, content_hash
from mlops_iac.run_key import data_versions, plain_environment
from mlops_iac.specs import BatchInference
from mlops_iac.specs.dataset import DataFormat
from mlops_iac.specs.jobs import data_inputs
from mlops_iac_local.job_adapting import (
    data_facts,
    register_job,
    register_schedule,
    trainers,
    wait_of,
)
from mlops_iac_local.jobs.definition import KEY_LENGTH
from mlops_iac_local.packages import MODEL, package_versions


class BatchInferenceAdapter:
    """Maps `BatchInference`."""

    def check(self, spec: BatchInference, scope: Scope) -> Iterable[Problem]:
        """Find data that is not there, or has no columns."""
        yield from unreadable_data(spec, spec.data, scope.specs)
        yield from unmade_data(spec, spec.run, data_inputs(spec.data), scope.specs)

    def build(self, spec: BatchInference, context: BuildContext) -> BatchInferenceOutputs:
        """Register the definition, its schedule and, with `run: on_change`, its run."""
        model = str(spec.model.name)
        job = register_job(
            spec,
            context,
            _definition(spec, context),
            field="model",
            needs=[
                *data_needs([spec.data], context.specs),
                model,
                *trainers(model, context.specs),
            ],
            wait=wait_of(spec.run, spec.wait),
        )
        if spec.schedule is not None:
            register_schedule(spec, context, spec.schedule, after=[job.definition])
        return BatchInferenceOutputs(**job.outputs(), predictions=job.of_run("predictions"))


def _definition(spec: BatchInference, context: BuildContext) -> dict[str, Any]:
    inputs = data_inputs(spec.data)
    (name,) = inputs
    outcome = {
        "job": spec.name,
        "task": {
            "input": name,
            "format": (data_format(spec.data, context.specs) or DataFormat.PARQUET).value,
            "keep": list(spec.keep),
        },
        "reads": {
            "model": str(spec.model.name),
            "alias": spec.model.alias,
            "version": spec.model.version,
        },
        "data": data_versions(inputs, context.project_dir, context.specs),
        "environment": plain_environment(spec.environment),
        "packages": package_versions(MODEL),
    }
    return {
        **data_facts(inputs, context),
        **{part: outcome[part] for part in ("environment", "packages", "reads", "task")},
        "key": content_hash(outcome, KEY_LENGTH),
        "module": "mlops_iac.runtime.batch",
        "outputs": {"predictions": DataFormat.PARQUET.value},
    }
