"""How each component is now, asked of AWS, not of the engine's state."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.operations import ComponentStatus
from mlops_iac.specs import ModelMonitor, Spec
from mlops_iac.verbs import status
from mlops_iac.verbs.endpoints import ABSENT
from mlops_iac.verbs.runs import runs
from mlops_iac.verbs.status import Looks, Seen
from mlops_iac_aws import names, place, registry, serving
from mlops_iac_aws.faults import found
from mlops_iac_aws.features.document import current
from mlops_iac_aws.layout import deployment_key
from mlops_iac_aws.model_monitor import alarm_name, schedule_names
from mlops_iac_aws.serving.documents import Deployment
from mlops_iac_aws.verbs.site import Site

_ENDPOINT_STATES: Mapping[str, str] = {
    "InService": "serving",
    "Creating": "starting",
    # The version before goes on serving meanwhile.
    "Updating": "serving",
    "SystemUpdating": "serving",
    "RollingBack": "serving",
}
"""Our word for SageMaker's; the others mean `dead`."""


def component_status(site: Site, spec: Spec) -> ComponentStatus:
    """Return how a declared component is now; `absent` before the first `up`."""
    return status.component_status(site, spec, _LOOKS)


def endpoint_status(site: Site, name: str) -> ComponentStatus:
    """Return what an endpoint serves: `waiting`, `serving`, `starting` or `dead`."""
    return component_status(site, site.spec(name, "ModelEndpoint"))


def _platform(site: Site, _name: str) -> Seen:
    details = {"bucket": site.bucket, "region": place.region(site.scope)}
    return ("ready" if site.is_there() else ABSENT), details


def _dataset(site: Site, name: str) -> Seen:
    prefix = f"{place.dataset_key(name, '')}"
    pages = site.clients("s3").get_paginator("list_objects_v2")
    answers = found(lambda: list(pages.paginate(Bucket=site.bucket, Prefix=prefix, Delimiter="/")))
    kept = [item["Prefix"] for page in answers or () for item in page.get("CommonPrefixes", ())]
    return ("stored" if kept else ABSENT), {"versions": len(kept)}


def _endpoint(site: Site, name: str) -> Seen:
    document = site.read(deployment_key(name))
    if document is None:
        return ABSENT, {}
    deployment = Deployment.of(document)
    now = serving.deployed(site.work, deployment.endpoint)
    details: dict[str, Any] = {"endpoint": deployment.endpoint, "model": deployment.model}
    if now is None:
        return "waiting", details
    details |= {"version": now.version, "digest": now.digest}
    if now.reason:
        details["error"] = now.reason
    return _ENDPOINT_STATES.get(now.status, "dead"), details


def _model(site: Site, name: str) -> Seen:
    group = names.model_group(site.scope, name)
    if (
        found(site.clients("sagemaker").describe_model_package_group, ModelPackageGroupName=group)
        is None
    ):
        return ABSENT, {}
    return status.of_versions(registry.listed(site.clients, group))


def _job(site: Site, name: str) -> Seen:
    pipeline = names.pipeline(site.scope, name)
    if found(site.clients("sagemaker").describe_pipeline, PipelineName=pipeline) is None:
        return ABSENT, {}
    return status.of_runs(runs(site, name))


def _feature_group(site: Site, name: str) -> Seen:
    physical = names.feature_group(site.scope, name)
    answer = found(site.clients("sagemaker").describe_feature_group, FeatureGroupName=physical)
    if answer is None:
        return ABSENT, {}
    filled = current(site.clients, site.bucket, place.features_key(name))
    details: dict[str, Any] = {"group": physical, "rows": None if filled is None else filled.rows}
    if filled is not None:
        details["version"] = filled.version
    if reason := answer.get("FailureReason"):
        details["error"] = reason
    state = "registered" if answer["FeatureGroupStatus"] == "Created" else "dead"
    return state, details


def _tracker(site: Site, name: str) -> Seen:
    record = site.read(place.experiment_key(name))
    if record is None:
        return ABSENT, {}
    return "ready", {"experiment": record["experiment"], "tracking_uri": record["tracking_uri"]}


def _monitor(site: Site, name: str) -> Seen:
    spec = site.spec(name, "ModelMonitor")
    assert isinstance(spec, ModelMonitor)  # noqa: S101  its kind was asked for
    schedules = schedule_names(spec, site.scope)
    describe = site.clients("sagemaker").describe_monitoring_schedule
    answers = [found(describe, MonitoringScheduleName=schedule) for schedule in schedules]
    if not all(answers):
        return ABSENT, {}
    known = [answer for answer in answers if answer is not None]
    failed = [answer["FailureReason"] for answer in known if "FailureReason" in answer]
    alarm = alarm_name(spec, site.scope)
    return ("dead" if failed else _alarm_state(site, alarm)), {
        "schedules": schedules,
        "last": [_last(answer) for answer in known],
        **({"error": "; ".join(failed)} if failed else {}),
    }


_ALARM_STATES = {"ALARM": "alarm", "OK": "quiet"}


def _alarm_state(site: Site, alarm: str) -> str:
    answer = site.clients("cloudwatch").describe_alarms(
        AlarmNames=[alarm], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    alarms = [*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ())]
    return _ALARM_STATES.get(alarms[0]["StateValue"], "waiting") if alarms else "waiting"


def _last(answer: Mapping[str, Any]) -> str | None:
    last = answer.get("LastMonitoringExecutionSummary")
    return None if last is None else str(last["MonitoringExecutionStatus"])


def _policy(site: Site, name: str) -> Seen:
    memory = site.memory(name)
    pipeline = names.pipeline(site.scope, name)
    if found(site.clients("sagemaker").describe_pipeline, PipelineName=pipeline) is None:
        return ABSENT, {}
    return status.of_memory(memory)


_LOOKS: Looks[Site] = {
    "Platform": _platform,
    "Dataset": _dataset,
    "FeatureGroup": _feature_group,
    **dict.fromkeys(status.JOBS, _job),
    "ExperimentTracker": _tracker,
    "RegisteredModel": _model,
    "ModelEndpoint": _endpoint,
    "ModelMonitor": _monitor,
    "RetrainingPolicy": _policy,
}
