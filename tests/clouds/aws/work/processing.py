"""Processing jobs, by SageMaker's "build your own processing container".

Limits: one instance; outputs, also those of mode `Continuous`, are copied when the process has
ended, those of mode `EndOfJob` only when it ended well.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.clouds.aws.hooks import Run, RunState
from tests.clouds.aws.work import images, objects
from tests.clouds.aws.work.container import Container, Ended, Watch, Why, base_environment
from tests.clouds.aws.work.failures import JobError, algorithm_failure, no_objects, text_of
from tests.clouds.aws.work.logs import LogStream
from tests.clouds.aws.work.tracking import tracked

LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
_HOST = "algo-1"


def process(run: Run) -> None:
    """Do a processing job to its end."""
    run.update(ProcessingStartTime=datetime.now(UTC))
    state, told = execute(run, run.root, run.request)
    reason = told.pop("FailureReason", "")
    run.finish(state, reason, **told)


def execute(run: Run, root: Path, request: Mapping[str, Any]) -> tuple[RunState, dict[str, Any]]:
    """Run the container that `request` describes in `root`, return how it ended.

    Raises:
        JobError: it could not start.
        CannotPullError: it has no such image.
    """
    lay_out(run, root, request)
    container = container_of(run, root, request)
    seconds = (request.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds", 86400)
    stream = LogStream(run.client("logs"), LOG_GROUP, f"{run.name}/{_HOST}")
    try:
        ended = container.run(Watch(stopping=run.stopping, seconds=seconds), stream.add)
    finally:
        stream.close()
    _store(run, root, request, ended)
    message = text_of(root / "opt/ml/output/message")
    return _state(ended), {**({"ExitMessage": message} if message else {}), **_reason(ended)}


def lay_out(run: Run, root: Path, request: Mapping[str, Any]) -> None:
    """Make a container's folders, with its inputs and the files that describe it."""
    config = root / "opt/ml/config"
    config.mkdir(parents=True, exist_ok=True)
    (root / "opt/ml/output").mkdir(parents=True, exist_ok=True)
    told = {**request, "ProcessingJobArn": run.arn}
    text = json.dumps(told, default=str)
    (config / "processingjobconfig.json").write_text(text)
    hosts = {"current_host": _HOST, "hosts": [_HOST]}
    (config / "resourceconfig.json").write_text(json.dumps(hosts))
    for item in request.get("ProcessingInputs") or []:
        _download(run, root, request, item)
    for output in _outputs(request):
        at(root, output["S3Output"]["LocalPath"]).mkdir(parents=True, exist_ok=True)


def container_of(run: Run, root: Path, request: Mapping[str, Any]) -> Container:
    """Return the container that `request` describes."""
    application = request["AppSpecification"]
    command = images.command(
        application["ImageUri"],
        run.client("ecr"),
        application.get("ContainerEntrypoint") or [],
        application.get("ContainerArguments") or [],
    )
    isolated = bool((request.get("NetworkConfig") or {}).get("EnableNetworkIsolation"))
    return Container(
        root=root,
        command=command,
        environment=tracked(run, request.get("Environment") or {}),
        base=base_environment(run, root, isolated=isolated),
    )


def at(root: Path, path: str) -> Path:
    """Return a path of a container in the folder that stands for its `/`."""
    return root / path.lstrip("/")


def _download(run: Run, root: Path, request: Mapping[str, Any], item: Mapping[str, Any]) -> None:
    source = item.get("S3Input")
    if source is None:
        raise JobError(f"ClientError: the input `{item['InputName']}` is no `S3Input`")
    folder = at(root, source["LocalPath"])
    if not objects.download_source(run.client("s3"), source, folder):
        raise no_objects(source["S3Uri"], run.region, request["RoleArn"])


def _outputs(request: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    outputs = (request.get("ProcessingOutputConfig") or {}).get("Outputs", [])
    return [output for output in outputs if "S3Output" in output]


def _store(run: Run, root: Path, request: Mapping[str, Any], ended: Ended) -> None:
    for output in _outputs(request):
        place = output["S3Output"]
        if ended.is_success or place["S3UploadMode"] == "Continuous":
            objects.upload(run.client("s3"), at(root, place["LocalPath"]), place["S3Uri"])


def _state(ended: Ended) -> RunState:
    if ended.is_success:
        return RunState.SUCCEEDED
    return RunState.STOPPED if ended.why is Why.STOPPED else RunState.FAILED


def _reason(ended: Ended) -> dict[str, str]:
    if ended.is_success or ended.why is Why.STOPPED:
        return {}
    if ended.why is Why.TIME_IS_UP:
        return {"FailureReason": "ClientError: the job ran longer than MaxRuntimeInSeconds"}
    return {"FailureReason": algorithm_failure("", ended.code)}
