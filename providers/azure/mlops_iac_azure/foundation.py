"""What the platform made, as the other adapters of this provider read it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pulumi


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """Names, ids and addresses of the platform's parts."""

    group: "pulumi.Output[str]"
    """Name of the resource group."""
    workspace: "pulumi.Output[str]"
    """Name of the workspace."""
    workspace_id: "pulumi.Output[str]"
    location: "pulumi.Output[str]"
    account: "pulumi.Output[str]"
    """Name of the storage account."""
    container: "pulumi.Output[str]"
    container_url: "pulumi.Output[str]"
    registry_server: "pulumi.Output[str]"
    vault_uri: "pulumi.Output[str]"
    logs_id: "pulumi.Output[str]"
    """Id of the Log Analytics workspace."""
    runtime_image: "pulumi.Output[str]"
    training_id: "pulumi.Output[str]"
    """Id of the training identity, after all that it may do."""
    serving_id: "pulumi.Output[str]"
    training_client: "pulumi.Output[str]"
    """Client id of the training identity: how a library picks it."""
    serving_client: "pulumi.Output[str]"

    def native(self) -> "Mapping[str, pulumi.Output[Any]]":
        """Return the facts as `PlatformOutputs.native` carries them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def read(cls, native: "Mapping[str, pulumi.Output[Any]]") -> "Foundation":
        """Return the facts of a built platform."""
        return cls(**{field.name: native[field.name] for field in fields(cls)})
