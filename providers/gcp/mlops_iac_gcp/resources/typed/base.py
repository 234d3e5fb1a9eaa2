"""What the classes have in common, and the provider that says where their resources are."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi

from mlops_iac._registration import CustomResource, PlatformProvider

Json = Mapping[str, Any]
"""Nested fields, spelled as Vertex AI's REST reference spells them (`machineSpec`)."""


class Provider(PlatformProvider):
    """Where Vertex AI's resources are, and as whom they are made.

    Credentials are those that Google's libraries find; none is kept in the state.
    """

    def __init__(  # noqa: PLR0913  by keyword
        self,
        resource_name: str,
        *,
        project: str,
        region: str,
        impersonate_service_account: str | None = None,
        endpoints: Mapping[str, str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a place.

        Args:
            resource_name: logical name.
            project: id of the project.
            region: such as `europe-west4`.
            impersonate_service_account: whom to act as; the caller's own identity when left out.
            endpoints: other addresses by service (`aiplatform`), for private access.
            opts: Pulumi's options.
        """
        given = {
            "account": project,
            "region": region,
            "role": impersonate_service_account,
            "endpoints": endpoints,
        }
        config = {key: value for key, value in given.items() if value is not None}
        super().__init__(resource_name, config, opts or pulumi.ResourceOptions())


class VertexResource(CustomResource):
    """A resource of our plugin with typed arguments; its outputs are attributes."""

    token: ClassVar[str]
    outputs: ClassVar[tuple[str, ...]] = ()
    """As the plugin spells them; each is an attribute in Python's spelling."""

    def __init__(
        self, resource_name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None
    ) -> None:
        given = {key: value for key, value in inputs.items() if value is not None}
        options = opts or pulumi.ResourceOptions()
        super().__init__(self.token, resource_name, given, self.outputs, options)
        for output in self.outputs:
            setattr(self, snake(output), getattr(self, output))


def snake(name: str) -> str:
    """Return a field's name in Python's spelling."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def deployed_model_id(*parts: str) -> str:
    """Return an id for a deployed model, always the same for the same parts.

    With it a traffic split can name a deployment before it is made:
    `deployed_model_id("churn", "v3")`.
    """
    from mlops_iac.names import physical_name
    from mlops_iac_gcp.resources.deployed_model import ID_RULE

    return physical_name(ID_RULE, parts)
