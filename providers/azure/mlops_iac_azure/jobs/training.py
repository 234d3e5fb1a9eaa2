"""Steps that train, and that register what was trained."""

from mlops_iac.jobs.data import inputs_of
from mlops_iac.jobs.processing import runtime_command
from mlops_iac.jobs.program import program_files, training_variables
from mlops_iac.provider import BuildContext, Scope
from mlops_iac.specs import Framework, RegisteredModel, TrainingJob
from mlops_iac_azure import facts, place
from mlops_iac_azure.experiment_tracker import tracked
from mlops_iac_azure.features.steps import join_steps
from mlops_iac_azure.job_request import Program, node_of, program_document
from mlops_iac_azure.jobs.documents import job_document, step_document
from mlops_iac_azure.jobs.foreign import TRAIN, foreign_steps
from mlops_iac_azure.jobs.steps import Step, Verb
from mlops_iac_azure.jobs.wiring import Wiring
from mlops_iac_azure.model_request import register_version
from mlops_iac_azure.workload import variables


def train_steps(spec: TrainingJob, context: BuildContext, wiring: Wiring) -> tuple[Step, ...]:
    """Return the steps of a run; the one that trains is the last and has the job's name."""
    before, wiring = join_steps(spec, context, wiring)
    made = program(spec, spec.name, context, wiring)
    if spec.image:
        steps = foreign_steps(made, TRAIN, context, wiring, tracked(spec))
    else:
        document = job_document(spec.name, program_document(made), context, wiring)
        whole = {**document, **tracked(spec)}
        steps = (Step(name=spec.name, document=whole, node=node_of(made)),)
    first, *rest = steps
    ordered = (first.following(joining.name for joining in before), *rest)
    if spec.spot:
        # A node's own bound counts while it runs; the step bounds the whole.
        ordered = tuple(s.within(int(spec.spot.max_wait.total_seconds())) for s in ordered)
    return (*before, *ordered)


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
    gpu = spec.compute.accelerator
    is_pytorch = spec.framework is Framework.PYTORCH
    return Program(
        step=step,
        command=runtime_command("train") if script else (),
        arguments=(script,) if script else (),
        image=spec.image or wiring.image_of(spec.name),
        inputs=inputs_of(spec.sources, scope, wiring),
        environment={**variables(spec.environment, scope), **training_variables(spec, wiring)},
        files=program_files(spec, scope, wiring),
        checkpoints=_checkpoints(spec, wiring) if resumes and spec.spot else None,
        compute=spec.compute,
        instances=spec.instances,
        processes=gpu.count if gpu and is_pytorch else 1,
        is_pytorch=is_pytorch,
        timeout=spec.timeout,
        spot=spec.spot,
    )


def _checkpoints(spec: TrainingJob, wiring: Wiring) -> tuple[str, str]:
    # A run resumes its own work, never that of a run on other data or code.
    folder, _, own = place.checkpoints_prefix(spec.name, wiring.run_key).rpartition("/")
    return f"{folder}/", own


def register_step(
    job: TrainingJob, model: RegisteredModel, scope: Scope, wiring: Wiring, trained: str
) -> Step:
    """Return the step that makes what a job trained a version.

    Args:
        job: the training job.
        model: what it becomes a version of.
        scope: where it is built.
        wiring: values from elsewhere.
        trained: the step that has trained or searched; `artifactUri` is put in by the step.
    """
    name = f"{job.name}-register"
    artifact = f"{wiring.base(trained)}/model"
    note = f"{job.name} {wiring.run_key}"
    request = register_version(model, scope, artifact, None, note, image=wiring.image_of(job.name))
    document = {
        **step_document(name, scope, wiring),
        "job": job.name,
        "candidate": trained,
        "model": {"name": facts.model_name(scope, model.name), "component": model.name},
        "body": request["body"],
    }
    return Step(name=name, document=document, verb=Verb.REGISTER).following([trained])
