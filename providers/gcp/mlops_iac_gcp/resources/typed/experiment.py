"""`Experiment`, for Pulumi programs; written by `tools/gcp_resources.py`."""

# ruff: noqa: PLR0913 -- the fields are the API's

from collections.abc import Mapping
from typing import Any

import pulumi

from mlops_iac_gcp.resources.typed.base import Json, VertexResource


class Experiment(VertexResource):
    """An experiment of Vertex AI: a context in the default metadata store."""

    token = "mlops-iac:gcp:Experiment"  # noqa: S105
    outputs = (
        "name",
        "createTime",
    )
    name: pulumi.Output[Any]
    create_time: pulumi.Output[Any]

    def __init__(
        self,
        resource_name: str,
        *,
        context_id: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        display_name: pulumi.Input[str] | None = None,
        labels: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        metadata: pulumi.Input[Json] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            resource_name: logical name.
            context_id: Id of the experiment; made when left out.
            description: Description of the Context
            display_name: User provided display name of the Context. May be up to 128 Unicode
                characters.
            labels: The labels with user-defined metadata to organize your Contexts. Label keys and
                values can be no longer than 64 characters (Unicode codepoints), can only contain
                lowercase letters, numeric characters, underscores and dashes. International
                characters are allowed. No more than 64 user labels can be associated with one
                Context (System labels are excluded).
            metadata: Properties of the Context. Top level metadata keys' heading and trailing
                spaces will be trimmed. The size of this field should not exceed 200KB.
            opts: Pulumi's options; its provider is a `Provider` of this package.
        """
        inputs = {
            "contextId": context_id,
            "description": description,
            "displayName": display_name,
            "labels": labels,
            "metadata": metadata,
        }
        super().__init__(resource_name, inputs, opts)
