"""The explicit Pulumi providers of one target instance; no credentials, only where and as whom."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlops_iac.provider import BuildContext
from mlops_iac_aws import sdk

NATIVE_ENDPOINTS = ("cloudcontrol", "cloudformation", "ec2", "ssm", "sts")
"""Services whose address `aws-native` lets us override."""

_SESSION = "mlops-iac"


def register_providers(
    context: BuildContext,
) -> tuple[sdk.aws.Provider, sdk.aws_native.Provider, sdk.pulumi.ProviderResource]:
    """Register the providers `aws`, `aws-native` and our own for the platform's target."""
    return _aws(context), _aws_native(context), _own(context)


def _aws(context: BuildContext) -> sdk.aws.Provider:
    target = context.target
    endpoints = target.endpoints or {}
    role = sdk.aws.ProviderAssumeRoleArgs(role_arn=target.role, session_name=_SESSION)
    return sdk.aws.Provider(
        context.name("aws"),
        region=target.region,
        allowed_account_ids=[target.account] if target.account else None,
        assume_roles=[role] if target.role else None,
        default_tags=sdk.aws.ProviderDefaultTagsArgs(tags=context.tags),
        endpoints=[sdk.aws.ProviderEndpointArgs(**endpoints)] if endpoints else None,
        opts=context.opts("region"),
        **_stand_in(endpoints),
    )


def _aws_native(context: BuildContext) -> sdk.aws_native.Provider:
    target = context.target
    endpoints = {k: v for k, v in (target.endpoints or {}).items() if k in NATIVE_ENDPOINTS}
    role = sdk.aws_native.ProviderAssumeRoleArgs(role_arn=target.role, session_name=_SESSION)
    return sdk.aws_native.Provider(
        context.name("aws-native"),
        region=target.region,
        allowed_account_ids=[target.account] if target.account else None,
        assume_role=role if target.role else None,
        default_tags=sdk.aws_native.ProviderDefaultTagsArgs(tags=context.tags),
        endpoints=[sdk.aws_native.ProviderEndpointArgs(**endpoints)] if endpoints else None,
        opts=context.opts("region"),
        **_stand_in(target.endpoints or {}),
    )


def _stand_in(endpoints: Mapping[str, str]) -> dict[str, Any]:
    """Return what the providers must not ask a stand-in for the cloud."""
    if not endpoints:
        return {}
    return {
        "s3_use_path_style": True,
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
        "skip_requesting_account_id": True,
    }


def _own(context: BuildContext) -> sdk.pulumi.ProviderResource:
    from mlops_iac._registration import PlatformProvider

    target = context.target
    config = {
        "target": target.name,
        "region": target.region,
        "account": target.account,
        "role": target.role,
        # Nested configuration travels as JSON text.
        "endpoints": json.dumps(dict(target.endpoints)) if target.endpoints else None,
    }
    known = {key: value for key, value in config.items() if value is not None}
    return PlatformProvider(context.name("mlops-iac"), known, context.opts("region"))
