"""`TrainingJob` on this machine: a definition, and a run as a supervised process."""

from collections.abc import Iterable, Mapping
from typing import Any

from mlops_iac.content import code_problems
from mlops_iac.data_flow import data_needs, unmade_data
from mlops_iac.outputs import TrainingJobOutputs
from mlops_iac.provider import BuildContext, Problem, Scope, content_hash
from mlops_iac.run_key import run_facts
from mlops_iac.specs.training_job import Framework, TrainingJob
from mlops_iac_local.feature_group import feature_versions, joined_problems
from mlops_iac_local.job_adapting import bounded, data_facts, register_job, wait_of
from mlops_iac_local.jobs.definition import KEY_LENGTH
from mlops_iac_local.names import MLFLOW_NAME
from mlops_iac_local.packages import (
    FRAMEWORKS,
    MODEL,
    installed,
    job_packages,
    requirements_problems,
)


class TrainingJobAdapter:
    """Maps `TrainingJob`."""

    def check(self, spec: TrainingJob, scope: Scope) -> Iterable[Problem]:
        """Find scripts, requirements, libraries and data that are not there."""
        yield from code_problems(spec, scope.project_dir, scope.specs.values())
        yield from requirements_problems(spec, scope)
        yield from unmade_data(spec, spec.run, spec.sources, scope.specs)
        yield from joined_problems(spec, scope)
        if spec.requirements is None and not _has_framework(spec.framework):
            yield Problem(
                code="training.no-framework",
                component=spec.name,
                field="framework",
                value=spec.framework.value,
                message=f"`{spec.framework}` is not installed in this Python",
                rule="without `requirements` a job runs with the packages of `mlops-iac` itself",
                remedy=f"install {' or '.join(FRAMEWORKS[spec.framework])}, or lock it in "
                "`requirements`",
            )

    def build(self, spec: TrainingJob, context: BuildContext) -> TrainingJobOutputs:
        """Register the definition and, with `run: on_change`, its run."""
        needs = [*data_needs(spec.sources.values(), context.specs),
                 *map(str, filter(None, (spec.model, spec.experiment)))]  # fmt: skip
        job = register_job(
            spec,
            context,
            training_definition(spec, context),
            field="script",
            needs=needs,
            wait=wait_of(spec.run, spec.wait),
        )
        return TrainingJobOutputs(
            **job.outputs(),
            model_version=job.of_run("modelVersion"),
            metrics=job.of_run("metrics", {}),
        )


def training_definition(spec: TrainingJob, context: BuildContext) -> dict[str, Any]:
    """Return the properties of a job's definition."""
    outcome: Mapping[str, Any] = {
        **run_facts(spec, context.project_dir, context.specs),
        "packages": job_packages(spec, context, (*MODEL, *FRAMEWORKS[spec.framework])),
    }
    shared = ("code", "model", "framework", "packages", "hyperparameters", "metrics",
              "environment")  # fmt: skip
    return {
        **{name: outcome[name] for name in shared},
        **data_facts(spec.sources, context),
        "features": feature_versions(spec, context),
        "key": content_hash(outcome, KEY_LENGTH),
        "module": "mlops_iac.runtime.train",
        "script": spec.script,
        "requirements": spec.requirements,
        "timeout": bounded(spec.timeout, spec.spot),
        "maxWait": None if spec.spot is None else spec.spot.max_wait.total_seconds(),
        "experiment": context.physical_name(MLFLOW_NAME, str(spec.experiment or spec.name)),
    }


def _has_framework(framework: Framework) -> bool:
    wanted = FRAMEWORKS[framework]
    return not wanted or any(installed(name) for name in wanted)
