"""How each component is now, asked of AWS, not of the engine's state."""

from collections.abc import Callable, Mapping
from typing import Any

from mlops_iac.operations import ComponentStatus
from mlops_iac.runtime.policy import Phase
from mlops_iac.runtime.policy.memory import STATE
from mlops_iac.specs import ModelMonitor, Spec
from mlops_iac_aws import names, place, registry, serving
from mlops_iac_aws.faults import found, told
from mlops_iac_aws.features.document import current
from mlops_iac_aws.layout import deployment_key, policy_prefix
from mlops_iac_aws.model_monitor import alarm_name, schedule_names
from mlops_iac_aws.registry import APPROVED, PENDING
from mlops_iac_aws.serving.documents import Deployment
from mlops_iac_aws.verbs.runs import runs
from mlops_iac_aws.verbs.site import Site

ABSENT = "absent"
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
    with told(f"looking at `{spec.name}`"):
        state, details = _STATES[spec.kind](site, spec.name)
    return ComponentStatus(component=spec.name, kind=spec.kind, state=state, details=details)


def endpoint_status(site: Site, name: str) -> ComponentStatus:
    """Return what an endpoint serves: `waiting`, `serving`, `starting` or `dead`."""
    return component_status(site, site.spec(name, "ModelEndpoint"))


_Seen = tuple[str, dict[str, Any]]


def _platform(site: Site, _name: str) -> _Seen:
    there = found(site.clients("s3").head_bucket, Bucket=site.bucket)
    details = {"bucket": site.bucket, "region": place.region(site.scope)}
    return (ABSENT if there is None else "ready"), details


def _dataset(site: Site, name: str) -> _Seen:
    prefix = f"{place.dataset_key(name, '')}"
    pages = site.clients("s3").get_paginator("list_objects_v2")
    answers = found(lambda: list(pages.paginate(Bucket=site.bucket, Prefix=prefix, Delimiter="/")))
    kept = [item["Prefix"] for page in answers or () for item in page.get("CommonPrefixes", ())]
    return ("stored" if kept else ABSENT), {"versions": len(kept)}


def _endpoint(site: Site, name: str) -> _Seen:
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


def _model(site: Site, name: str) -> _Seen:
    group = names.model_group(site.scope, name)
    if (
        found(site.clients("sagemaker").describe_model_package_group, ModelPackageGroupName=group)
        is None
    ):
        return ABSENT, {}
    known = registry.listed(site.clients, group)
    statuses = {item.status for item in known}
    state = "approved" if APPROVED in statuses else ("pending" if PENDING in statuses else "empty")
    return state, {
        "versions": len(known),
        "aliases": {alias: item.number for item in known for alias in item.aliases},
        "pending": [item.number for item in known if item.status == PENDING],
    }


def _job(site: Site, name: str) -> _Seen:
    pipeline = names.pipeline(site.scope, name)
    if found(site.clients("sagemaker").describe_pipeline, PipelineName=pipeline) is None:
        return ABSENT, {}
    history = runs(site, name)
    if not history:
        return "defined", {"runs": 0}
    last = history[0]
    return last.status, {
        "runs": len(history),
        "key": last.key,
        "run": last.id,
        "metrics": dict(last.metrics),
        "model_version": last.model_version,
        "reason": last.reason,
    }


def _feature_group(site: Site, name: str) -> _Seen:
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


def _tracker(site: Site, name: str) -> _Seen:
    record = site.read(place.experiment_key(name))
    if record is None:
        return ABSENT, {}
    return "ready", {"experiment": record["experiment"], "tracking_uri": record["tracking_uri"]}


def _monitor(site: Site, name: str) -> _Seen:
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


def _policy(site: Site, name: str) -> _Seen:
    memory = site.read(f"{policy_prefix(name)}{STATE}")
    pipeline = names.pipeline(site.scope, name)
    if found(site.clients("sagemaker").describe_pipeline, PipelineName=pipeline) is None:
        return ABSENT, {}
    if memory is None:
        return Phase.IDLE.value, {"retrainings": 0}
    state = memory["state"]
    return state["phase"], {"reason": state["reason"], "retrainings": state["cycle"]}


_JOBS = (
    "BatchInference",
    "DataValidation",
    "ProcessingJob",
    "TrainingJob",
    "HyperparameterSearch",
    "Pipeline",
)
_STATES: Mapping[str, Callable[[Site, str], _Seen]] = {
    "Platform": _platform,
    "Dataset": _dataset,
    "FeatureGroup": _feature_group,
    **dict.fromkeys(_JOBS, _job),
    "ExperimentTracker": _tracker,
    "RegisteredModel": _model,
    "ModelEndpoint": _endpoint,
    "ModelMonitor": _monitor,
    "RetrainingPolicy": _policy,
}
