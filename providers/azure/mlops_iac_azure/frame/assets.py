"""Immutable asset versions of the workspace."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi

from mlops_iac import custom
from mlops_iac.provider import BuildContext, content_hash
from mlops_iac_azure.names import HASH_DIGITS

ASSET = "mlops-iac:azure:Asset"


def register_asset(  # noqa: PLR0913, PLR0917  an asset has that many facts
    context: BuildContext,
    suffix: str,
    asset: str,
    name: str,
    properties: Mapping[str, Any],
    field: str = "",
    *,
    version: pulumi.Input[str] | None = None,
    description: str | None = None,
    **options: Any,
) -> pulumi.CustomResource:
    """Register one version of a workspace's asset; its `id` is the version's ARM id.

    Args:
        context: of the component that it belongs to.
        suffix: end of its logical name.
        asset: collection: `codes`, `components`, `data`, `environments` or `models`.
        name: of the asset in the workspace; its container is made with the first version.
        properties: ARM's `properties`, less description and tags; Outputs may stand in it.
        field: field of the declaration that asks for it.
        version: the hash of `properties` when left out.
        description: for people; may change in place.
        options: of Pulumi, such as `depends_on`.

    Returns:
        The resource; `version` and `path` (the ARM id) are attributes of it.
    """
    workspace = context.built_platform.native["workspace"]
    inputs = {
        "asset": asset,
        # After the workspace: it is in the provider's configuration by its name only.
        "name": workspace.apply(lambda _: name),
        "version": content_version(asset, properties) if version is None else version,
        "properties": properties,
        "tags": context.tags,
        **({"description": description} if description else {}),
    }
    return custom.register(
        ASSET,
        context.name(suffix),
        inputs,
        outputs=("path",),
        opts=context.opts(field, **options),
    )


def content_version(asset: str, properties: Mapping[str, Any]) -> pulumi.Input[str]:
    """Return the hash of an asset's content; an Output when a part of that is one."""
    try:
        json.dumps(properties)
    except TypeError:  # it holds Outputs
        found = pulumi.Output.from_input(dict(properties))
        return found.apply(lambda known: content_hash([asset, known], HASH_DIGITS))
    return content_hash([asset, properties], HASH_DIGITS)
