"""Declared pipelines on Azure: the steps of components in one pipeline, gates, schedule."""

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
from mlops_iac.specs.types import duration_text
from mlops_iac.wiring import data_refs, trained_model, training_steps
from mlops_iac_azure.batch_inference import batch_steps
from mlops_iac_azure.data_validation import validation_steps
from mlops_iac_azure.features.steps import fill_steps, filled
from mlops_iac_azure.jobs.checks import LONGEST_RUN, job_problem
from mlops_iac_azure.jobs.defining import Job, register_job
from mlops_iac_azure.jobs.gating import gate_steps
from mlops_iac_azure.jobs.searching import job_of, search_steps
from mlops_iac_azure.jobs.steps import Step
from mlops_iac_azure.jobs.training import model_of, register_step, train_steps
from mlops_iac_azure.jobs.wiring import Wiring
from mlops_iac_azure.processing_job import outputs_of, processing_steps
from mlops_iac_azure.schedules import register_schedule, schedule_problems

BUILDERS: Mapping[type[Spec], Callable[[Any, BuildContext, Wiring], tuple[Step, ...]]] = {
    ProcessingJob: processing_steps,
    DataValidation: validation_steps,
    TrainingJob: train_steps,
    HyperparameterSearch: search_steps,
    BatchInference: batch_steps,
    FeatureGroup: fill_steps,
}
"""What makes the steps of each kind; the last one has the component's name."""


class PipelineAdapter:
    """Maps `Pipeline`; see `docs/mappings/azure/pipeline.md`."""

    def check(self, spec: Pipeline, scope: Scope) -> Iterable[Problem]:
        """Return what Azure ML would refuse, and data that is not there or has no rows."""
        for gate in spec.gates:
            yield from unreadable_data(spec, gate.data, scope.specs)
        yield from schedule_problems(spec.name, spec.schedule)
        yield from _time_problems(spec)
        yield from _unmade(spec, scope)

    def build(self, spec: Pipeline, context: BuildContext) -> PipelineOutputs:
        """Register the pipeline with its steps, gates and schedule."""
        trained = training_steps(spec, context.specs)
        job = Job(
            spec=spec,
            build=partial(_steps, spec, context),
            description=f"{', '.join(spec.graph)}; stopped after {duration_text(spec.timeout)}",
            field="steps",
            key=None,
            is_kept_by_execution=True,
            timeout_seconds=int(spec.timeout.total_seconds()),
            needs=[*_needs(spec, context)],
            facts={"steps": list(spec.graph), "trains": list(trained)},
        )
        built = register_job(job, context, None)
        if spec.schedule is not None:
            register_schedule(context, spec.schedule, built)
        outputs = built.outputs()
        return PipelineOutputs(
            native_id=outputs["native_id"],
            console_url=outputs["console_url"],
            pipeline_name=outputs["native_id"].apply(lambda _: built.definition.name),
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
    trainer = _trainer(name, context)
    judging = [step.following(every) for step in gate_steps(spec, trainer, context, wiring, name)]
    return [*judging, *(step.only_if(judging[-1].name) for step in registered)]


def _registered(name: str, context: BuildContext, wiring: Wiring) -> Step:
    trainer = _trainer(name, context)
    model = model_of(trainer, context)
    assert model is not None  # noqa: S101  a training step is one with a model
    return register_step(trainer, model, context, wiring, name)


def _trainer(name: str, context: BuildContext) -> TrainingJob:
    step = context.specs[name]
    if isinstance(step, HyperparameterSearch):
        return job_of(step, context)
    assert isinstance(step, TrainingJob)  # noqa: S101  only these kinds train
    return step


def _needs(spec: Pipeline, context: BuildContext) -> Iterator[str]:
    for name in spec.graph:
        yield name
        if (model := trained_model(name, context.specs)) is not None:
            yield model
    for _, data in data_refs(spec):
        yield str(data.name)


def _time_problems(spec: Pipeline) -> Iterator[Problem]:
    longest = LONGEST_RUN * len(spec.steps)
    if spec.timeout > longest:
        yield job_problem(
            spec,
            "timeout",
            "timeout",
            value=duration_text(spec.timeout),
            message="the time is longer than all steps together may take",
            rule=f"21 days for each step, here {duration_text(longest)}",
            remedy="lower `timeout`",
        )


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
