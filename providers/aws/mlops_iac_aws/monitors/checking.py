"""A check by hand: a processing job that does what the schedule's next execution would.

It waits for no hour, looks at what came since the last verdict, at most a day back, and merges the
truth by itself. Its report lies beside those of the schedule, so a policy sees it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mlops_iac.errors import NothingToDoError, OperationError
from mlops_iac_aws.faults import found
from mlops_iac_aws.layout import split_uri
from mlops_iac_aws.monitors.container import TRUTH
from mlops_iac_aws.monitors.places import LOOK_BACK, days, has_objects
from mlops_iac_aws.policies.reports import Reports
from mlops_iac_aws.session import Clients

_BASELINE, _TRUTH_FOLDER = "/opt/ml/processing/baseline", "/opt/ml/processing/input/truth"
_NAME_LIMIT = 63
"""botocore sagemaker `CreateProcessingJob.ProcessingJobName`."""
_RESOURCES: Mapping[str, tuple[str, str]] = {
    "StatisticsResource": ("baseline_statistics", "stats"),
    "ConstraintsResource": ("baseline_constraints", "constraints"),
}


@dataclass(frozen=True, kw_only=True)
class _Job:
    """What one schedule runs."""

    schedule: str
    type: str
    definition: Mapping[str, Any]
    captured: str
    """URI of the endpoint's captured traffic."""
    variants: tuple[str, ...]

    def part(self, name: str) -> Mapping[str, Any]:
        return self.definition.get(f"{self.type}{name}") or {}

    @property
    def endpoint(self) -> Mapping[str, Any]:
        return self.part("JobInput")["EndpointInput"]

    @property
    def output(self) -> Mapping[str, Any]:
        return self.part("JobOutputConfig")["MonitoringOutputs"][0]["S3Output"]

    @property
    def truth(self) -> str | None:
        """URI of the truth, for a check that needs it."""
        return self.part("JobInput").get("GroundTruthS3Input", {}).get("S3Uri")


def start(clients: Clients, schedule: str) -> str:
    """Start a check, or find the one that is under way; return the name of its processing job.

    Raises:
        NothingToDoError: no traffic came since the last verdict.
        OperationError: there is no such schedule.
    """
    running = _running(clients, schedule)
    if running is not None:
        return running
    job, now = _job(clients, schedule), datetime.now(UTC)
    since = _since(clients, job, now)
    inputs = [*_traffic(clients, job, since, now)]
    if not inputs:
        raise NothingToDoError(f"no traffic was captured since {since:%Y-%m-%d %H:%M} UTC")
    name = f"{name_of(schedule)}-{now:%Y%m%d%H%M%S}"
    clients("sagemaker").create_processing_job(
        ProcessingJobName=name, **_request(clients, job, inputs, since, now)
    )
    return name


def name_of(schedule: str) -> str:
    """Return what the names of a schedule's checks by hand begin with."""
    return schedule[: _NAME_LIMIT - 15]


def _running(clients: Clients, schedule: str) -> str | None:
    answer = clients("sagemaker").list_processing_jobs(
        NameContains=name_of(schedule), StatusEquals="InProgress"
    )
    names = [item["ProcessingJobName"] for item in answer["ProcessingJobSummaries"]]
    return names[0] if names else None


def _job(clients: Clients, schedule: str) -> _Job:
    sagemaker = clients("sagemaker")
    told = found(sagemaker.describe_monitoring_schedule, MonitoringScheduleName=schedule)
    if told is None:
        raise OperationError(
            f"there is no monitoring schedule `{schedule}`", remedy="run `mlops-iac up` first"
        )
    config = told["MonitoringScheduleConfig"]
    describe = {
        "DataQuality": sagemaker.describe_data_quality_job_definition,
        "ModelQuality": sagemaker.describe_model_quality_job_definition,
    }[config["MonitoringType"]]
    definition = describe(JobDefinitionName=config["MonitoringJobDefinitionName"])
    name = definition[f"{config['MonitoringType']}JobInput"]["EndpointInput"]["EndpointName"]
    endpoint = found(sagemaker.describe_endpoint, EndpointName=name)
    capture = (endpoint or {}).get("DataCaptureConfig")
    if endpoint is None or capture is None:
        raise NothingToDoError(f"`{name}` serves nothing yet, or captures nothing")
    return _Job(
        schedule=schedule,
        type=config["MonitoringType"],
        definition=definition,
        captured=capture["DestinationS3Uri"].rstrip("/"),
        variants=tuple(item["VariantName"] for item in endpoint["ProductionVariants"]),
    )


def _since(clients: Clients, job: _Job, now: datetime) -> datetime:
    """Return the end of what the last verdict was of, at most a day ago."""
    bucket, key = split_uri(job.output["S3Uri"].rstrip("/"))
    prefix = f"{key}/{job.endpoint['EndpointName']}/{job.schedule}/"
    reports = Reports(clients=clients, bucket=bucket, prefixes=[prefix])
    ends = [check.at for check in reports.checks(reports.keys(now.timestamp()))]
    last = datetime.fromtimestamp(max(ends, default=0.0), UTC)
    return max(last, now - LOOK_BACK)


def _traffic(
    clients: Clients, job: _Job, since: datetime, now: datetime
) -> Iterator[dict[str, Any]]:
    name = job.endpoint["EndpointName"]
    for variant in job.variants:
        for day in days(since, now):
            rest = f"{name}/{variant}/{day}"
            uri = f"{job.captured}/{rest}/"
            if has_objects(clients, *split_uri(uri)):
                label = f"traffic-{variant}-{day.replace('/', '-')}"
                yield _input(label, uri, f"{job.endpoint['LocalPath']}/{rest}")


def _truth(clients: Clients, job: _Job, since: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    for day in days(since, now) if job.truth else ():
        uri = f"{str(job.truth).rstrip('/')}/{day}/"
        if has_objects(clients, *split_uri(uri)):
            yield _input(f"truth-{day.replace('/', '-')}", uri, f"{_TRUTH_FOLDER}/{day}")


def _request(
    clients: Clients, job: _Job, traffic: list[dict[str, Any]], since: datetime, now: datetime
) -> dict[str, Any]:
    definition, application = job.definition, job.part("AppSpecification")
    truth = [*_truth(clients, job, since, now)]
    place = f"{job.output['S3Uri'].rstrip('/')}/{job.endpoint['EndpointName']}/{job.schedule}"
    # Beside what the schedule writes in this hour, not over it.
    result = {**job.output, "S3Uri": f"{place}/{now:%Y/%m/%d/%H}/by-hand-{now:%M%S}"}
    key = job.part("JobOutputConfig").get("KmsKeyId")
    optional = {k: definition[k] for k in ("NetworkConfig", "StoppingCondition") if k in definition}
    return {
        "AppSpecification": {
            k: application[k] for k in ("ImageUri", "ContainerEntrypoint") if application.get(k)
        },
        "Environment": {
            **_environment(job, since, now),
            **({TRUTH: _TRUTH_FOLDER} if truth else {}),
        },
        "ProcessingInputs": [*_baselines(job), *traffic, *truth],
        "ProcessingOutputConfig": {
            "Outputs": [{"OutputName": "result", "S3Output": result}],
            **({"KmsKeyId": key} if key else {}),
        },
        "ProcessingResources": {"ClusterConfig": definition["JobResources"]["ClusterConfig"]},
        "RoleArn": definition["RoleArn"],
        "Tags": _tags(clients, definition["JobDefinitionArn"]),
        **optional,
    }


def _environment(job: _Job, since: datetime, now: datetime) -> dict[str, str]:
    mounted = {
        _RESOURCES[name][0]: f"{_BASELINE}/{_RESOURCES[name][1]}/{uri.rpartition('/')[2]}"
        for name, uri in _baseline_uris(job)
    }
    return {
        **job.part("AppSpecification").get("Environment", {}),
        **mounted,
        "dataset_source": job.endpoint["LocalPath"],
        "output_path": job.output["LocalPath"],
        "start_time": f"{since:%Y-%m-%dT%H:%M:%SZ}",
        "end_time": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        # Only Model Monitor takes metrics from a container's files.
        "publish_cloudwatch_metrics": "Disabled",
        "sagemaker_endpoint_name": job.endpoint["EndpointName"],
        "sagemaker_monitoring_schedule_name": job.schedule,
    }


def _baseline_uris(job: _Job) -> Iterator[tuple[str, str]]:
    for name in _RESOURCES:
        if uri := (job.part("BaselineConfig").get(name) or {}).get("S3Uri"):
            yield name, uri


def _baselines(job: _Job) -> Iterator[dict[str, Any]]:
    for name, uri in _baseline_uris(job):
        folder = _RESOURCES[name][1]
        yield _input(folder, uri, f"{_BASELINE}/{folder}")


def _input(name: str, uri: str, folder: str) -> dict[str, Any]:
    source = {
        "S3Uri": uri,
        "LocalPath": folder,
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"InputName": name, "S3Input": source}


def _tags(clients: Clients, arn: str) -> list[dict[str, str]]:
    pages = clients("sagemaker").get_paginator("list_tags").paginate(ResourceArn=arn)
    return [tag for page in pages for tag in page["Tags"] if not tag["Key"].startswith("aws:")]
