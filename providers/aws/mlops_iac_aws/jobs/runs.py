"""Runs: executions of a job's pipeline, found by the key in their description.

Stands on boto3 alone: custom resources, run-time verbs and the loop start and read runs with it.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_iac.keyed_runs import FAILED, FINISHED, RUNNING, STOPPED
from mlops_iac_aws.lineage import run_result
from mlops_iac_aws.session import Clients

STATUSES: Mapping[str, str] = {
    "Executing": RUNNING,
    "Stopping": RUNNING,
    "Succeeded": FINISHED,
    "Failed": FAILED,
    "Stopped": STOPPED,
}
"""Of a pipeline's execution, as `mlops_iac.operations.Run` names them."""
FIRST_POLL_SECONDS, LAST_POLL_SECONDS = 1.0, 15.0
_DESCRIPTION = "Key "


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One run, as the pipeline's list tells it."""

    arn: str
    key: str
    status: str
    """`running`, `finished`, `failed` or `stopped`."""
    started: str
    ended: str | None = None
    reason: str | None = None
    """Why it failed."""

    @property
    def id(self) -> str:
        """Id within its pipeline."""
        return self.arn.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True)
class StepRun:
    """One step of a run."""

    name: str
    status: str
    reason: str | None
    metadata: Mapping[str, Any]

    def job(self, kind: str) -> str | None:
        """Return the name of what the step made: `kind` is a member of the step's metadata."""
        arn = self.metadata.get(kind, {}).get("Arn")
        return arn and arn.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run has come to."""

    execution: Execution
    model_version: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Hyperparameters of the best trial, of a search."""
    value: float | None = None
    """Metric of the best trial, of a search."""


def start(
    clients: Clients,
    pipeline: str,
    key: str,
    parameters: Mapping[str, str],
    *,
    token: str | None = None,
) -> Execution:
    """Start a run; with the same token twice, SageMaker answers with the first."""
    answer = clients("sagemaker").start_pipeline_execution(
        PipelineName=pipeline,
        ClientRequestToken=token or key,
        PipelineExecutionDescription=f"{_DESCRIPTION}{key}",
        PipelineParameters=[{"Name": n, "Value": v} for n, v in sorted(parameters.items())],
    )
    return execution(clients, answer["PipelineExecutionArn"])


def execution(clients: Clients, arn: str) -> Execution:
    """Return a run as it is now."""
    return _execution(clients("sagemaker").describe_pipeline_execution(PipelineExecutionArn=arn))


def executions(clients: Clients, pipeline: str) -> Iterator[Execution]:
    """Yield the runs of a pipeline, newest first."""
    pages = clients("sagemaker").get_paginator("list_pipeline_executions")
    newest_first = {"SortBy": "CreationTime", "SortOrder": "Descending"}
    for page in pages.paginate(PipelineName=pipeline, **newest_first):
        for item in page["PipelineExecutionSummaries"]:
            yield _execution(item)


def run_of_key(clients: Clients, pipeline: str, key: str) -> Execution | None:
    """Return the newest run of a key; `None` when there was none."""
    return next((found for found in executions(clients, pipeline) if found.key == key), None)


def stop(clients: Clients, run: Execution) -> None:
    """Stop a run; one that has ended stays as it is."""
    if run.status == RUNNING:
        clients("sagemaker").stop_pipeline_execution(
            PipelineExecutionArn=run.arn, ClientRequestToken=f"stop-{run.id}".ljust(32, "-")
        )


def steps(clients: Clients, run: Execution) -> list[StepRun]:
    """Return the steps of a run that have begun, in their order."""
    pages = clients("sagemaker").get_paginator("list_pipeline_execution_steps")
    return [
        StepRun(
            name=item["StepName"],
            status=item["StepStatus"],
            reason=item.get("FailureReason"),
            metadata=item.get("Metadata") or {},
        )
        for page in pages.paginate(PipelineExecutionArn=run.arn, SortOrder="Ascending")
        for item in page["PipelineExecutionSteps"]
    ]


def finish(
    clients: Clients,
    run: Execution,
    *,
    wait: Callable[[float], None],
    tell: Callable[[str], None],
    seconds: float,
) -> Execution:
    """Wait until a run has ended, and tell how its steps go; after `seconds` it is stopped."""
    told: dict[str, str] = {}
    pause, last = FIRST_POLL_SECONDS, time.monotonic() + seconds
    while run.status == RUNNING:
        _tell_steps(clients, run, told, tell)
        if time.monotonic() > last:
            stop(clients, run)
        wait(pause)
        pause = min(pause * 1.5, LAST_POLL_SECONDS)
        run = execution(clients, run.arn)
    _tell_steps(clients, run, told, tell)
    return run


def _tell_steps(
    clients: Clients, run: Execution, told: dict[str, str], tell: Callable[[str], None]
) -> None:
    for step in steps(clients, run):
        if told.get(step.name) != step.status:
            told[step.name] = step.status
            tell(f"{step.name}: {step.status.lower()}")


def failure(clients: Clients, run: Execution) -> str:
    """Return why a run failed: the reasons of its failed steps, else its own."""
    failed = [
        f"{step.name}: {_exit_message(clients, step) or step.reason}"
        for step in steps(clients, run)
        if step.reason
    ]
    return "; ".join(failed) or run.reason or run.status


def _exit_message(clients: Clients, step: StepRun) -> str | None:
    """Return what a processing job's container said; its own reason only points at the log."""
    job = step.job("ProcessingJob")
    if job is None:
        return None
    answer = clients("sagemaker").describe_processing_job(ProcessingJobName=job)
    return answer.get("ExitMessage")


def outcome(clients: Clients, run: Execution) -> Outcome:
    """Return what a run made, read from the jobs of its steps."""
    done = [step for step in steps(clients, run) if step.status == "Succeeded"]
    versions = [name for step in done if (name := step.job("RegisterModel"))]
    trained = [name for step in done if (name := step.job("TrainingJob"))]
    searched = [name for step in done if (name := step.job("TuningJob"))]
    found = Outcome(
        execution=run,
        # Numeric: the last word of a package's ARN is its version.
        model_version=int(versions[-1]) if versions else None,
        metrics=_metrics(clients, trained[-1]) if trained else {},
    )
    return _with_best(clients, searched[-1], found) if searched else found


def _with_best(clients: Clients, search: str, found: Outcome) -> Outcome:
    answer = clients("sagemaker").describe_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=search
    )
    best = answer.get("BestTrainingJob")
    if best is None:
        return found
    metric = best.get("FinalHyperParameterTuningJobObjectiveMetric", {}).get("Value")
    tuned = best.get("TunedHyperParameters", {})
    return Outcome(
        execution=found.execution,
        model_version=found.model_version,
        metrics=_metrics(clients, best["TrainingJobName"]),
        parameters={name: _value(text) for name, text in tuned.items()},
        value=metric,
    )


def _metrics(clients: Clients, job: str) -> dict[str, float]:
    answer = clients("sagemaker").describe_training_job(TrainingJobName=job)
    made = answer.get("ModelArtifacts", {}).get("S3ModelArtifacts", "")
    # SageMaker finds only metrics that are declared, and keeps them as 32 bits.
    if (result := run_result(clients, made)) is not None:
        return dict(result["metrics"])
    return {m["MetricName"]: float(m["Value"]) for m in answer.get("FinalMetricDataList", ())}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _execution(item: Mapping[str, Any]) -> Execution:
    status = STATUSES[item["PipelineExecutionStatus"]]
    started = item.get("StartTime") or item.get("CreationTime")
    has_ended = status != RUNNING and item.get("LastModifiedTime")
    description = item.get("PipelineExecutionDescription", "")
    return Execution(
        arn=item["PipelineExecutionArn"],
        key=description.removeprefix(_DESCRIPTION),
        status=status,
        started=started.isoformat() if started else "",
        ended=item["LastModifiedTime"].isoformat() if has_ended else None,
        reason=item.get("PipelineExecutionFailureReason") or item.get("FailureReason"),
    )
