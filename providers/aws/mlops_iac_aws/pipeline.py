"""Declared pipelines on AWS: the steps of components in one SageMaker pipeline, gates, schedule."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from mlops_iac.data_flow import is_made_by_up, unreadable_data
from mlops_iac.outputs import PipelineOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.run_order import data_of
from mlops_iac.specs import (
    BatchInference,
    DataValidation,
    FeatureGroup,
    HyperparameterSearch,
    Pipeline,
    ProcessingJob,
    Spec,
    TrainingJob,
)
from mlops_iac.wiring import data_refs, trained_model, training_steps
from mlops_iac_aws.batch_inference import batch_steps
from mlops_iac_aws.data_validation import validation_steps
from mlops_iac_aws.events import SCHEDULER_PRINCIPAL, starter_role
from mlops_iac_aws.features.steps import fill_steps, filled
from mlops_iac_aws.jobs.checks import job_problem
from mlops_iac_aws.jobs.defining import Job, register_job
from mlops_iac_aws.jobs.gating import PASSED, VERDICT, compares, gate_steps, gate_task, input_of
from mlops_iac_aws.jobs.images import mixed_images
from mlops_iac_aws.jobs.processing import INPUT_LIMIT
from mlops_iac_aws.jobs.program import upload_document
from mlops_iac_aws.jobs.searching import job_of, search_steps
from mlops_iac_aws.jobs.steps import Step, condition
from mlops_iac_aws.jobs.training import (
    left_by,
    model_of,
    register_step,
    train_steps,
    trained_by,
    tuned_by,
)
from mlops_iac_aws.jobs.wiring import Wiring
from mlops_iac_aws.processing_job import outputs_of, processing_steps
from mlops_iac_aws.schedules import register_schedule, schedule_problems

BUILDERS: Mapping[type[Spec], Callable[[Any, BuildContext, Wiring], tuple[Step, ...]]] = {
    ProcessingJob: processing_steps,
    DataValidation: validation_steps,
    FeatureGroup: fill_steps,
    TrainingJob: train_steps,
    HyperparameterSearch: search_steps,
    BatchInference: batch_steps,
}
"""What makes the steps of each kind; the last one has the component's name."""


class PipelineAdapter:
    """Maps `Pipeline`; see `docs/mappings/aws/pipeline.md`."""

    def check(self, spec: Pipeline, scope: Scope) -> Iterable[Problem]:
        """Return what AWS would refuse, and data that is not there or has no rows."""
        for gate in spec.gates:
            yield from unreadable_data(spec, gate.data, scope.specs)
        yield from schedule_problems(spec.name, spec.schedule)
        yield from _unmade(spec, scope)
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
            build=partial(_steps, spec, context),
            description=f"{', '.join(spec.graph)}; stopped after {spec.timeout}",
            field="steps",
            key=None,
            is_kept_by_execution=True,
            timeout_seconds=int(spec.timeout.total_seconds()),
            needs=[*_needs(spec, context)],
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


def _steps(spec: Pipeline, context: BuildContext, wiring: Wiring) -> list[Step]:
    """Return all steps: each after those before it, judging and registration after all."""
    found: list[Step] = []
    wirings: dict[str, Wiring] = {}
    for name, before in spec.graph.items():
        own = _merged(wiring, [wirings[each] for each in before])
        made = BUILDERS[type(context.specs[name])](context.specs[name], context, own)
        found += [step.following(before) for step in made]
        wirings[name] = _after(context.specs[name], context, own)
    found += _conclusion(spec, context, _merged(wiring, wirings.values()))
    return [step.within(int(spec.timeout.total_seconds())) for step in found]


def _after(step: Spec, context: BuildContext, wiring: Wiring) -> Wiring:
    """Return the wiring of what comes after a step: it knows what the step made."""
    if isinstance(step, ProcessingJob):
        return wiring.makes(step.name, outputs_of(step, context, wiring))
    return filled(step, context, wiring) if isinstance(step, FeatureGroup) else wiring


def _merged(wiring: Wiring, before: Iterable[Wiring]) -> Wiring:
    for each in before:
        wiring = wiring.knowing(each.made)
    return wiring


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
    model = model_of(trainer, context)
    assert model is not None  # noqa: S101  a training step is one with a model
    return register_step(trainer, model, context, wiring, candidate)


def _candidate(name: str, context: BuildContext) -> tuple[TrainingJob, Any]:
    step = context.specs[name]
    if isinstance(step, HyperparameterSearch):
        return job_of(step, context), tuned_by(name)
    assert isinstance(step, TrainingJob)  # noqa: S101  only these kinds train
    return step, trained_by(name)


def _uploads(spec: Pipeline, context: BuildContext) -> list[Any]:
    if not spec.gates:
        return []
    (name,) = training_steps(spec, context.specs)
    trainer, _ = _candidate(name, context)
    return [upload_document(gate_task(spec, trainer, context), context, "gates")]


def _needs(spec: Pipeline, context: BuildContext) -> Iterator[str]:
    for name in spec.graph:
        yield name
        if (model := trained_model(name, context.specs)) is not None:
            yield model
    for _, data in data_refs(spec):
        yield str(data.name)


def _mixed(spec: Pipeline, scope: Scope) -> Iterator[Problem]:
    """Yield a problem when candidate and champion need different packages."""
    if compares(spec):
        for name in training_steps(spec, scope.specs):
            yield from mixed_images(spec, "gates", str(trained_model(name, scope.specs)), scope)


def _unmade(spec: Pipeline, scope: Scope) -> Iterator[Problem]:
    """Yield a problem for data that neither `up` nor a step before its reader makes."""
    known: dict[str, set[str]] = {}
    for name, before in spec.graph.items():
        known[name] = {name, *before}.union(*(known[each] for each in before))
        for ref in data_of(scope.specs[name], scope.specs) if name in scope.specs else ():
            if str(ref.name) not in known[name] and not is_made_by_up(ref, scope.specs):
                yield job_problem(
                    spec,
                    "unmade-data",
                    "steps",
                    value=str(ref),
                    message=f"step `{name}` reads `{ref}`, which no step before it makes",
                    rule="a job with `run: manual` makes its data as a step before the reader",
                    remedy=f"add the step `{ref.name}` before `{name}`",
                )
