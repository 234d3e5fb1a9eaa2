"""The stack `churn` on the Azure test cloud: README's loop, and what its customers do."""

from collections.abc import Mapping
from typing import Any

from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient
from mlops_iac_azure import documents, facts
from mlops_iac_azure.jobs import runs as executions
from mlops_iac_azure.operations import AzureOperations

from mlops_iac.operations import Run
from tests.clouds.azure.addresses import REGION, SUBSCRIPTION
from tests.support.azure_stack import AzureStack
from tests.support.churn import LAKE, manifest
from tests.support.churn_loop import ChurnLoop

_PLATFORM = f'{{target: azure, region: {REGION}, account: "{SUBSCRIPTION}"}}'
_ACCOUNT = "churnlake"
_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/lake"
_LAKE = f"{_GROUP}/providers/Microsoft.Storage/storageAccounts/{_ACCOUNT}"
_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
_JOB = "Microsoft.MachineLearningServices/workspaces/jobs"
_RUN = "Microsoft.Logic/workflows/runs"


class ChurnStack(ChurnLoop, AzureStack):
    """The stack, its engine, its cloud and its customers; the cloud's variables must be set."""

    declared = manifest(_PLATFORM, f"abfss://{LAKE}@{_ACCOUNT}.dfs.core.windows.net")
    verbs = AzureOperations

    def make_lake(self) -> None:
        """Make the account of somebody else, and its container."""
        here = {"location": REGION}
        self.cloud.ask("PUT", _GROUP, here)
        account = {**here, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}
        self.cloud.ask("PUT", _LAKE, account)
        self.cloud.ask("PUT", f"{_LAKE}/blobServices/default/containers/{LAKE}", {})

    def share_lake(self) -> None:
        """Let the identities of the stack read the lake, as its owner would."""
        roles = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization"
        for number, one in enumerate(self.cloud.control("resources", type=_IDENTITY)):
            name = f"00000000-0000-4000-8000-{number:012d}"
            body = {
                "roleDefinitionId": f"{roles}/roleDefinitions/{_READER}",
                "principalId": one["properties"]["principalId"],
                "principalType": "ServicePrincipal",
            }
            place = f"{_LAKE}/providers/Microsoft.Authorization/roleAssignments/{name}"
            self.cloud.ask("PUT", place, {"properties": body})

    def shares(self) -> set[str]:
        """Return the ids of what the lake's owner has let others do."""
        found = self.cloud.control("resources", type="Microsoft.Authorization/roleAssignments")
        return {one["id"] for one in found if one["id"].startswith(_LAKE)}

    def put(self, key: str, content: bytes) -> None:
        """Write a blob into the lake."""
        lake = ContainerClient(
            f"{self.cloud.address}/blob/{_ACCOUNT}", LAKE, credential=DefaultAzureCredential()
        )
        lake.upload_blob(key, content, overwrite=True)

    def schedule(self, component: str) -> str:
        """Return the name of a component's schedule."""
        return facts.asset(self.scope, component)

    def check(self) -> Run:
        """Let the monitor's schedule start its next check; return that once it has ended."""
        known = {each.id for each in self.operations.runs("watch")}
        self.cloud.control("fire", schedule=self.schedule("watch"))
        (started,) = (each for each in self.operations.runs("watch") if each.id not in known)
        return self.operations.wait(started)

    def documents(self, prefix: str) -> list[Mapping[str, Any]]:
        """Return the JSON blobs of the stack's store whose paths begin so, in their order."""
        found = documents.paths(self.place, self.store, prefix)
        kept = sorted(path for path in found if path.endswith(".json"))
        return [documents.read(self.place, self.store, path) or {} for path in kept]

    def told(self) -> list[str]:
        """Return how the runs of the policy's Logic App ended, the oldest first."""
        return [one["properties"]["status"] for one in self.cloud.control("resources", type=_RUN)]

    def ends(self) -> set[str]:
        """Return how the runs of all pipelines, and their steps, stand."""
        found = self.cloud.control("resources", type=_JOB)
        return {executions.STATUSES.get(one["properties"]["status"], "running") for one in found}
