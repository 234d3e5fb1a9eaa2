"""Objects in the artifact bucket: immutable, named by the hash of their content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlops_iac.provider import BuildContext
from mlops_iac_gcp import facts, sdk


def add_object(  # noqa: PLR0913  an object has that many facts
    context: BuildContext,
    suffix: str,
    path: str,
    place: str,
    *,
    source: sdk.pulumi.Asset | sdk.pulumi.Archive | None = None,
    content: Any = None,
    sha256: str | None = None,
    about: Mapping[str, str] | None = None,
    delete_before_replace: bool = False,
) -> sdk.gcp.storage.BucketObject:
    """Register the object at `path`: a file, an archive, or `content` as JSON.

    What `about` tells is shown where the content is not: pulumi-gcp keeps that secret.

    A path must hold the hash of what is there: Pulumi replaces an object by writing the new one
    before it deletes the old, which under one name would delete what was just written. A path
    that stays the same needs `delete_before_replace`.
    """
    metadata = {**facts.labels(context), **({"sha256": sha256} if sha256 else {}), **(about or {})}
    return sdk.gcp.storage.BucketObject(
        context.name(suffix),
        bucket=context.built_platform.native["bucket"],
        name=path,
        source=source,
        content=None if source else _text(content),
        content_type="application/json" if source is None else "application/octet-stream",
        metadata=metadata,
        # `protect` would forbid the next version; keeping the old object forbids nothing.
        opts=context.opts(
            place,
            retain_on_delete=context.profile.protects_data,
            delete_before_replace=delete_before_replace or None,
        ),
    )


def _text(content: Any) -> sdk.pulumi.Input[str]:
    try:
        return json.dumps(content, sort_keys=True)
    except TypeError:  # it holds Outputs of the platform
        return sdk.pulumi.Output.json_dumps(content, sort_keys=True)
