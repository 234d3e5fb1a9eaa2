"""`HyperparameterSearch` on this machine: a run that starts runs of the training job."""

from collections.abc import Iterable
from typing import Any

from mlops_iac.data_flow import unmade_data
from mlops_iac.outputs import HyperparameterSearchOutputs
from mlops_iac.provider import BuildContext, Problem, Scope, content_hash
from mlops_iac.specs import HyperparameterSearch, TrainingJob
from mlops_iac_local.job_adapting import data_facts, register_job, wait_of
from mlops_iac_local.jobs.definition import KEY_LENGTH
from mlops_iac_local.packages import package_versions
from mlops_iac_local.training_job import training_definition

_SAMPLERS = ("optuna",)
"""Distributions that decide what is tried."""
_GRACE_SECONDS = 60.0
"""What a search has to end by itself after its time."""


class HyperparameterSearchAdapter:
    """Maps `HyperparameterSearch`."""

    def check(self, spec: HyperparameterSearch, scope: Scope) -> Iterable[Problem]:
        """Find data that no run by `up` makes."""
        job = scope.specs.get(str(spec.job))
        if isinstance(job, TrainingJob):
            yield from unmade_data(spec, spec.run, job.sources, scope.specs)

    def build(
        self, spec: HyperparameterSearch, context: BuildContext
    ) -> HyperparameterSearchOutputs:
        """Register the definition and, with `run: on_change`, its run."""
        job = context.specs[str(spec.job)]
        assert isinstance(job, TrainingJob)  # noqa: S101  planning knows what a reference names
        made = register_job(
            spec,
            context,
            _definition(spec, job, context),
            field="job",
            needs=[job.name, *map(str, filter(None, (job.model, job.experiment)))],
            wait=wait_of(spec.run, spec.wait),
        )
        return HyperparameterSearchOutputs(
            **made.outputs(),
            parameters=made.of_run("parameters", {}),
            value=made.of_run("value"),
            model_version=made.of_run("modelVersion"),
        )


def _definition(
    spec: HyperparameterSearch, job: TrainingJob, context: BuildContext
) -> dict[str, Any]:
    trained = training_definition(job, context)
    task = {
        "job": job.name,
        **spec.model_dump(
            mode="json", include={"parameters", "metric", "goal", "strategy", "trials", "seed"}
        ),
        "parallel": spec.parallel,
        "timeout": spec.timeout.total_seconds(),
    }
    outcome = {
        "job": trained["key"],
        # A time changes how a search goes, not what it is of.
        "task": {**task, "timeout": None},
        "packages": package_versions(_SAMPLERS),
    }
    return {
        **data_facts(job.sources, context),
        **{name: trained[name] for name in ("experiment", "hyperparameters", "model")},
        "key": content_hash(outcome, KEY_LENGTH),
        "module": "mlops_iac_local.search",
        "task": task,
        "timeout": spec.timeout.total_seconds() + _GRACE_SECONDS,
    }
