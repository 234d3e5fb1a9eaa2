"""What the platform made, as the other adapters of this provider read it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from mlops_iac.grants import Purpose

if TYPE_CHECKING:
    import pulumi


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """Names, ids and addresses of the platform's parts."""

    subscription: "pulumi.Output[str]"
    group: "pulumi.Output[str]"
    """Name of the resource group."""
    workspace: "pulumi.Output[str]"
    """Name of the workspace."""
    workspace_id: "pulumi.Output[str]"
    location: "pulumi.Output[str]"
    account: "pulumi.Output[str]"
    """Name of the storage account."""
    account_id: "pulumi.Output[str]"
    container: "pulumi.Output[str]"
    container_id: "pulumi.Output[str]"
    """ARM id of the container of artifacts, to assign roles on."""
    container_url: "pulumi.Output[str]"
    captures: "pulumi.Output[str]"
    """Name of the container that endpoints' data collectors write to."""
    captures_id: "pulumi.Output[str]"
    captures_datastore: "pulumi.Output[str]"
    """The workspace's name for that container."""
    table_endpoint: "pulumi.Output[str]"
    """Address of the account's tables."""
    registry: "pulumi.Output[str]"
    registry_id: "pulumi.Output[str]"
    registry_server: "pulumi.Output[str]"
    build_pool: "pulumi.Output[str | None]"
    """Name of the registry's own machines; `None` where it builds on Azure's."""
    vault: "pulumi.Output[str]"
    vault_id: "pulumi.Output[str]"
    vault_uri: "pulumi.Output[str]"
    logs_id: "pulumi.Output[str]"
    """Id of the Log Analytics workspace."""
    logs_customer: "pulumi.Output[str]"
    """Its GUID: what queries name it by."""
    insights_id: "pulumi.Output[str]"
    """Id of Application Insights."""
    events: "pulumi.Output[str]"
    """Name of the topic of the workspace's events."""
    runtime_image: "pulumi.Output[str]"
    network: "pulumi.Output[str | None]"
    """Id of the virtual network; `None` on the public one."""
    subnet: "pulumi.Output[str | None]"
    """Id of the subnet that private endpoints lie in; `None` on the public network."""
    apps_subnet: "pulumi.Output[str | None]"
    """Id of the subnet of Container Apps; only in a network of the platform's own."""
    training_id: "pulumi.Output[str]"
    """Id of the training identity, after all that it may do."""
    training_client: "pulumi.Output[str]"
    """Client id of the training identity: how a library picks it."""
    training_principal: "pulumi.Output[str]"
    """Principal id of the training identity: how role assignments name it."""
    serving_id: "pulumi.Output[str]"
    serving_client: "pulumi.Output[str]"
    serving_principal: "pulumi.Output[str]"
    pipeline_id: "pulumi.Output[str]"
    pipeline_client: "pulumi.Output[str]"
    pipeline_principal: "pulumi.Output[str]"

    def identity(self, purpose: Purpose) -> "pulumi.Output[str]":
        """Return the id of a purpose's identity, after all that it may do."""
        return getattr(self, f"{purpose.value}_id")

    def client(self, purpose: Purpose) -> "pulumi.Output[str]":
        """Return the client id of a purpose's identity."""
        return getattr(self, f"{purpose.value}_client")

    def principal(self, purpose: Purpose) -> "pulumi.Output[str]":
        """Return the principal id of a purpose's identity."""
        return getattr(self, f"{purpose.value}_principal")

    def native(self) -> "Mapping[str, pulumi.Output[Any]]":
        """Return the facts as `PlatformOutputs.native` carries them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def read(cls, native: "Mapping[str, pulumi.Output[Any]]") -> "Foundation":
        """Return the facts of a built platform."""
        return cls(**{field.name: native[field.name] for field in fields(cls)})

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the facts."""
        return tuple(field.name for field in fields(cls))
