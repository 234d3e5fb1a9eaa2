"""One execution of a schedule: its processing job, and what becomes of what that leaves."""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.clouds.aws.hooks import Run, RunKind, RunState
from tests.clouds.aws.work import objects
from tests.clouds.aws.work.monitoring.job import Check, Type, processing_request
from tests.clouds.aws.work.numbers import put_metrics
from tests.clouds.aws.work.processing import at

NAMESPACES: Mapping[Type, str] = {
    # The documentation of containers of one's own names `/aws/sagemaker/Endpoint/data-metrics`,
    # all else of it, and the alarms of AWS's own examples, these two.
    Type.DATA_QUALITY: "aws/sagemaker/Endpoints/data-metrics",
    Type.MODEL_QUALITY: "aws/sagemaker/Endpoints/model-metrics",
}
_PREFIXES = {Type.DATA_QUALITY: "monitoring", Type.MODEL_QUALITY: "model-quality-monitoring"}
_METRICS = "opt/ml/output/metrics/cloudwatch"
_VIOLATIONS = "constraint_violations.json"

FindRun = Callable[[RunKind, str], Run]


def monitor(run: Run, find: FindRun) -> None:
    """Do an execution to its end."""
    check = Check(run)
    sagemaker = run.client("sagemaker")
    scheduled = check.time("ScheduledTime")
    name = f"{_PREFIXES[check.type]}-{scheduled:%Y%m%d%H%M}-{secrets.token_hex(12)}"
    request = processing_request(check)
    arn = sagemaker.create_processing_job(ProcessingJobName=name, **request)["ProcessingJobArn"]
    run.update(ProcessingJobArn=arn)
    job = find(RunKind.PROCESSING, name)
    job.update(MonitoringScheduleArn=check.schedule_arn)
    while not job.ended.wait(0.05):
        if run.stopping.is_set():
            sagemaker.stop_processing_job(ProcessingJobName=name)
            job.ended.wait()
    _finish(check, job, sagemaker.describe_processing_job(ProcessingJobName=name))


def _finish(check: Check, job: Run, found: Mapping[str, Any]) -> None:
    if found["ProcessingJobStatus"] == "Stopped":
        check.run.finish(RunState.STOPPED)
    elif found["ProcessingJobStatus"] == "Failed":
        reason = found.get("ExitMessage") or found["FailureReason"]
        check.run.finish(RunState.FAILED, reason)
    else:
        _publish(check, job.root)
        status = "CompletedWithViolations" if _is_violated(check, job.root) else "Completed"
        check.run.finish(RunState.SUCCEEDED, MonitoringExecutionStatus=status)


def _is_violated(check: Check, root: Path) -> bool:
    file = at(root, check.output["LocalPath"]) / _VIOLATIONS
    return file.is_file() and bool(json.loads(file.read_text()).get("violations"))


def _publish(check: Check, root: Path) -> None:
    """Hand the numbers that the container wrote to CloudWatch, when they are asked for."""
    data = [*_numbers(root / _METRICS)]
    if check.is_published and data:
        put_metrics(check.run.client("cloudwatch"), NAMESPACES[check.type], data)


def _numbers(folder: Path) -> Iterator[dict[str, Any]]:
    for file in objects.files(folder) if folder.is_dir() else []:
        for line in objects.lines(file.read_bytes()):
            number = json.loads(line)
            moment = datetime.fromisoformat(number["Timestamp"])
            yield {**number, "Timestamp": moment.astimezone(UTC)}
