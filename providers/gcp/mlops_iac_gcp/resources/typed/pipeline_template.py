"""`PipelineTemplate`, for Pulumi programs; written by `tools/gcp_resources.py`."""

# ruff: noqa: PLR0913 -- the fields are the API's

from collections.abc import Sequence
from typing import Any

import pulumi

from mlops_iac_gcp.resources.typed.base import VertexResource


class PipelineTemplate(VertexResource):
    """Uploads a template once for each content; tags move in place."""

    token = "mlops-iac:gcp:PipelineTemplate"  # noqa: S105
    outputs = (
        "package",
        "version",
        "templateUri",
    )
    package: pulumi.Output[Any]
    version: pulumi.Output[Any]
    template_uri: pulumi.Output[Any]

    def __init__(
        self,
        resource_name: str,
        *,
        repository: pulumi.Input[str],
        template: pulumi.Input[str],
        retain: pulumi.Input[bool] | None = None,
        tags: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            resource_name: logical name.
            repository: KFP repository: `projects/P/locations/L/repositories/R`.
            template: The compiled pipeline, as YAML or JSON.
            retain: False deletes the version with the resource; it stays otherwise.
            tags: Tags that name this version.
            opts: Pulumi's options; its provider is a `Provider` of this package.
        """
        inputs = {
            "repository": repository,
            "template": template,
            "retain": retain,
            "tags": tags,
        }
        super().__init__(resource_name, inputs, opts)
