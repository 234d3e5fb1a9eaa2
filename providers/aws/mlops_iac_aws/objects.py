"""Objects in the artifact bucket, under keys that hold the hash of their content."""

from __future__ import annotations

from typing import Any

from mlops_iac.provider import BuildContext
from mlops_iac_aws import names, sdk

OBJECT_TAG_LIMIT = 10
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html."""


def register_object(
    context: BuildContext,
    suffix: str,
    field: str,
    key: str,
    *,
    provider: sdk.pulumi.ProviderResource | None = None,
    **content: Any,
) -> sdk.aws.s3.BucketObjectv2:
    """Register one object; `content` is `source=` an asset or `content=` a text.

    The platform, which inherits no provider, names the `provider`. A new content is a new key.
    Where the profile protects data, the object of the old key stays in the bucket: a past version
    can still be read.
    """
    return sdk.aws.s3.BucketObjectv2(
        context.name(suffix),
        bucket=names.bucket(context),
        key=key,
        checksum_algorithm="SHA256",
        tags=_mark(context),
        # Tags of the provider would be added, and an object takes ten.
        override_provider=sdk.aws.s3.BucketObjectv2OverrideProviderArgs(
            default_tags=sdk.aws.s3.BucketObjectv2OverrideProviderDefaultTagsArgs(tags={})
        ),
        opts=context.opts(
            field,
            retain_on_delete=context.profile.protects_data,
            depends_on=after_platform(context),
            provider=provider,
        ),
        **content,
    )


def after_platform(context: BuildContext) -> list[Any]:
    """Return what a child waits for: the platform, whose names it uses in clear.

    Names and ARNs in policies and requests are written out so that a plan shows them; the order
    that outputs would give must then be stated.
    """
    platform = context.components.get(context.platform.name)
    return [] if platform is None else [platform]


def after(context: BuildContext, *components: str) -> list[Any]:
    """Return what a child waits for: the platform, and other components."""
    built = [context.components[name] for name in components if name in context.components]
    return [*after_platform(context), *built]


def _mark(context: BuildContext) -> dict[str, str]:
    own = {key: value for key, value in context.tags.items() if key.startswith("mlops-iac-")}
    users = {key: value for key, value in context.tags.items() if key not in own}
    room = OBJECT_TAG_LIMIT - len(own)
    return {**dict(sorted(users.items())[:room]), **own}
