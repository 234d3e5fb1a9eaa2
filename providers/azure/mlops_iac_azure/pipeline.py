"""Declared pipelines on Azure: the steps of components in one pipeline, gates, schedule."""

from collections.abc import Iterable
from functools import partial

from mlops_iac.data_flow import unreadable_data
from mlops_iac.job_rules import pipeline_time_problems, unmade_by_steps
from mlops_iac.jobs.features import filled
from mlops_iac.jobs.processing import after_processing
from mlops_iac.outputs import PipelineOutputs
from mlops_iac.pipeline_steps import Making, judged_registration, pipeline_job
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
from mlops_iac_azure.batch_inference import batch_steps
from mlops_iac_azure.data_validation import validation_steps
from mlops_iac_azure.features.steps import fill_steps
from mlops_iac_azure.jobs.checks import LONGEST_RUN
from mlops_iac_azure.jobs.defining import register_job
from mlops_iac_azure.jobs.gating import gate_steps
from mlops_iac_azure.jobs.searching import search_steps
from mlops_iac_azure.jobs.steps import Step
from mlops_iac_azure.jobs.training import register_step, train_steps
from mlops_iac_azure.jobs.wiring import Wiring
from mlops_iac_azure.processing_job import processing_steps
from mlops_iac_azure.schedules import register_schedule, schedule_problems

MAKING = Making[Step, Wiring](
    steps={
        ProcessingJob: processing_steps,
        DataValidation: validation_steps,
        TrainingJob: train_steps,
        HyperparameterSearch: search_steps,
        BatchInference: batch_steps,
        FeatureGroup: fill_steps,
    },
    after={ProcessingJob: after_processing, FeatureGroup: filled},
    conclusion=partial(judged_registration, judging=gate_steps, registering=register_step),
)


class PipelineAdapter:
    """Maps `Pipeline`; see `docs/mappings/azure/pipeline.md`."""

    def check(self, spec: Pipeline, scope: Scope) -> Iterable[Problem]:
        """Return what Azure ML would refuse, and data that is not there or has no rows."""
        for gate in spec.gates:
            yield from unreadable_data(spec, gate.data, scope.specs)
        yield from schedule_problems(spec.name, spec.schedule)
        yield from pipeline_time_problems(spec, LONGEST_RUN)
        yield from unmade_by_steps(spec, scope.specs)

    def build(self, spec: Pipeline, context: BuildContext) -> PipelineOutputs:
        """Register the pipeline with its steps, gates and schedule."""
        built = register_job(pipeline_job(spec, MAKING, context), context, None)
        if spec.schedule is not None:
            register_schedule(context, spec.schedule, built)
        outputs = built.outputs()
        return PipelineOutputs(
            native_id=outputs["native_id"],
            console_url=outputs["console_url"],
            pipeline_name=outputs["native_id"].apply(lambda _: built.definition.name),
        )
