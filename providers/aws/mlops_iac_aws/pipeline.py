"""Declared pipelines on AWS: the steps of components in one SageMaker pipeline, gates, schedule."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from mlops_iac.data_flow import unreadable_data
from mlops_iac.job_rules import job_problem, unmade_by_steps
from mlops_iac.jobs.defining import Job
from mlops_iac.jobs.gating import compares, input_of
from mlops_iac.outputs import PipelineOutputs
from mlops_iac.pipeline_steps import Making, pipeline_needs, pipeline_steps
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import (
    BatchInference,
    DataValidation,
    FeatureGroup,
    HyperparameterSearch,
    Pipeline,
    ProcessingJob,
    TrainingJob,
)
from mlops_iac.wiring import model_of, trained_model, training_job, training_steps
from mlops_iac_aws.batch_inference import batch_steps
from mlops_iac_aws.data_validation import validation_steps
from mlops_iac_aws.events import SCHEDULER_PRINCIPAL, starter_role
from mlops_iac_aws.features.steps import fill_steps, filled
from mlops_iac_aws.jobs.defining import register_job
from mlops_iac_aws.jobs.gating import PASSED, VERDICT, gate_document, gate_steps
from mlops_iac_aws.jobs.images import mixed_images
from mlops_iac_aws.jobs.processing import INPUT_LIMIT
from mlops_iac_aws.jobs.program import upload_document
from mlops_iac_aws.jobs.searching import search_steps
from mlops_iac_aws.jobs.steps import Step, condition
from mlops_iac_aws.jobs.training import (
    left_by,
    register_step,
    train_steps,
    trained_by,
    tuned_by,
)
from mlops_iac_aws.jobs.wiring import Wiring
from mlops_iac_aws.processing_job import after_processing, processing_steps
from mlops_iac_aws.schedules import register_schedule, schedule_problems


class PipelineAdapter:
    """Maps `Pipeline`; see `docs/mappings/aws/pipeline.md`."""

    def check(self, spec: Pipeline, scope: Scope) -> Iterable[Problem]:
        """Return what AWS would refuse, and data that is not there or has no rows."""
        for gate in spec.gates:
            yield from unreadable_data(spec, gate.data, scope.specs)
        yield from schedule_problems(spec.name, spec.schedule)
        yield from unmade_by_steps(spec, scope.specs)
        yield from _mixed(spec, scope)
        count = len({input_of(gate) for gate in spec.gates}) + 2 + compares(spec)
        if spec.gates and count > INPUT_LIMIT:
            yield job_problem(
                spec,
                "too-many-inputs",
                "gates",
                value=count,
                message=f"the evaluation needs {count} inputs",
                rule=f"SageMaker has {INPUT_LIMIT}: candidate, champion, task, and data",
                remedy="let gates share their data",
            )

    def build(self, spec: Pipeline, context: BuildContext) -> PipelineOutputs:
        """Register the pipeline with its steps, gates and schedule."""
        trained = training_steps(spec, context.specs)
        job = Job(
            spec=spec,
            build=partial(pipeline_steps, spec, MAKING, context),
            description=f"{', '.join(spec.graph)}; stopped after {spec.timeout}",
            field="steps",
            key=None,
            is_kept_by_execution=True,
            timeout_seconds=int(spec.timeout.total_seconds()),
            needs=[*pipeline_needs(spec, context.specs)],
            uploads=_uploads(spec, context),
            facts={"steps": list(spec.graph), "trains": list(trained)},
        )
        built = register_job(job, context, None)
        if spec.schedule is not None:
            role = starter_role(context, [spec.name], by=[SCHEDULER_PRINCIPAL])
            register_schedule(context, spec.schedule, built.pipeline, built.parameters, role)
        outputs = built.outputs()
        return PipelineOutputs(
            native_id=outputs["native_id"],
            console_url=outputs["console_url"],
            pipeline_name=built.pipeline.pipeline_name,
        )


def _conclusion(spec: Pipeline, context: BuildContext, wiring: Wiring) -> list[Step]:
    trained = training_steps(spec, context.specs)
    every = tuple(spec.graph)
    registered = [_registered(name, context, wiring) for name in trained]
    if not spec.gates:
        return [step.following(every) for step in registered]
    (name,) = trained
    trainer, candidate = _candidate(name, context)
    left = left_by(trainer, context, candidate)
    judging = [step.following(every) for step in gate_steps(spec, trainer, context, wiring, left)]
    verdict = judging[-1].name
    return [*judging, condition(f"{spec.name}-{PASSED}", verdict, VERDICT, PASSED, registered)]


def _registered(name: str, context: BuildContext, wiring: Wiring) -> Step:
    trainer, candidate = _candidate(name, context)
    model = model_of(trainer, context.specs)
    assert model is not None  # noqa: S101  a training step is one with a model
    return register_step(trainer, model, context, wiring, candidate)


def _candidate(name: str, context: BuildContext) -> tuple[TrainingJob, Any]:
    step = context.specs[name]
    left = tuned_by(name) if isinstance(step, HyperparameterSearch) else trained_by(name)
    return training_job(step, context.specs), left


def _uploads(spec: Pipeline, context: BuildContext) -> list[Any]:
    if not spec.gates:
        return []
    (name,) = training_steps(spec, context.specs)
    trainer, _ = _candidate(name, context)
    return [upload_document(gate_document(spec, trainer, context), context, "gates")]


def _mixed(spec: Pipeline, scope: Scope) -> Iterator[Problem]:
    """Yield a problem when candidate and champion need different packages."""
    if compares(spec):
        for name in training_steps(spec, scope.specs):
            yield from mixed_images(spec, "gates", str(trained_model(name, scope.specs)), scope)


MAKING = Making[Step, Wiring](
    steps={
        ProcessingJob: processing_steps,
        DataValidation: validation_steps,
        FeatureGroup: fill_steps,
        TrainingJob: train_steps,
        HyperparameterSearch: search_steps,
        BatchInference: batch_steps,
    },
    after={ProcessingJob: after_processing, FeatureGroup: filled},
    conclusion=_conclusion,
)
