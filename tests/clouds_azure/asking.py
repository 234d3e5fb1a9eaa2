"""Requests that several tests make."""

from typing import Any

from tests.clouds.azure.running import Cloud

ML = "Microsoft.MachineLearningServices"
IMAGE = "mlops.azurecr.io/serve:1"


class Site:
    """A group with what a workspace needs, and the workspace."""

    def __init__(self, cloud: Cloud, group: str = "g") -> None:
        self.cloud = cloud
        self.group = f"{cloud.scope}/resourceGroups/{group}"
        self.place = {"location": cloud.region}

    def id(self, type_: str, *names: str) -> str:
        """Return the id of a resource of the group."""
        namespace, *types = type_.split("/")
        pairs = "/".join(f"{one}/{name}" for one, name in zip(types, names, strict=True))
        return f"{self.group}/providers/{namespace}/{pairs}"

    def ml(self, type_: str, *names: str) -> str:
        """Return the id of what is in the workspace."""
        types = "/".join(filter(None, ("workspaces", type_)))
        return self.id(f"{ML}/{types}", "work", *names)

    def put(self, id_: str, properties: Any = None, **body: Any) -> Any:
        """Make or change a resource, and wait for it."""
        told = {"properties": properties} if properties is not None else {}
        return self.cloud.ask("PUT", id_, {**told, **body})

    def get(self, id_: str) -> Any:
        """Return a resource."""
        return self.cloud.ask("GET", id_)

    def delete(self, id_: str) -> None:
        """Delete a resource, and wait until it is gone."""
        self.cloud.ask("DELETE", id_)

    # --- what there is ---

    def make_group(self) -> None:
        """Make the group."""
        self.cloud.ask("PUT", self.group, self.place)

    def account(self, name: str = "mlopsdata") -> str:
        """Make a storage account."""
        own = self.id("Microsoft.Storage/storageAccounts", name)
        self.put(own, {}, **self.place, kind="StorageV2", sku={"name": "Standard_LRS"})
        return own

    def vault(self, name: str = "mlops-vault", **properties: Any) -> str:
        """Make a key vault."""
        own = self.id("Microsoft.KeyVault/vaults", name)
        sku = {"family": "A", "name": "standard"}
        asked = {"tenantId": self.cloud.tenant, "sku": sku, "enableRbacAuthorization": True}
        self.put(own, {**asked, **properties}, **self.place)
        return own

    def identity(self, name: str = "training") -> Any:
        """Make a managed identity."""
        own = self.id("Microsoft.ManagedIdentity/userAssignedIdentities", name)
        return self.put(own, **self.place)

    def workspace(self) -> str:
        """Make a workspace and what it needs."""
        self.make_group()
        needed = {"storageAccount": self.account(), "keyVault": self.vault()}
        own = self.ml("")
        self.put(own, needed, **self.place, identity={"type": "SystemAssigned"})
        return own

    def environment(self, version: str = "1") -> str:
        """Register an environment."""
        own = self.ml("environments/versions", "serve", version)
        self.put(own, {"image": IMAGE})
        return own

    def model(self, version: str = "1", **properties: Any) -> str:
        """Register a model."""
        own = self.ml("models/versions", "churn", version)
        place = "azureml://datastores/workspaceblobstore/paths/model"
        self.put(own, {"modelUri": place, "modelType": "custom_model", **properties})
        return own

    def endpoint(self, name: str = "churn-dev", **properties: Any) -> str:
        """Make an online endpoint."""
        own = self.ml("onlineEndpoints", name)
        asked = {"authMode": "AADToken", **properties}
        self.put(own, asked, **self.place, identity={"type": "SystemAssigned"})
        return own

    def deploy(self, endpoint: str, name: str, **properties: Any) -> str:
        """Deploy the model to an endpoint."""
        own = f"{endpoint}/deployments/{name}"
        asked = {
            "endpointComputeType": "Managed",
            "instanceType": "Standard_DS3_v2",
            "model": self.model(),
            "environmentId": self.environment(),
            **properties,
        }
        self.put(own, asked, **self.place, sku={"name": "Default", "capacity": 1})
        return own

    def route(self, endpoint: str, **traffic: int) -> Any:
        """Set the traffic of an endpoint."""
        return self.put(endpoint, {"authMode": "AADToken", "traffic": traffic}, **self.place)

    def command(self, **properties: Any) -> Any:
        """Return the properties of a command job."""
        asked = {"jobType": "Command", "command": "true", "environmentId": self.environment()}
        return {**asked, **properties}
