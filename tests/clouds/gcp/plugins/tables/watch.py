"""Logs, metrics, alerts, topics, triggers, workflows, budgets.

Ids: magic-modules logging, monitoring, pubsub, eventarc, workflows, billingbudget.
"""

import json
from collections.abc import Mapping

from tests.clouds.gcp.plugins.client import Body
from tests.clouds.gcp.plugins.rows import Row, View

_CHANNELS = "projects.notificationChannels"


def _named(view: View) -> Body:
    return {"name": view["name_"]}


def _subscribed(view: View) -> Body:
    topic = view["topic"]
    whole = topic if "/" in topic else f"projects/{view['project']}/topics/{topic}"
    own = {"name": view["name_"], "topic": whole}
    never = view.get("expirationPolicy", {}).get("ttl") == ""
    # pulumi-gcp's word for never.
    return {**own, **({"expirationPolicy": {}} if never else {})}


def _drawn(view: View) -> Body:
    return json.loads(view["dashboardJson"])


def _text(found: Body, told: View) -> Body:
    del told
    drawn = {name: value for name, value in found.items() if name not in {"etag", "name"}}
    return {"dashboardJson": json.dumps(drawn)}


def _topic(found: Body, told: View) -> Body:
    del told
    never = {"expirationPolicy": {"ttl": ""}} if found.get("expirationPolicy") == {} else {}
    return {"topic": found["topic"], **never}


WATCH: Mapping[str, Row] = {
    "gcp:logging/metric:Metric": Row(
        api="logging.v2",
        methods="projects.metrics",
        id="{name}",
        name="projects/{project}/metrics/{name}",
        params={"metricName": "projects/{project}/metrics/{name}", "parent": "projects/{project}"},
        update="update",
        immutable="name",
    ),
    "gcp:logging/projectSink:ProjectSink": Row(
        api="logging.v2",
        methods="projects.sinks",
        id="projects/{project}/sinks/{name}",
        params={
            "sinkName": "projects/{project}/sinks/{name}",
            "parent": "projects/{project}",
            "uniqueWriterIdentity": "{input[uniqueWriterIdentity]}",
        },
        immutable="name",
    ),
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": Row(
        api="logging.v2",
        methods="projects.locations.buckets",
        id="projects/{project}/locations/{location}/buckets/{bucketId}",
        params={"bucketId": "{bucketId}"},
        gone={"lifecycleState": "DELETE_REQUESTED"},
        outputs={"name": "{id}"},
    ),
    "gcp:monitoring/alertPolicy:AlertPolicy": Row(
        api="monitoring.v3",
        methods="projects.alertPolicies",
        id="projects/{project}/alertPolicies/{made}",
    ),
    "gcp:monitoring/notificationChannel:NotificationChannel": Row(
        api="monitoring.v3",
        methods=_CHANNELS,
        id="projects/{project}/notificationChannels/{made}",
        immutable="type",
        params={"force": "{input[forceDelete]}"},
    ),
    "gcp:monitoring/metricDescriptor:MetricDescriptor": Row(
        api="monitoring.v3",
        methods="projects.metricDescriptors",
        id="projects/{project}/metricDescriptors/{type}",
        # A type has slashes of its own.
        params={"parent": "projects/{project}"},
        update="",
        silent="metadata launchStage",
    ),
    "gcp:monitoring/dashboard:Dashboard": Row(
        api="monitoring.v1",
        methods="projects.dashboards",
        id="projects/{project}/dashboards/{made}",
        prepare=_drawn,
        told=_text,
    ),
    "gcp:pubsub/topic:Topic": Row(
        api="pubsub.v1",
        methods="projects.topics",
        id="projects/{project}/topics/{name}",
        params={"topic": "projects/{project}/topics/{name}"},
        wrap_update="topic",
        prepare=_named,
    ),
    "gcp:pubsub/subscription:Subscription": Row(
        api="pubsub.v1",
        methods="projects.subscriptions",
        id="projects/{project}/subscriptions/{name}",
        params={"subscription": "projects/{project}/subscriptions/{name}"},
        wrap_update="subscription",
        immutable="enableMessageOrdering filter topic",
        prepare=_subscribed,
        told=_topic,
    ),
    "gcp:eventarc/trigger:Trigger": Row(
        api="eventarc.v1",
        methods="projects.locations.triggers",
        id="projects/{project}/locations/{location}/triggers/{name}",
        params={"triggerId": "{name}"},
        immutable="channel matchingCriterias transport",
        prepare=_named,
    ),
    "gcp:workflows/workflow:Workflow": Row(
        api="workflows.v1",
        methods="projects.locations.workflows",
        id="projects/{project}/locations/{region}/workflows/{name}",
        params={"workflowId": "{name}"},
        protected=True,
    ),
    "gcp:billing/budget:Budget": Row(
        api="billingbudgets.v1",
        methods="billingAccounts.budgets",
        id="billingAccounts/{billingAccount}/budgets/{made}",
        immutable="billingAccount",
    ),
}
