"""What an identity needs for one component: folders, topics, roles."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_iac.provider import BuildContext, Purpose
from mlops_iac_gcp import facts, names, sdk
from mlops_iac_gcp.grants import LOOP_WRITES, TOPIC_PUBLISHER
from mlops_iac_gcp.identities import member


def worker(context: BuildContext) -> sdk.pulumi.Output[str]:
    """Return the pipelines' identity, as a policy names it."""
    return member(context.built_platform.identities[Purpose.PIPELINE])


def let_write(
    context: BuildContext, folder: str, who: sdk.pulumi.Input[str] | None = None
) -> sdk.gcp.storage.BucketIAMMember:
    """Let an identity, that of the pipelines when none is named, write a folder of the bucket."""
    objects = f"projects/_/buckets/{facts.bucket(context)}/objects/"
    return sdk.gcp.storage.BucketIAMMember(
        context.name("writer"),
        bucket=context.built_platform.native["bucket"],
        role=LOOP_WRITES,
        member=worker(context) if who is None else who,
        condition=sdk.gcp.storage.BucketIAMMemberConditionArgs(
            title=f"{folder} only",
            expression=f'resource.name.startsWith("{objects}{folder}/")',
        ),
        opts=context.opts("name"),
    )


def let_do(
    context: BuildContext,
    use: str,
    permissions: Sequence[str],
    who: sdk.pulumi.Input[str],
) -> sdk.gcp.projects.IAMMember:
    """Bind a role of the component's own, of exactly these permissions, in the project.

    Args:
        context: the component.
        use: what it is for, in a word: part of its names.
        permissions: of the role.
        who: the identity, as a policy names it.
    """
    project = facts.project(context)
    role = sdk.gcp.projects.IAMCustomRole(
        context.name(use),
        role_id=context.physical_name(names.ROLE, context.component, use),
        project=project,
        title=f"{context.project} {context.stack} {use} {context.component}",
        description=f"mlops-iac: what {use} of {context.component} needs, and nothing else",
        permissions=list(permissions),
        stage="GA",
        opts=context.opts("name"),
    )
    return sdk.gcp.projects.IAMMember(
        context.name(f"{use}-role"),
        project=project,
        role=role.name,
        member=who,
        opts=context.opts("name"),
    )


def let_publish(
    context: BuildContext,
    use: str,
    topic: sdk.gcp.pubsub.Topic,
    who: sdk.pulumi.Input[str],
    after: Sequence[sdk.pulumi.Resource] = (),
) -> sdk.gcp.pubsub.TopicIAMMember:
    """Let an identity publish on one topic."""
    return sdk.gcp.pubsub.TopicIAMMember(
        context.name(f"{use}-publisher"),
        topic=topic.name,
        project=facts.project(context),
        role=TOPIC_PUBLISHER,
        member=who,
        opts=context.opts("name", depends_on=list(after)),
    )


def add_topic(context: BuildContext, name: str) -> sdk.gcp.pubsub.Topic:
    """Register a topic that people listen to, under the platform's key where it has one."""
    has_key = context.platform.encryption.mode != "managed"
    return sdk.gcp.pubsub.Topic(
        context.name("topic"),
        name=name,
        project=facts.project(context),
        kms_key_name=context.built_platform.encryption_key if has_key else None,
        message_storage_policy=sdk.gcp.pubsub.TopicMessageStoragePolicyArgs(
            allowed_persistence_regions=[facts.region(context)]
        ),
        labels=facts.labels(context),
        opts=context.opts("name"),
    )
