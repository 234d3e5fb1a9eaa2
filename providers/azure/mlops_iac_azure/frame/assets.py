"""Content-addressed uploads and immutable asset versions."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_azure_native import storage

from mlops_iac.provider import BuildContext
from mlops_iac_azure.foundation import Foundation

Contents = Mapping[str, pulumi.Asset]


def upload(
    context: BuildContext, base: Foundation, folder: str, contents: Contents, field: str
) -> list[pulumi.Resource]:
    """Register one blob for each file under `folder`, whose name holds the hash of them all.

    What is content-addressed is never changed, and not removed when the declaration moves on:
    older versions stay readable until the store itself goes.
    """
    return [
        storage.Blob(
            context.name(f"{field}-{name}"),
            resource_group_name=base.group,
            account_name=base.account,
            container_name=base.container,
            blob_name=f"{folder}/{name}",
            type=storage.BlobType.BLOCK,
            source=asset,
            opts=context.opts(field, retain_on_delete=True),
        )
        for name, asset in sorted(contents.items())
    ]


def version_opts(context: BuildContext, field: str, **options: Any) -> pulumi.ResourceOptions:
    """Return the options of an asset version: immutable, and history once it is replaced."""
    return context.opts(field, retain_on_delete=True, **options)
