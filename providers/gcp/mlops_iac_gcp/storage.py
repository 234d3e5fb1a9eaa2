"""Artifact storage and the image registry, with all their companions."""

from __future__ import annotations

from mlops_iac.specs import Profile
from mlops_iac_gcp import facts, names, sdk
from mlops_iac_gcp.foundation import Foundation

_DAY_SECONDS = 86_400
_NONCURRENT_DAYS = 30
_SOFT_DELETE_DAYS = 7
_LOG_DAYS = 400
_KEPT_IMAGES = 10

# Cloud Storage's own writer of access logs.
# https://cloud.google.com/storage/docs/access-logs#delivery
_LOG_WRITER = "group:cloud-storage-analytics@google.com"


def add_bucket(foundation: Foundation) -> sdk.gcp.storage.Bucket:
    """Make the artifact bucket: private, encrypted, versioned; logged outside `dev`."""
    context = foundation.context
    is_dev = not context.profile.protects_data
    log_bucket = None if is_dev else _log_bucket(foundation)
    return sdk.gcp.storage.Bucket(
        foundation.name("artifacts"),
        name=facts.bucket(context),
        project=foundation.project,
        # Cloud Storage tells places in capitals: any other spelling reads back as a change.
        location=foundation.region.upper(),
        uniform_bucket_level_access=True,
        public_access_prevention="enforced",
        versioning=sdk.gcp.storage.BucketVersioningArgs(enabled=True),
        soft_delete_policy=sdk.gcp.storage.BucketSoftDeletePolicyArgs(
            retention_duration_seconds=_SOFT_DELETE_DAYS * _DAY_SECONDS
        ),
        lifecycle_rules=[
            _rule("Delete", days_since_noncurrent_time=_NONCURRENT_DAYS, with_state="ARCHIVED"),
            _rule("AbortIncompleteMultipartUpload", age=_SOFT_DELETE_DAYS),
        ],
        encryption=_encryption(foundation),
        logging=None
        if log_bucket is None
        else sdk.gcp.storage.BucketLoggingArgs(log_bucket=log_bucket, log_object_prefix="access"),
        force_destroy=is_dev,
        labels=foundation.labels,
        opts=foundation.opts("", **context.protected()),
    )


def _log_bucket(foundation: Foundation) -> sdk.pulumi.Output[str]:
    context = foundation.context
    is_regulated = context.profile is Profile.REGULATED
    bucket = sdk.gcp.storage.Bucket(
        foundation.name("access-logs"),
        name=context.platform_name(names.BUCKET, "logs", content=facts.location(context)),
        project=foundation.project,
        location=foundation.region.upper(),
        uniform_bucket_level_access=True,
        public_access_prevention="enforced",
        lifecycle_rules=[_rule("Delete", age=_LOG_DAYS)],
        # Write once, read many: not even the project's owner shortens a locked policy.
        retention_policy=sdk.gcp.storage.BucketRetentionPolicyArgs(
            retention_period=str(_LOG_DAYS * _DAY_SECONDS), is_locked=True
        )
        if is_regulated
        else None,
        encryption=_encryption(foundation),
        labels=foundation.labels,
        opts=foundation.opts("profile", **context.protected()),
    )
    writer = sdk.gcp.storage.BucketIAMMember(
        foundation.name("access-logs-writer"),
        bucket=bucket.name,
        role="roles/storage.objectCreator",
        member=_LOG_WRITER,
        opts=foundation.opts("profile"),
    )
    foundation.grants.append(writer)
    return bucket.name


def _encryption(foundation: Foundation) -> sdk.gcp.storage.BucketEncryptionArgs | None:
    if foundation.key is None:
        return None
    return sdk.gcp.storage.BucketEncryptionArgs(default_kms_key_name=foundation.key)


def _rule(
    action: str,
    *,
    age: int | None = None,
    days_since_noncurrent_time: int | None = None,
    with_state: str | None = None,
) -> sdk.gcp.storage.BucketLifecycleRuleArgs:
    return sdk.gcp.storage.BucketLifecycleRuleArgs(
        action=sdk.gcp.storage.BucketLifecycleRuleActionArgs(type=action),
        condition=sdk.gcp.storage.BucketLifecycleRuleConditionArgs(
            age=age,
            days_since_noncurrent_time=days_since_noncurrent_time,
            with_state=with_state,
        ),
    )


def add_repository(foundation: Foundation) -> sdk.gcp.artifactregistry.Repository:
    """Make the image registry: tags that never move, old images that go."""
    context = foundation.context
    return sdk.gcp.artifactregistry.Repository(
        foundation.name("images"),
        repository_id=facts.repository_id(context),
        project=foundation.project,
        location=foundation.region,
        format="DOCKER",
        mode="STANDARD_REPOSITORY",
        description=f"Images of {context.project} ({context.stack})",
        docker_config=sdk.gcp.artifactregistry.RepositoryDockerConfigArgs(immutable_tags=True),
        cleanup_policy_dry_run=False,
        cleanup_policies=[
            sdk.gcp.artifactregistry.RepositoryCleanupPolicyArgs(
                id="keep-recent",
                action="KEEP",
                most_recent_versions=sdk.gcp.artifactregistry.RepositoryCleanupPolicyMostRecentVersionsArgs(
                    keep_count=_KEPT_IMAGES
                ),
            ),
            sdk.gcp.artifactregistry.RepositoryCleanupPolicyArgs(
                id="delete-untagged",
                action="DELETE",
                condition=sdk.gcp.artifactregistry.RepositoryCleanupPolicyConditionArgs(
                    tag_state="UNTAGGED", older_than=f"{_NONCURRENT_DAYS * _DAY_SECONDS}s"
                ),
            ),
        ],
        vulnerability_scanning_config=sdk.gcp.artifactregistry.RepositoryVulnerabilityScanningConfigArgs(
            enablement_config="INHERITED" if context.profile.protects_data else "DISABLED"
        ),
        kms_key_name=foundation.key,
        labels=foundation.labels,
        opts=foundation.opts("", **context.protected()),
    )
