"""One execution of a pipeline: its steps in an order that their references allow, one at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from tests.clouds.aws.hooks import Run, RunKind, RunState
from tests.clouds.aws.work import objects
from tests.clouds.aws.work.failures import JobError
from tests.clouds.aws.work.pipelines.conditions import holds_all
from tests.clouds.aws.work.pipelines.definition import (
    Definition,
    Step,
    StepType,
    needs,
    parameter_values,
    read_definition,
)
from tests.clouds.aws.work.pipelines.expressions import Reference, resolve, steps_of, walk
from tests.clouds.aws.work.pipelines.steps import (
    JOBS,
    METADATA,
    call,
    job_name,
    make_model,
    plain,
    register_model,
)

FindRun = Callable[[RunKind, str], Run]
"""Finds the run that a step has started."""
_FAILED = "Step failure: One or multiple steps failed."


def execute(run: Run, find: FindRun) -> None:
    """Interpret an execution to its end."""
    definition = read_definition(run.request["PipelineDefinition"])
    given = run.request.get("PipelineParameters") or []
    execution = Execution(run, find, definition, parameter_values(definition, given))
    execution.go()
    statuses = {record["StepStatus"] for record in execution.records.values()}
    if run.stopping.is_set():
        run.finish(RunState.STOPPED, Steps=execution.told())
    elif "Failed" in statuses:
        run.finish(RunState.FAILED, _FAILED, Steps=execution.told())
    else:
        run.finish(RunState.SUCCEEDED, Steps=execution.told())


@dataclass
class Execution:
    """What one execution knows so far."""

    run: Run
    find: FindRun
    definition: Definition
    parameters: Mapping[str, Any]
    records: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """What ListPipelineExecutionSteps answers, by the step's name."""
    properties: dict[str, Any] = field(default_factory=dict[str, Any])
    outcomes: dict[str, bool] = field(default_factory=dict[str, bool])
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def go(self) -> None:
        """Do every step whose turn comes; a step that fails holds back those that need it."""
        while (step := self._next()) is not None and not self.run.stopping.is_set():
            self._do(step)

    def told(self) -> list[dict[str, Any]]:
        """Return the steps so far, in the order of their start."""
        return [dict(record) for record in self.records.values()]

    def _next(self) -> Step | None:
        return next((step for step in self.definition.steps if self._is_ready(step)), None)

    def _is_ready(self, step: Step) -> bool:
        if step.name in self.records:
            return False
        if step.branch and self.outcomes.get(step.branch[0]) is not step.branch[1]:
            return False
        states = [self.records.get(name, {}).get("StepStatus") for name in needs(step)]
        return all(state == "Succeeded" for state in states)

    def _do(self, step: Step) -> None:
        record = {
            "StepName": step.name,
            "StartTime": datetime.now(UTC),
            "StepStatus": "Executing",
            "AttemptCount": 1,
            "Metadata": dict[str, Any](),
        }
        self.records[step.name] = record
        self._tell()
        try:
            status, reason = self._outcome(step, record)
        except (JobError, ClientError, ParamValidationError) as error:
            status, reason = "Failed", _refused(step, error)
        record |= {"StepStatus": status, "EndTime": datetime.now(UTC)}
        if reason:
            record["FailureReason"] = reason
        self._tell()

    def _tell(self) -> None:
        self.run.update(Steps=self.told())

    def _outcome(self, step: Step, record: dict[str, Any]) -> tuple[str, str]:
        if step.type is StepType.CONDITION:
            return self._decide(step, record)
        arguments = resolve(step.arguments, self._lookup)
        if step.type is StepType.FAIL:
            message = str(arguments["ErrorMessage"])
            record["Metadata"] = {"Fail": {"ErrorMessage": message}}
            return "Failed", message
        if step.type in JOBS:
            return self._job(step, arguments, record)
        return self._make(step, arguments, record)

    def _decide(self, step: Step, record: dict[str, Any]) -> tuple[str, str]:
        outcome = holds_all(resolve(step.arguments["Conditions"], self._lookup))
        self.outcomes[step.name] = outcome
        record["Metadata"] = {"Condition": {"Outcome": str(outcome)}}
        return "Succeeded", ""

    def _make(
        self, step: Step, arguments: dict[str, Any], record: dict[str, Any]
    ) -> tuple[str, str]:
        sagemaker = self.run.client("sagemaker")
        if step.type is StepType.MODEL:
            arguments.setdefault("ModelName", job_name(self.run.name, step.name, 63))
            arn, found = make_model(sagemaker, arguments)
        else:
            arn, found = register_model(sagemaker, arguments)
        self.properties[step.name] = plain(found)
        record["Metadata"] = {METADATA[step.type]: {"Arn": arn}}
        return "Succeeded", ""

    def _job(
        self, step: Step, arguments: Mapping[str, Any], record: dict[str, Any]
    ) -> tuple[str, str]:
        job, sagemaker = JOBS[step.type], self.run.client("sagemaker")
        name = job_name(self.run.name, step.name, job.longest)
        arn = call(sagemaker, "create", job)(**{**arguments, job.name: name})[job.arn]
        record["Metadata"] = {METADATA[step.type]: {"Arn": arn}}
        self._tell()
        started = self.find(job.kind, name)
        while not started.ended.wait(0.05):
            if self.run.stopping.is_set():
                call(sagemaker, "stop", job)(**{job.name: name})
                started.ended.wait()
        found = call(sagemaker, "describe", job)(**{job.name: name})
        self.properties[step.name] = plain(found)
        return _job_status(found[job.status]), found.get("FailureReason", "")

    def _lookup(self, reference: Reference) -> Any:
        root, *rest = steps_of(reference.path)
        match root, rest:
            case "Parameters", [name]:
                return self.parameters[str(name)]
            case "Execution", [name]:
                return walk(self._own(), [name], reference.path)
            case "Steps", [step, "PropertyFiles", name]:
                return self._property_file(str(step), str(name), reference.path)
            case "Steps", [step, *path]:
                return walk(self.properties.get(str(step), {}), path, reference.path)
            case _:
                raise JobError(f"ValidationException: `{reference.path}` is no reference")

    def _own(self) -> dict[str, str]:
        pipeline = self.run.arn.partition("/execution/")[0]
        return {
            "PipelineExecutionId": self.run.name,
            "PipelineExecutionArn": self.run.arn,
            "PipelineArn": pipeline,
            "PipelineName": pipeline.rpartition("/")[2],
            "StartDateTime": self.started.isoformat(timespec="milliseconds"),
            "CurrentDateTime": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }

    def _property_file(self, name: str, file: str, path: str) -> bytes:
        step = next(step for step in self.definition.steps if step.name == name)
        if file not in step.property_files:
            raise JobError(f"ValidationException: `{path}` names no property file")
        declared = step.property_files[file]
        place = ["ProcessingOutputConfig", "Outputs", declared["OutputName"], "S3Output", "S3Uri"]
        folder = walk(self.properties[name], [*place], path).rstrip("/")
        uri = f"{folder}/{declared['FilePath']}"
        try:
            return objects.read(self.run.client("s3"), uri)
        except ClientError as error:
            raise JobError(f"ClientError: the property file `{uri}` is not there") from error


def _job_status(status: str) -> str:
    return {"Completed": "Succeeded", "Stopped": "Stopped"}.get(status, "Failed")


def _refused(step: Step, error: Exception) -> str:
    if isinstance(error, JobError):
        return str(error)
    return f"ClientError: Failed to invoke sagemaker:{step.type}. Error Details: {error}"
