"""Buckets with their companions: versions, encryption, access, TLS only, lifecycle, logging."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mlops_iac.provider import BuildContext
from mlops_iac.specs.platform import Profile
from mlops_iac_aws import names, place, sdk

NONCURRENT_DAYS = {Profile.DEV: 7, Profile.PROD: 90, Profile.REGULATED: 365}
"""Days for which an overwritten or deleted object can be brought back."""
LOG_DAYS = 365
"""Days for which access logs are kept (CloudWatch.16 asks the same of log groups)."""


@dataclass(frozen=True, kw_only=True)
class BucketKey:
    """What a bucket is encrypted with: the service's own key, or one of the customer."""

    arn: sdk.pulumi.Input[str] | None = None

    @property
    def algorithm(self) -> str:
        """Algorithm as S3 calls it."""
        return "AES256" if self.arn is None else "aws:kms"


def artifact_bucket(
    context: BuildContext, provider: sdk.pulumi.ProviderResource, key: BucketKey
) -> sdk.aws.s3.Bucket:
    """Register the bucket for everything the stack makes; with its access log in prod."""
    bucket, _ = _bucket(context, provider, "artifacts", "", key)
    if context.profile.protects_data:
        # Server access logs cannot be written to a bucket with a KMS key.
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
        _, policy = _bucket(context, provider, "logs", "profile", BucketKey())
        _register(
            context, provider, sdk.aws.s3.BucketLogging, "artifacts-logging", "profile",
            # By way of the policy: S3 refuses a target that its log delivery may not write to yet.
            bucket=bucket.bucket, target_bucket=policy.bucket, target_prefix="artifacts/",
        )  # fmt: skip
    return bucket


def _bucket(
    context: BuildContext,
    provider: sdk.pulumi.ProviderResource,
    use: str,
    field: str,
    key: BucketKey,
) -> tuple[sdk.aws.s3.Bucket, sdk.aws.s3.BucketPolicy]:
    bucket = sdk.aws.s3.Bucket(
        context.name(use),
        bucket=names.bucket(context, use),
        force_destroy=not context.profile.protects_data,
        tags=context.tags,
        opts=context.opts(field, provider=provider, **context.protected()),
    )
    for resource, suffix, arguments in _companions(context, use, key):
        _register(
            context, provider, resource, f"{use}-{suffix}", field,
            bucket=bucket.bucket, **arguments,
        )  # fmt: skip
    policy = _register(
        context, provider, sdk.aws.s3.BucketPolicy, f"{use}-policy", field,
        bucket=bucket.bucket, policy=json.dumps(_policy(context, use)),
    )  # fmt: skip
    return bucket, policy


def _register(
    context: BuildContext,
    provider: sdk.pulumi.ProviderResource,
    resource: Any,
    suffix: str,
    field: str,
    **arguments: Any,
) -> Any:
    return resource(context.name(suffix), **arguments, opts=context.opts(field, provider=provider))


def _companions(
    context: BuildContext, use: str, key: BucketKey
) -> tuple[tuple[Any, str, dict[str, Any]], ...]:
    return (
        (
            sdk.aws.s3.BucketOwnershipControls,
            "ownership",
            {
                "rule": sdk.aws.s3.BucketOwnershipControlsRuleArgs(
                    object_ownership="BucketOwnerEnforced"
                )
            },
        ),
        (
            sdk.aws.s3.BucketPublicAccessBlock,
            "access",
            {
                "block_public_acls": True,
                "block_public_policy": True,
                "ignore_public_acls": True,
                "restrict_public_buckets": True,
            },
        ),
        (
            sdk.aws.s3.BucketVersioning,
            "versions",
            {
                "versioning_configuration": sdk.aws.s3.BucketVersioningVersioningConfigurationArgs(
                    status="Enabled"
                )
            },
        ),
        (sdk.aws.s3.BucketServerSideEncryptionConfiguration, "encryption", {"rules": [_rule(key)]}),
        (sdk.aws.s3.BucketLifecycleConfiguration, "lifecycle", {"rules": _lifecycle(context, use)}),
    )


def _rule(key: BucketKey) -> Any:
    default = (
        sdk.aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs
    )
    return sdk.aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=default(
            sse_algorithm=key.algorithm, kms_master_key_id=key.arn
        ),
        bucket_key_enabled=key.arn is not None,
    )


def _lifecycle(context: BuildContext, use: str) -> list[Any]:
    args = sdk.aws.s3.BucketLifecycleConfigurationRuleArgs
    everything = sdk.aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix="")
    tidy = args(
        id="tidy",
        status="Enabled",
        filter=everything,
        abort_incomplete_multipart_upload=(
            sdk.aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=7
            )
        ),
        noncurrent_version_expiration=(
            sdk.aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=NONCURRENT_DAYS[context.profile]
            )
        ),
    )
    if use != "logs":
        return [tidy]
    expiration = sdk.aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=LOG_DAYS)
    return [tidy, args(id="expire", status="Enabled", filter=everything, expiration=expiration)]


def _policy(context: BuildContext, use: str) -> dict[str, Any]:
    arn = place.bucket_arn(context, use)
    statements = [
        _refusal("OnlyTls", arn, {"Bool": {"aws:SecureTransport": "false"}}),
        _refusal("OnlyModernTls", arn, {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    ]
    if use == "logs":
        statements.append(_log_delivery(context, arn))
    return {"Version": "2012-10-17", "Statement": statements}


def _refusal(sid: str, arn: str, condition: dict[str, Any]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        # A refusal has to name every action there will ever be.
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": condition,
    }


def _log_delivery(context: BuildContext, arn: str) -> dict[str, Any]:
    return {
        "Sid": "DeliverAccessLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{arn}/artifacts/*",
        "Condition": {
            "ArnLike": {"aws:SourceArn": place.bucket_arn(context)},
            "StringEquals": {"aws:SourceAccount": place.account(context)},
        },
    }
