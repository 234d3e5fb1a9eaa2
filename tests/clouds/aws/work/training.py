"""Training jobs, by SageMaker's "use your own training algorithms".

Limits: each instance is a process of its own folder; the model is the first instance's. Checkpoints
are copied when a process ends, not while it writes them.
"""

import json
import re
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.clouds.aws.hooks import Run, RunState
from tests.clouds.aws.work import images, objects
from tests.clouds.aws.work.container import Container, Ended, Watch, Why, base_environment
from tests.clouds.aws.work.failures import JobError, algorithm_failure, no_objects, text_of
from tests.clouds.aws.work.logs import LogStream
from tests.clouds.aws.work.tracking import tracked

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
_CHECKPOINTS = "/opt/ml/checkpoints"


@dataclass(frozen=True)
class _Host:
    name: str
    root: Path

    def at(self, path: str) -> Path:
        """Return a path of the container in this host's folder."""
        return self.root / path.lstrip("/")


def train(run: Run, interrupting: threading.Event) -> None:
    """Do a training job to its end; `interrupting` takes its machines away, once each time."""
    hosts = _hosts(run)
    run.update(SecondaryStatus="Downloading", TrainingStartTime=datetime.now(UTC))
    for host in hosts:
        _lay_out(run, host, hosts)
    run.update(SecondaryStatus="Training")
    lines, ended = _attempts(run, hosts, interrupting)
    run.update(SecondaryStatus="Uploading")
    told = {**_results(run, hosts[0], ended), **_metrics(run, lines)}
    _finish(run, hosts, ended, told)


def _hosts(run: Run) -> list[_Host]:
    count = run.request["ResourceConfig"].get("InstanceCount", 1)
    return [_Host(f"algo-{n}", run.root / f"algo-{n}") for n in range(1, count + 1)]


def _lay_out(run: Run, host: _Host, hosts: Sequence[_Host]) -> None:
    for folder in ("model", "output/data", "input/config", "input/data"):
        host.at(f"opt/ml/{folder}").mkdir(parents=True)
    request = run.request
    channels = request.get("InputDataConfig", [])
    _write(host, "hyperparameters", dict(request.get("HyperParameters") or {}))
    _write(host, "inputdataconfig", {item["ChannelName"]: _told(item) for item in channels})
    _write(host, "resourceconfig", _resources(run, host, hosts))
    for item in channels:
        _download(run, item, host.at(f"opt/ml/input/data/{item['ChannelName']}"))
    if checkpoints := request.get("CheckpointConfig"):
        folder = host.at(checkpoints.get("LocalPath", _CHECKPOINTS))
        objects.download(run.client("s3"), _folder(checkpoints["S3Uri"]), folder)


def _write(host: _Host, name: str, document: Mapping[str, Any]) -> None:
    host.at(f"opt/ml/input/config/{name}.json").write_text(json.dumps(document))


def _told(channel: Mapping[str, Any]) -> dict[str, str]:
    source = channel["DataSource"]["S3DataSource"]
    told = {
        "TrainingInputMode": channel.get("InputMode", "File"),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    return {**told, **({"ContentType": channel["ContentType"]} if "ContentType" in channel else {})}


def _resources(run: Run, host: _Host, hosts: Sequence[_Host]) -> dict[str, Any]:
    kind, names = run.request["ResourceConfig"].get("InstanceType"), [one.name for one in hosts]
    group = "homogeneousCluster"
    return {
        "current_host": host.name,
        "current_instance_type": kind,
        "current_group_name": group,
        "hosts": names,
        "instance_groups": [{"instance_group_name": group, "instance_type": kind, "hosts": names}],
        "network_interface_name": "eth0",
    }


def _download(run: Run, channel: Mapping[str, Any], folder: Path) -> None:
    source = channel["DataSource"]["S3DataSource"]
    if not objects.download_source(run.client("s3"), source, folder):
        raise no_objects(source["S3Uri"], run.region, run.request["RoleArn"])


def _attempts(
    run: Run, hosts: Sequence[_Host], interrupting: threading.Event
) -> tuple[list[str], Ended]:
    while True:
        lines, ended = _attempt(run, hosts, interrupting)
        _save_checkpoints(run, hosts[0])
        if ended.why is not Why.INTERRUPTED:
            return lines, ended
        interrupting.clear()
        if not run.request.get("EnableManagedSpotTraining"):
            raise JobError("InternalServerError: the instance was lost")
        run.update(SecondaryStatus="Interrupted")
        for host in hosts:
            _begin_again(run, host)
        run.update(SecondaryStatus="Training")


def _begin_again(run: Run, host: _Host) -> None:
    """Give a host a new disk: only what was checkpointed outlives the machine."""
    hosts = _hosts(run)
    host.root.rename(host.root.with_name(f"{host.name}-lost-{time.monotonic_ns()}"))
    _lay_out(run, host, hosts)


def _attempt(
    run: Run, hosts: Sequence[_Host], interrupting: threading.Event
) -> tuple[list[str], Ended]:
    seconds = run.request["StoppingCondition"].get("MaxRuntimeInSeconds", 86400)
    watch = Watch(stopping=run.stopping, seconds=seconds, interrupting=interrupting)
    streams = [LogStream(run.client("logs"), LOG_GROUP, f"{run.name}/{h.name}") for h in hosts]
    try:
        containers = [_container(run, host) for host in hosts]
        with ThreadPoolExecutor(len(hosts)) as pool:
            tasks = [
                pool.submit(container.run, watch, stream.add)
                for container, stream in zip(containers, streams, strict=True)
            ]
            ends = [task.result() for task in tasks]
    finally:
        for stream in streams:
            stream.close()
    lines = [line for stream in streams for line in stream.lines]
    return lines, next((end for end in ends if not end.is_success), ends[0])


def _container(run: Run, host: _Host) -> Container:
    algorithm = run.request["AlgorithmSpecification"]
    command = images.command(
        algorithm["TrainingImage"],
        run.client("ecr"),
        algorithm.get("ContainerEntrypoint", []),
        algorithm.get("ContainerArguments", ["train"]),
    )
    names = {"TRAINING_JOB_NAME": run.name, "TRAINING_JOB_ARN": run.arn}
    isolated = bool(run.request.get("EnableNetworkIsolation"))
    return Container(
        root=host.root,
        command=command,
        environment={**tracked(run, run.request.get("Environment") or {}), **names},
        base=base_environment(run, host.root, isolated=isolated),
    )


def _save_checkpoints(run: Run, host: _Host) -> None:
    if checkpoints := run.request.get("CheckpointConfig"):
        folder = host.at(checkpoints.get("LocalPath", _CHECKPOINTS))
        objects.upload(run.client("s3"), folder, checkpoints["S3Uri"])


def _results(run: Run, host: _Host, ended: Ended) -> dict[str, Any]:
    """Store what a job leaves: its output always, its model unless it failed."""
    output = run.request["OutputDataConfig"]
    place = f"{output['S3OutputPath'].rstrip('/')}/{run.name}/output"
    compressed = output.get("CompressionType", "GZIP") == "GZIP"
    _store(run, host.at("opt/ml/output/data"), f"{place}/output", compressed=compressed)
    if not ended.is_success and ended.why is Why.EXITED:
        return {}
    model = _store(run, host.at("opt/ml/model"), f"{place}/model", compressed=compressed)
    return {"ModelArtifacts": {"S3ModelArtifacts": model}}


def _store(run: Run, folder: Path, uri: str, *, compressed: bool) -> str:
    s3 = run.client("s3")
    if not compressed:
        objects.upload(s3, folder, uri)
        return f"{uri}/"
    objects.write(s3, f"{uri}.tar.gz", objects.packed(folder))
    return f"{uri}.tar.gz"


def _metrics(run: Run, lines: Sequence[str]) -> dict[str, Any]:
    """Return the last value of each metric, as the log tells it."""
    found: list[dict[str, Any]] = []
    for definition in run.request["AlgorithmSpecification"].get("MetricDefinitions", []):
        values = re.findall(definition["Regex"], "\n".join(lines))
        if values:
            metric = {"MetricName": definition["Name"], "Value": float(values[-1])}
            found.append({**metric, "Timestamp": datetime.now(UTC)})
    return {"FinalMetricDataList": found} if found else {}


def _finish(run: Run, hosts: Sequence[_Host], ended: Ended, told: Mapping[str, Any]) -> None:
    if ended.is_success:
        run.finish(RunState.SUCCEEDED, SecondaryStatus="Completed", **told)
    elif ended.why is Why.STOPPED:
        run.finish(RunState.STOPPED, SecondaryStatus="Stopped", **told)
    elif ended.why is Why.TIME_IS_UP:
        run.finish(RunState.STOPPED, SecondaryStatus="MaxRuntimeExceeded", **told)
    else:
        texts = (text_of(host.at("opt/ml/output/failure")) for host in hosts)
        reason = algorithm_failure(next(filter(None, texts), ""), ended.code)
        run.finish(RunState.FAILED, reason, SecondaryStatus="Failed", **told)


def _folder(uri: str) -> str:
    return uri.rstrip("/") + "/"
