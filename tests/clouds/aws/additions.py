"""Everything that this cloud does in moto's place, and why: one table.

A row stands here only as long as moto lacks the operation, loses what it was given or does
something else than AWS; `tests/clouds_aws/test_additions.py` proves that for each row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from tests.clouds.aws import (
    alarms,
    builds,
    components,
    crud,
    endpoints,
    events,
    feature_groups,
    feature_records,
    hosting,
    jobs,
    monitoring,
    neighbours,
    pipelines,
    registry,
    tracking,
)
from tests.clouds.aws.world import Handler

SAGEMAKER = "sagemaker"


@dataclass(frozen=True)
class Addition:
    """Operations of one subject, and what moto does not do there."""

    subject: str
    operations: Callable[[], Mapping[str, Handler]]
    why: str
    service: str = SAGEMAKER
    takes_lock: bool = True
    """Whether the cloud's lock is held meanwhile; not where work answers."""


ADDITIONS: tuple[Addition, ...] = (
    Addition("models", hosting.models, "moto forgets EnableNetworkIsolation"),
    Addition(
        "endpoint configurations",
        hosting.configs,
        "moto forgets shadow variants, takes a model that is not there and deletes one in use",
    ),
    Addition(
        "endpoints",
        endpoints.operations,
        "moto has no UpdateEndpoint, is in service at once and runs nothing",
    ),
    Addition("inference components", components.handlers, "moto has none"),
    Addition(
        "training jobs",
        jobs.training,
        "moto completes at once, forgets the environment, cannot stop or delete",
    ),
    Addition(
        "processing jobs",
        jobs.processing,
        "moto completes at once, forgets resources and environment, cannot delete",
    ),
    Addition("transform jobs", jobs.transform, "moto completes at once and cannot stop"),
    Addition("tuning jobs", jobs.tuning, "moto completes at once and cannot stop"),
    Addition(
        "pipelines",
        pipelines.operations,
        "moto ignores request tokens, succeeds at once, cannot stop and lists no steps",
    ),
    Addition("model package groups", registry.groups, "moto cannot delete one"),
    Addition(
        "model packages",
        registry.packages,
        "moto cannot delete one, forgets ModelLifeCycle and tells nobody of an approval",
    ),
    Addition(
        "feature groups",
        feature_groups.operations,
        "moto cannot update or delete one and fails to list them",
    ),
    Addition(
        "feature records",
        feature_records.operations,
        "moto has no feature store to write to or read from",
        "sagemaker-featurestore-runtime",
    ),
    Addition(
        "monitoring job definitions",
        monitoring.definitions,
        "moto deletes one that a schedule uses",
    ),
    Addition("monitoring schedules", monitoring.schedules, "moto has none"),
    Addition("MLflow tracking servers", tracking.servers, "moto has none"),
    Addition("MLflow apps", tracking.apps, "moto has none"),
    Addition("artifacts", tracking.artifacts, "moto has none"),
    Addition(
        "builds",
        builds.operations,
        "moto cannot update a project, forgets its encryption and builds with made-up sources",
        "codebuild",
    ),
    Addition(
        "tags",
        lambda: {
            "AddTags": crud.add_tags,
            "ListTags": crud.list_tags,
            "DeleteTags": crud.delete_tags,
        },
        "moto does not know what is kept here",
    ),
    Addition(
        "alarms",
        lambda: {
            "PutMetricAlarm": alarms.put_alarm,
            "PutCompositeAlarm": alarms.put_composite,
            "SetAlarmState": alarms.set_state,
        },
        "moto has no alarms of alarms, begins with OK for INSUFFICIENT_DATA, tells nobody",
        "cloudwatch",
    ),
    Addition(
        "events",
        lambda: {"PutEvents": events.put_events},
        "moto fails where a rule's target is a pipeline or a topic",
        "events",
    ),
    Addition("keys of log groups", neighbours.log_keys, "moto cannot change one", "logs"),
    Addition(
        "schedules",
        neighbours.schedules,
        "moto takes any expression",
        "scheduler",
    ),
    Addition(
        "tags of scalable targets",
        neighbours.target_tags,
        "moto has none",
        "application-autoscaling",
    ),
    Addition(
        "scalable targets",
        lambda: {"RegisterScalableTarget": hosting.register_scalable_target},
        "moto scales a variant or component that is not there",
        "application-autoscaling",
    ),
    Addition(
        "invocations",
        lambda: {"InvokeEndpoint": endpoints.invoke, "InvokeEndpointAsync": endpoints.invoke},
        "moto answers the same to every call",
        "sagemaker-runtime",
        takes_lock=False,
    ),
)


@cache
def handlers() -> Mapping[tuple[str, str], tuple[Handler, Addition]]:
    """Return what does each added operation, by service and operation."""
    return {
        (addition.service, operation): (handler, addition)
        for addition in ADDITIONS
        for operation, handler in addition.operations().items()
    }
