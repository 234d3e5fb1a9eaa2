"""The stack `churn` on the Azure test cloud: README's loop, and what its customers do."""

from collections.abc import Mapping
from typing import Any

from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient
from mlops_iac_azure import documents, facts
from mlops_iac_azure.operations import AzureOperations

from mlops_iac.manifest import load_manifest
from mlops_iac.operations import Run
from mlops_iac.planning import plan
from mlops_iac.provider import OperationScope, Scope
from tests.clouds.azure.addresses import REGION, SUBSCRIPTION
from tests.clouds.azure.running import Cloud
from tests.support.azure_stack import AzureStack
from tests.support.churn import LAKE, PROGRAM, TRAINING, customers, manifest, packed
from tests.support.engine import Engine

_PLATFORM = f'{{target: azure, region: {REGION}, account: "{SUBSCRIPTION}"}}'
_ACCOUNT = "churnlake"
_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/lake"
_LAKE = f"{_GROUP}/providers/Microsoft.Storage/storageAccounts/{_ACCOUNT}"
_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
RUN = "Microsoft.Logic/workflows/runs"


class ChurnStack(AzureStack):
    """The stack, its engine, its cloud and its customers; the cloud's variables must be set."""

    @classmethod
    def make(cls, engine: Engine, cloud: Cloud, **wish: Any) -> "ChurnStack":
        """Write the project and the data of the old world; nothing is deployed."""
        del wish
        cls.reach(engine, cloud)
        made = cls(engine, cloud, engine.project(PROGRAM, name="churn"), tuple)
        address = f"abfss://{LAKE}@{_ACCOUNT}.dfs.core.windows.net"
        (made.folder / "mlops.yaml").write_text(manifest(_PLATFORM, address))
        (made.folder / "train.py").write_text(TRAINING)
        made.fill_lake()
        return made

    def fill_lake(self) -> None:
        """Make the account of somebody else, with the data of the old world."""
        here = {"location": REGION}
        self.cloud.ask("PUT", _GROUP, here)
        account = {**here, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}
        self.cloud.ask("PUT", _LAKE, account)
        self.cloud.ask("PUT", f"{_LAKE}/blobServices/default/containers/{LAKE}", {})
        self.learned("old", seed=1)
        self.put("judged/rows.parquet", packed(customers(seed=2)))

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

    @property
    def scope(self) -> Scope:
        """What names are made of."""
        planned = plan(load_manifest(self.folder / "mlops.yaml", stack="dev"))
        return planned.scopes["answer"]

    @property
    def operations(self) -> AzureOperations:
        """The run-time verbs."""
        return AzureOperations(OperationScope(**vars(self.scope), outputs={}))

    def learned(self, world: str, *, seed: int) -> None:
        """Tell of customers who left or stayed."""
        rows = customers(seed=seed, has_turned=world == "new")
        self.put(f"customers/{world}.parquet", packed(rows))

    def put(self, key: str, content: bytes) -> None:
        """Write a blob into the lake."""
        lake = ContainerClient(
            f"{self.cloud.address}/blob/{_ACCOUNT}", LAKE, credential=DefaultAzureCredential()
        )
        lake.upload_blob(key, content, overwrite=True)

    def ask(self, *, has_turned: bool, seed: int) -> None:
        """Ask the endpoint what its customers of an hour will do."""
        rows = customers(seed=seed, has_turned=has_turned).drop(columns="left")
        self.operations.predict("answer", rows.to_dict(orient="records"))

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
        return [one["properties"]["status"] for one in self.cloud.control("resources", type=RUN)]
