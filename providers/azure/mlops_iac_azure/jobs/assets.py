"""Environments and components of a job: versions in the workspace, named by their content."""

from __future__ import annotations

from typing import Any

from mlops_iac.provider import BuildContext
from mlops_iac_azure import sdk


def add_environment(
    context: BuildContext, suffix: str, name: str, image: Any, field: str
) -> sdk.pulumi.CustomResource:
    """Register an environment, which is what Azure ML calls an image; nothing is built into it."""
    from mlops_iac_azure.frame.assets import register_asset

    properties = {"image": image, "osType": "Linux", "autoRebuild": "Disabled"}
    return register_asset(context, suffix, "environments", name, properties, field)


def add_component(
    context: BuildContext, suffix: str, spec: Any, description: str, field: str
) -> sdk.pulumi.CustomResource:
    """Register the component of a step; `spec` is as `compiling.component_spec` makes it."""
    from mlops_iac_azure.frame.assets import register_asset

    properties = {"componentSpec": spec, "isAnonymous": False}
    name = spec["name"]
    return register_asset(
        context, suffix, "components", name, properties, field, description=description
    )


def asset_path(asset: sdk.pulumi.CustomResource) -> sdk.pulumi.Output[Any]:
    """Return the id of a version."""
    return getattr(asset, "path")  # noqa: B009  an output, by its name
