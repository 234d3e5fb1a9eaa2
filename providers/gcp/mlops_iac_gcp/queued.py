"""What makes a service of Cloud Run asynchronous: Pub/Sub tells it of requests in the bucket.

Nobody waits on a connection: the server writes the answer beside the request. Nothing runs while
nothing is asked. Why Pub/Sub: decision 0014.
"""

from __future__ import annotations

from typing import Any

from mlops_iac.provider import BuildContext, Purpose
from mlops_iac.specs import ModelEndpoint
from mlops_iac_gcp import facts, names, place, sdk
from mlops_iac_gcp.grants import CALLER_PERMISSIONS
from mlops_iac_gcp.identities import member
from mlops_iac_gcp.loop_rights import add_topic, let_do, let_write
from mlops_iac_gcp.monitor_steps import topic_id
from mlops_iac_gcp.service_request import request_seconds

ROUTE = "/predict-stored"
"""Of the runtime's server: `mlops_iac.runtime.server.app.STORED_ROUTE`."""
# https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions#Subscription
MAX_SECONDS = 600
"""Longest time that Pub/Sub waits for an answer."""
RETENTION_SECONDS = 6 * 3600
"""As long as SageMaker keeps a request: `InvokeEndpointAsync`, `RequestTTLSeconds`."""


def add_queue(
    spec: ModelEndpoint, context: BuildContext, root: sdk.pulumi.Output[str]
) -> tuple[sdk.gcp.pubsub.Topic, list[sdk.pulumi.Resource]]:
    """Register topic and subscription, and who calls the service at a message.

    Args:
        spec: the endpoint.
        context: the component.
        root: address of the service, which need not be there yet: messages wait for it.
    """
    caller = _caller(context)
    server = member(context.built_platform.identities[Purpose.SERVING])
    rights: list[sdk.pulumi.Resource] = [
        let_do(context, "calling", CALLER_PERMISSIONS, member(caller.email)),
        let_write(context, place.async_prefix(spec.name), server),
    ]
    topic = add_topic(context, topic_id(context, spec.name))
    subscription = sdk.gcp.pubsub.Subscription(
        context.name("subscription"),
        name=topic_id(context, spec.name),
        project=facts.project(context),
        topic=topic.id,
        ack_deadline_seconds=min(MAX_SECONDS, request_seconds(spec)),
        message_retention_duration=f"{RETENTION_SECONDS}s",
        # Otherwise it goes by itself after a month without a request.
        expiration_policy=sdk.gcp.pubsub.SubscriptionExpirationPolicyArgs(ttl=""),
        retry_policy=sdk.gcp.pubsub.SubscriptionRetryPolicyArgs(
            minimum_backoff="10s", maximum_backoff="600s"
        ),
        push_config=_push(root, caller.email),
        labels=facts.labels(context),
        opts=context.opts("scaling", depends_on=rights),
    )
    return topic, [*rights, topic, subscription]


def _push(root: Any, email: Any) -> sdk.gcp.pubsub.SubscriptionPushConfigArgs:
    return sdk.gcp.pubsub.SubscriptionPushConfigArgs(
        push_endpoint=sdk.pulumi.Output.concat(root, ROUTE),
        oidc_token=sdk.gcp.pubsub.SubscriptionPushConfigOidcTokenArgs(
            service_account_email=email, audience=root
        ),
    )


def _caller(context: BuildContext) -> sdk.gcp.serviceaccount.Account:
    """Register the identity under which Pub/Sub calls the service; it can do nothing else."""
    return sdk.gcp.serviceaccount.Account(
        context.name("caller"),
        account_id=context.physical_name(names.SERVICE_ACCOUNT, context.component),
        project=facts.project(context),
        display_name=f"{context.project} {context.stack} calls {context.component}",
        description=f"mlops-iac: calls {context.component} of {context.project} "
        f"({context.stack}) at messages",
        opts=context.opts("name"),
    )
