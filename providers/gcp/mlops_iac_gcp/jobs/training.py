"""Steps that train, and that register what was trained."""

from collections.abc import Mapping
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.jobs.data import inputs_of
from mlops_iac.jobs.processing import runtime_command
from mlops_iac.jobs.program import program_files, training_variables
from mlops_iac.late import DIGEST
from mlops_iac.provider import BuildContext, Scope
from mlops_iac.specs import RegisteredModel, TrainingJob
from mlops_iac_gcp import facts, place
from mlops_iac_gcp.experiment_tracker import server_variables, tracked
from mlops_iac_gcp.features.steps import join_steps
from mlops_iac_gcp.job_request import Program, custom_job
from mlops_iac_gcp.jobs.documents import job_document, step_document
from mlops_iac_gcp.jobs.steps import Step, Verb
from mlops_iac_gcp.jobs.wiring import Wiring
from mlops_iac_gcp.model_request import register_version
from mlops_iac_gcp.workload import variables


def train_steps(spec: TrainingJob, context: BuildContext, wiring: Wiring) -> tuple[Step, ...]:
    """Return the steps of a run; the one that trains is the last and has the job's name."""
    before, wiring = join_steps(spec, context, wiring)
    body = custom_job(program(spec, spec.name, context, wiring), context, wiring)
    document = {**job_document(spec.name, body, context, wiring), **tracked(spec, context)}
    step = Step(name=spec.name, document=document)
    if spec.spot:
        # Vertex AI bounds the running alone; the launcher bounds the whole.
        step = step.within(int(spec.spot.max_wait.total_seconds()))
    return (*before, step.following(joining.name for joining in before))


def program(
    spec: TrainingJob, step: str, scope: Scope, wiring: Wiring, *, resumes: bool = True
) -> Program:
    """Return what a training runs.

    Args:
        spec: the training job.
        step: the step that it is, or that searches its parameters.
        scope: the stack.
        wiring: values from elsewhere.
        resumes: whether it has one checkpoint for all its machines; trials have one each.
    """
    script = spec.script and spec.script.rpartition("/")[2]
    return Program(
        step=step,
        command=runtime_command("train") if script else (),
        arguments=(script,) if script else (),
        image=spec.image or wiring.image_of(spec.name),
        inputs=inputs_of(spec.sources, scope, wiring),
        environment={
            **variables(spec.environment, scope),
            **training_variables(spec, wiring),
            **server_variables(spec, scope, wiring.trackers),
            **(_checkpoints(spec, scope, wiring) if resumes else {}),
        },
        files=wiring.addresses(program_files(spec, scope, wiring)),
        compute=spec.compute,
        instances=spec.instances,
        timeout=spec.timeout,
        spot=spec.spot,
    )


def _checkpoints(spec: TrainingJob, scope: Scope, wiring: Wiring) -> Mapping[str, str]:
    if spec.spot is None:
        return {}
    # A run resumes its own work, never that of a run on other data or code.
    folder = place.checkpoints_prefix(spec.name, wiring.run_key)
    return {contract.CHECKPOINT_DIR: facts.mounted(scope, folder)}


def register_step(
    job: TrainingJob, model: RegisteredModel, scope: Scope, wiring: Wiring, trained: str
) -> Step:
    """Return the step that makes what a job trained a version.

    Args:
        job: the training job.
        model: what it becomes a version of.
        scope: where it is built.
        wiring: values from elsewhere.
        trained: the step that has trained or searched; `artifactUri` is put in by the launcher.
    """
    name = f"{job.name}-register"
    artifact = f"{wiring.base(trained)}/model"
    note = f"{job.name} {wiring.run_key}"
    request = register_version(model, scope, artifact, wiring.key, note)
    version = request["body"]["model"]
    container = version["containerSpec"]
    served = {**container, "imageUri": wiring.image_of(job.name), "env": _env(container["env"])}
    body = {**request["body"], "model": {**version, "containerSpec": served}}
    document = {
        **step_document(name, scope, wiring),
        "job": job.name,
        "candidate": trained,
        "model": {"name": facts.model_name(scope, model.name), "component": model.name},
        "body": body,
    }
    return Step(name=name, document=document, verb=Verb.REGISTER).following([trained])


def _env(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**row, "value": DIGEST} if row["name"] == contract.MODEL_DIGEST else row for row in rows
    ]
