"""The key that data at rest is encrypted with, when it is not the service's own."""

from __future__ import annotations

import json
from typing import Any

from mlops_iac.provider import BuildContext
from mlops_iac.specs.platform import CustomerKey, ExistingKey
from mlops_iac_aws import names, place, sdk

_ADMINISTER = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
_USE = ("kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptTo")
_USE_BY_ALARMS = ("kms:Decrypt", "kms:GenerateDataKey")
"""What CloudWatch needs to publish to an encrypted topic.

https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""
_USE_BY_LOGS = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey")

LOG_GROUPS = ("/aws/sagemaker/*", "/aws/codebuild/*", "/aws/vpc/*")
"""Log groups of the platform's account that the key may encrypt."""


def platform_key(
    context: BuildContext, provider: sdk.pulumi.ProviderResource
) -> sdk.pulumi.Output[str] | None:
    """Return the ARN of the platform's key, registering it when it is ours; else `None`."""
    encryption = context.platform.encryption
    if isinstance(encryption, ExistingKey):
        return sdk.pulumi.Output.from_input(encryption.key)
    if not isinstance(encryption, CustomerKey):
        return None
    key = sdk.aws.kms.Key(
        context.name("key"),
        description=f"Data of {context.project} in {context.stack}",
        enable_key_rotation=True,
        rotation_period_in_days=encryption.rotation_days,
        deletion_window_in_days=30 if context.profile.protects_data else 7,
        policy=json.dumps(_policy(context)),
        tags=context.tags,
        opts=context.opts("encryption", provider=provider, **context.protected()),
    )
    sdk.aws.kms.Alias(
        context.name("key-alias"),
        name=names.key_alias(context),
        target_key_id=key.key_id,
        opts=context.opts("encryption", provider=provider),
    )
    return key.arn


def _policy(context: BuildContext) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            _allow("AdministerByAccount", {"AWS": place.root_arn(context)}, _ADMINISTER),
            # The account's IAM policies decide who; those of our roles name the alias.
            _allow("UseByAccount", {"AWS": place.root_arn(context)}, _USE),
            _allow(
                "UseByLogs",
                {"Service": f"logs.{place.region(context)}.{place.DNS_SUFFIX}"},
                _USE_BY_LOGS,
                {
                    "ArnLike": {
                        "kms:EncryptionContext:aws:logs:arn": [
                            place.arn(context, "logs", f"log-group:{group}") for group in LOG_GROUPS
                        ]
                    }
                },
            ),
            _allow(
                "UseByAlarms",
                {"Service": f"cloudwatch.{place.DNS_SUFFIX}"},
                _USE_BY_ALARMS,
                {"StringEquals": {"aws:SourceAccount": place.account(context)}},
            ),
        ],
    }


def _allow(
    sid: str,
    principal: dict[str, str],
    actions: tuple[str, ...],
    condition: dict[str, Any] | None = None,
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": list(actions),
        # In a key policy this is the key itself.
        "Resource": "*",
    }
    return {**document, "Condition": condition} if condition else document
