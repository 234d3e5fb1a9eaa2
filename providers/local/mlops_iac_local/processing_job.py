"""`ProcessingJob` on this machine: a script that leaves folders, kept by their content."""

from collections.abc import Iterable
from typing import Any

from mlops_iac.content import code_problems
from mlops_iac.data_flow import data_needs, unmade_data
from mlops_iac.outputs import ProcessingJobOutputs
from mlops_iac.provider import BuildContext, Problem, Scope, content_hash
from mlops_iac.run_key import processing_facts
from mlops_iac.specs import ProcessingJob
from mlops_iac_local.job_adapting import bounded, data_facts, register_job, wait_of
from mlops_iac_local.jobs.definition import KEY_LENGTH
from mlops_iac_local.packages import DATA, job_packages, requirements_problems


class ProcessingJobAdapter:
    """Maps `ProcessingJob`."""

    def check(self, spec: ProcessingJob, scope: Scope) -> Iterable[Problem]:
        """Find scripts, requirements and data that are not there."""
        yield from code_problems(spec, scope.project_dir, scope.specs.values())
        yield from requirements_problems(spec, scope)
        yield from unmade_data(spec, spec.run, spec.sources, scope.specs)

    def build(self, spec: ProcessingJob, context: BuildContext) -> ProcessingJobOutputs:
        """Register the definition and, with `run: on_change`, its run."""
        job = register_job(
            spec,
            context,
            _definition(spec, context),
            field="script",
            needs=data_needs(spec.sources.values(), context.specs),
            wait=wait_of(spec.run, spec.wait),
        )
        return ProcessingJobOutputs(**job.outputs(), data=job.of_run("outputs", {}))


def _definition(spec: ProcessingJob, context: BuildContext) -> dict[str, Any]:
    outcome = {
        **processing_facts(spec, context.project_dir, context.specs),
        "packages": job_packages(spec, context, DATA),
    }
    shared = ("code", "environment", "outputs", "packages")
    return {
        **{name: outcome[name] for name in shared},
        **data_facts(spec.sources, context),
        "key": content_hash(outcome, KEY_LENGTH),
        "module": "mlops_iac.runtime.process",
        "script": spec.script,
        "requirements": spec.requirements,
        "hyperparameters": outcome["parameters"],
        "timeout": bounded(spec.timeout, spec.spot),
        "maxWait": None if spec.spot is None else spec.spot.max_wait.total_seconds(),
    }
