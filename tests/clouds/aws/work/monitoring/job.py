"""The processing job that an execution of a schedule starts.

Variables and places are those of Model Monitor's own jobs; its `processingjobconfig.json` was
published with a model quality schedule of 2021, and the documentation names the variables:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-contract-inputs.html
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tests.clouds.aws.hooks import Run
from tests.clouds.aws.work import objects
from tests.clouds.aws.work.failures import JobError
from tests.clouds.aws.work.monitoring.merge import merge
from tests.clouds.aws.work.monitoring.window import hours, offset

NO_DATA = "Job inputs had no data"
_BASELINE = "/opt/ml/processing/baseline"
_BASELINES = {"ConstraintsResource": "constraints", "StatisticsResource": "stats"}
_VARIABLES = {
    "ConstraintsResource": "baseline_constraints",
    "StatisticsResource": "baseline_statistics",
}


class Type(StrEnum):
    """What a job definition is for."""

    DATA_QUALITY = "DataQuality"
    MODEL_QUALITY = "ModelQuality"


@dataclass(frozen=True)
class Check:
    """One execution, read."""

    run: Run

    @property
    def type(self) -> Type:
        """What it checks."""
        return Type(self.run.request["JobDefinitionType"])

    @property
    def schedule(self) -> str:
        """The schedule's name."""
        return str(self.run.request["MonitoringSchedule"]["MonitoringScheduleName"])

    @property
    def schedule_arn(self) -> str:
        """The schedule's ARN; its jobs tell it in their descriptions and events."""
        return str(self.run.request["MonitoringSchedule"]["MonitoringScheduleArn"])

    def part(self, name: str) -> Mapping[str, Any]:
        """Return a member whose name begins with the type's."""
        return self.run.request["JobDefinition"].get(f"{self.type}{name}") or {}

    @property
    def endpoint(self) -> Mapping[str, Any]:
        """The endpoint whose traffic is looked at."""
        found = self.part("JobInput").get("EndpointInput")
        if found is None:
            raise JobError("the test cloud monitors endpoints only")
        return found

    @property
    def output(self) -> Mapping[str, Any]:
        """Where the report goes."""
        return self.part("JobOutputConfig")["MonitoringOutputs"][0]["S3Output"]

    def time(self, name: str) -> datetime:
        """Return `StartTime`, `EndTime` or `ScheduledTime`."""
        return self.run.request[name]

    @property
    def is_published(self) -> bool:
        """Whether its metrics go to CloudWatch."""
        own = self.part("AppSpecification").get("Environment") or {}
        return own.get("publish_cloudwatch_metrics") == "Enabled"


def processing_request(check: Check) -> dict[str, Any]:
    """Return the parameters of the execution's CreateProcessingJob, less the name.

    Raises:
        JobError: there is no data in its time.
    """
    definition, application = check.run.request["JobDefinition"], check.part("AppSpecification")
    data = [*_data(check)]
    if not data:
        raise JobError(NO_DATA)
    own = {k: application[k] for k in _APPLICATION if application.get(k)}
    wanted = {k: definition[k] for k in ("NetworkConfig", "StoppingCondition") if definition.get(k)}
    return {
        "AppSpecification": own,
        "Environment": environment(check),
        "ProcessingInputs": [*_baselines(check), *data],
        "ProcessingOutputConfig": {"Outputs": [_output(check)]},
        "ProcessingResources": {"ClusterConfig": definition["JobResources"]["ClusterConfig"]},
        "RoleArn": definition["RoleArn"],
        **wanted,
    }


_APPLICATION = ("ImageUri", "ContainerEntrypoint", "ContainerArguments")


def environment(check: Check) -> dict[str, str]:
    """Return what Model Monitor tells a container."""
    index = ["endpointInput", "endpointOutput"]
    form = "sagemakerCaptureJson" if check.type is Type.DATA_QUALITY else "sagemakerMergeJson"
    listed = ",".join(f'"{name}"' for name in index)
    application = check.part("AppSpecification")
    told = {
        "dataset_format": f'{{"{form}":{{"captureIndexNames":[{listed}]}}}}',
        "dataset_source": check.endpoint["LocalPath"],
        "output_path": check.output["LocalPath"],
        "start_time": f"{check.time('StartTime'):%Y-%m-%dT%H:%M:%SZ}",
        "end_time": f"{check.time('EndTime'):%Y-%m-%dT%H:%M:%SZ}",
        "publish_cloudwatch_metrics": "Disabled",
        "sagemaker_endpoint_name": check.endpoint["EndpointName"],
        "sagemaker_monitoring_schedule_name": check.schedule,
    }
    if check.type is Type.MODEL_QUALITY:
        told |= {"analysis_type": "MODEL_QUALITY", "problem_type": application["ProblemType"]}
    return {**told, **_baseline_variables(check), **(application.get("Environment") or {})}


def _baseline_files(check: Check) -> Iterator[tuple[str, str]]:
    for resource in _BASELINES:
        if uri := (check.part("BaselineConfig").get(resource) or {}).get("S3Uri"):
            yield resource, uri


def _baseline_variables(check: Check) -> dict[str, str]:
    return {
        _VARIABLES[resource]: f"{_BASELINE}/{_BASELINES[resource]}/{uri.rpartition('/')[2]}"
        for resource, uri in _baseline_files(check)
    }


def _baselines(check: Check) -> Iterator[dict[str, Any]]:
    for resource, uri in _baseline_files(check):
        name = _BASELINES[resource]
        yield _input(name, uri, f"{_BASELINE}/{name}")


def _data(check: Check) -> Iterator[dict[str, Any]]:
    captured = _captured(check)
    if check.type is Type.DATA_QUALITY:
        folders = captured
    else:
        place = f"{check.output['S3Uri'].rstrip('/')}/merge"
        s3 = check.run.client("s3")
        merged = merge(s3, captured, [*_truth(check)], place)
        folders = {uri.removeprefix(f"{place}/"): uri for uri in merged}
    for number, (rest, uri) in enumerate(folders.items(), start=1):
        yield _input(f"endpoint_input_{number}", uri, f"{check.endpoint['LocalPath']}/{rest}")


def _captured(check: Check) -> dict[str, str]:
    """Return the URIs of the hours with traffic, by endpoint, variant and hour."""
    name = check.endpoint["EndpointName"]
    found = check.run.client("sagemaker").describe_endpoint(EndpointName=name)
    capture = found.get("DataCaptureConfig")
    if capture is None:
        raise JobError(f"ClientError: the endpoint `{name}` keeps no traffic")
    start = check.time("StartTime") + offset(check.endpoint.get("StartTimeOffset"))
    end = check.time("EndTime") + offset(check.endpoint.get("EndTimeOffset"))
    rests = [
        f"{name}/{variant['VariantName']}/{hour}"
        for variant in found["ProductionVariants"]
        for hour in hours(start, end)
    ]
    prefix = capture["DestinationS3Uri"].rstrip("/")
    return {rest: f"{prefix}/{rest}" for rest in _with_data(check, prefix, rests)}


def _with_data(check: Check, prefix: str, rests: Sequence[str]) -> Iterator[str]:
    s3 = check.run.client("s3")
    yield from (rest for rest in rests if objects.keys(s3, f"{prefix}/{rest}/"))


def _truth(check: Check) -> Iterator[str]:
    prefix = check.part("JobInput")["GroundTruthS3Input"]["S3Uri"].rstrip("/")
    for hour in hours(check.time("StartTime"), check.time("EndTime")):
        yield f"{prefix}/{hour}"


def _input(name: str, uri: str, path: str) -> dict[str, Any]:
    source = {
        "S3Uri": uri,
        "LocalPath": path,
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"InputName": name, "S3Input": source}


def _output(check: Check) -> dict[str, Any]:
    output = check.output
    hour = f"{check.time('ScheduledTime'):%Y/%m/%d/%H}"
    place = (
        f"{output['S3Uri'].rstrip('/')}/{check.endpoint['EndpointName']}/{check.schedule}/{hour}"
    )
    mode = output.get("S3UploadMode", "Continuous")
    told = {"S3Uri": place, "LocalPath": output["LocalPath"], "S3UploadMode": mode}
    return {"OutputName": "result", "S3Output": told}
