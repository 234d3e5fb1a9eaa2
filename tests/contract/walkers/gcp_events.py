"""Schedules, alerts, events: how `pulumi-gcp` inputs become requests. Sources: see `gcp_rows`."""

from collections.abc import Mapping
from functools import partial

from tests.contract.walkers.cron import unix, vertex
from tests.contract.walkers.discovery import schema_shape
from tests.contract.walkers.gcp_rows import KMS_KEY, LOCATION, PROVIDER, row
from tests.contract.walkers.rules import one_of, pattern, shaped
from tests.contract.walkers.shape import Kind, Shape, anything
from tests.contract.walkers.translate import Translation

# Not labels of a resource: what the channel's type asks for, as an address.
_CHANNEL_LABELS = shaped(
    lambda: Shape(
        Kind.MAP, "NotificationChannel.labels", item=lambda: anything("its type's descriptor")
    )
)
_PUBSUB_NAME = pattern(r"(?!goog)[A-Za-z][A-Za-z0-9_.~+%-]{2,254}", "Pub/Sub names")
_TOPIC = pattern(
    r"projects/[^/]+/topics/[^/]+|(?!goog)[A-Za-z][A-Za-z0-9_.~+%-]{2,254}", "Pub/Sub topic names"
)


def _duration_or_never() -> Shape:
    return Shape(Kind.STRING, "pubsub ExpirationPolicy.ttl", pattern=r"(\d+(\.\d{1,9})?s)?")


EVENT_ROWS: Mapping[str, Translation] = {
    # colab/Schedule.yaml: Vertex AI's own schedules.
    "gcp:colab/schedule:Schedule": row(
        "aiplatform.v1",
        "Schedule",
        local="location desiredState",
        texts="createPipelineJobRequest.pipelineJob.pipelineSpec",
        filled="createPipelineJobRequest.parent createNotebookExecutionJobRequest.parent",
        checks={
            "cron": vertex,
            "location": LOCATION,
            "desiredState": one_of(("ACTIVE", "PAUSED"), "magic-modules colab/Schedule.yaml"),
            "createPipelineJobRequest.pipelineJob.encryptionSpec.kmsKeyName": KMS_KEY,
        },
    ),
    "gcp:cloudscheduler/job:Job": row(
        "cloudscheduler.v1",
        "Job",
        local="name region paused",
        checks={
            "name": pattern(r"[A-Za-z0-9_-]{1,500}", "Job.name"),
            "region": LOCATION,
            "schedule": unix,
        },
    ),
    "gcp:monitoring/alertPolicy:AlertPolicy": row("monitoring.v3", "AlertPolicy"),
    "gcp:monitoring/notificationChannel:NotificationChannel": row(
        "monitoring.v3",
        "NotificationChannel",
        local="forceDelete sensitiveLabels",
        checks={"labels": _CHANNEL_LABELS},
    ),
    "gcp:monitoring/metricDescriptor:MetricDescriptor": row(
        "monitoring.v3", "MetricDescriptor", checks={"labels": shaped(lambda: anything("its own"))}
    ),
    "gcp:monitoring/dashboard:Dashboard": Translation(
        shape=lambda: Shape(Kind.OBJECT, "magic-modules monitoring/Dashboard: one text"),
        local=PROVIDER,
        texts=frozenset({"dashboardJson"}),
        elsewhere={"dashboardJson": partial(schema_shape, "monitoring.v1", "Dashboard")},
    ),
    "gcp:pubsub/topic:Topic": row(
        "pubsub.v1", "Topic", local="name", filled="name", checks={"name": _PUBSUB_NAME}
    ),
    "gcp:pubsub/subscription:Subscription": row(
        "pubsub.v1",
        "Subscription",
        local="name topic",
        filled="name topic",
        # Google's word for never is a policy without `ttl`; pulumi-gcp's is an empty one.
        elsewhere={"expirationPolicy.ttl": _duration_or_never},
        checks={"name": _PUBSUB_NAME, "topic": _TOPIC},
    ),
    "gcp:eventarc/trigger:Trigger": row(
        "eventarc.v1",
        "Trigger",
        {"matchingCriterias": "eventFilters", "destination.cloudRunService": "cloudRun"},
        local="name location",
        filled="name",
        checks={
            "name": pattern(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", "CreateTrigger.triggerId"),
            "location": LOCATION,
        },
    ),
    "gcp:workflows/workflow:Workflow": row(
        "workflows.v1",
        "Workflow",
        local="name namePrefix region",
        checks={
            "name": pattern(r"[A-Za-z]([A-Za-z0-9_-]{0,62}[A-Za-z0-9])?", "CreateWorkflow"),
            "region": LOCATION,
            "cryptoKeyName": KMS_KEY,
        },
    ),
}
