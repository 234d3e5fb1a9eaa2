"""A component's pipeline, the document that its runs are started by, and the run of `up`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac import custom
from mlops_iac.jobs.defining import RUN_OUTPUTS, Job
from mlops_iac.provider import BuildContext
from mlops_iac.specs.jobs import Wait
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.jobs.steps import Step, StepType, definition, is_late
from mlops_iac_aws.jobs.wiring import (
    RUN_KEY,
    in_definition,
    in_plan,
    parameter_values,
)
from mlops_iac_aws.objects import after, register_object
from mlops_iac_aws.requests import UNKNOWN, request

JOB_RUN = "mlops-iac:aws:JobRun"
_OPERATIONS: Mapping[str, str] = {
    StepType.TRAINING: "CreateTrainingJob",
    StepType.PROCESSING: "CreateProcessingJob",
    StepType.TUNING: "CreateHyperParameterTuningJob",
    StepType.REGISTER: "CreateModelPackage",
}
_NAMES: Mapping[str, tuple[str, int]] = {
    # The pipeline names the jobs of its steps, after its execution.
    StepType.TRAINING: ("TrainingJobName", 63),
    StepType.PROCESSING: ("ProcessingJobName", 63),
    StepType.TUNING: ("HyperParameterTuningJobName", 32),
}


@dataclass(frozen=True, kw_only=True)
class BuiltJob:
    """The resources of a job."""

    context: BuildContext
    pipeline: sdk.aws.sagemaker.Pipeline
    parameters: Mapping[str, Any]
    """Values of the pipeline's parameters."""
    key: str
    run: sdk.pulumi.CustomResource | None
    """`None` when `up` starts none."""

    def outputs(self) -> dict[str, Any]:
        """Return the fields of `JobOutputs`."""
        page = f"pipelines/{names.pipeline(self.context, self.context.component)}"
        return {
            "native_id": self.pipeline.arn,
            "console_url": sdk.pulumi.Output.from_input(place.console(self.context, page)),
            "definition": self.pipeline.arn,
            "key": sdk.pulumi.Output.from_input(self.key),
            "run_id": self.of_run("run_id"),
        }

    def of_run(self, name: str, default: Any = None) -> sdk.pulumi.Output[Any]:
        """Return an output of the run; `default` when there is none."""
        return (
            sdk.pulumi.Output.from_input(default) if self.run is None else getattr(self.run, name)
        )


def register_job(job: Job, context: BuildContext, wait: Wait | None) -> BuiltJob:
    """Register a job's pipeline and its document and, with a `wait`, its run."""
    document = definition(job.build(in_definition(context, of_execution=job.is_kept_by_execution)))
    used = {item["Name"] for item in document["Parameters"]}
    values = parameter_values(context, job.key or "", job.native)
    parameters = {name: value for name, value in values.items() if name in used}
    pipeline = _pipeline(job, context, document)
    about = _document(job, context, parameters)
    run = None
    if wait is not None:
        run = _run(job, context, parameters, wait, [pipeline, about])
    return BuiltJob(
        context=context, pipeline=pipeline, parameters=parameters, key=job.key or "", run=run
    )


def _pipeline(
    job: Job, context: BuildContext, document: Mapping[str, Any]
) -> sdk.aws.sagemaker.Pipeline:
    name = names.pipeline(context, job.spec.name)
    return sdk.aws.sagemaker.Pipeline(
        context.name("pipeline"),
        pipeline_name=name,
        pipeline_display_name=name,
        pipeline_description=f"{job.spec.kind} {job.spec.name}: {job.description}",
        role_arn=place.role_arn(context, "pipeline"),
        pipeline_definition=json.dumps(document, sort_keys=True),
        tags=context.tags,
        opts=context.opts(
            job.field, depends_on=[*after(context, *dict.fromkeys(job.needs)), *job.uploads]
        ),
    )


def _document(job: Job, context: BuildContext, parameters: Mapping[str, Any]) -> Any:
    """Register what starts the job's runs: verbs and the loop read it, and ask no engine."""
    content = {
        **_facts(job, context),
        "key": job.key,
        "parameters": {name: value for name, value in parameters.items() if name != RUN_KEY},
        "timeout_seconds": job.timeout_seconds,
    }
    return register_object(
        context,
        "definition",
        job.field,
        place.definition_key(job.spec.name),
        content=sdk.pulumi.Output.json_dumps(content),
        content_type="application/json",
    )


def _run(
    job: Job,
    context: BuildContext,
    parameters: Mapping[str, Any],
    wait: Wait,
    depends_on: Iterable[Any],
) -> sdk.pulumi.CustomResource:
    return custom.register(
        JOB_RUN,
        context.name("run"),
        {
            **_facts(job, context),
            "key": job.key,
            "pipeline_parameters": dict(parameters),
            "wait": wait.value,
            "timeout_seconds": job.timeout_seconds,
            "requests": _requests(job, context, parameters),
        },
        outputs=RUN_OUTPUTS,
        opts=context.opts(
            "run", depends_on=[*depends_on, *after(context, *dict.fromkeys(job.needs))]
        ),
    )


def _facts(job: Job, context: BuildContext) -> dict[str, Any]:
    return {
        "job": job.spec.name,
        "kind": job.spec.kind,
        "pipeline": names.pipeline(context, job.spec.name),
        **(job.facts or {}),
    }


def _requests(
    job: Job, context: BuildContext, parameters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the start, and what the pipeline then asks of SageMaker by itself."""
    start = {
        "PipelineName": names.pipeline(context, job.spec.name),
        "ClientRequestToken": job.key,
        "PipelineExecutionDescription": f"Key {job.key}",
        "PipelineParameters": [{"Name": n, "Value": v} for n, v in parameters.items()],
    }
    asked = [request("sagemaker", "StartPipelineExecution", start)]
    key = None if job.is_kept_by_execution else job.key
    for step in job.build(in_plan(context, key, job.native)):
        if step.type in _OPERATIONS:
            body = {**_named(step, context, job), **_shown(step.arguments)}
            asked.append(request("sagemaker", _OPERATIONS[step.type], body))
    return asked


def _shown(value: Any) -> Any:
    """Return a request with a mark in place of what only a run tells."""
    if is_late(value):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {name: _shown(item) for name, item in value.items()}
    return [_shown(item) for item in value] if isinstance(value, list) else value


def _named(step: Step, context: BuildContext, job: Job) -> dict[str, str]:
    if step.type not in _NAMES:
        return {}
    member, limit = _NAMES[step.type]
    prefix = f"{names.pipeline(context, job.spec.name)}-{step.name}"
    return {member: prefix[:limit].rstrip("-")}
