"""What the tests of executed work share: a workspace with data and code, and requests around it."""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from azure.core.credentials import AccessToken

from tests.clouds.azure.running import Cloud

ACCOUNT, CONTAINER, REGISTRY = "flightsstore", "artifacts", "flightsregistry"
IMAGE = f"{REGISTRY}.azurecr.io/runtime@sha256:" + "a" * 64
SECONDS = 240.0
OVER = ("Completed", "Failed", "Canceled")
NEVER = 4102444800

ROWS = "a,b,y\n" + "".join(f"{i % 7}.5,{i % 3}.25,{int(i % 7 > 3)}\n" for i in range(60))


@dataclass
class Bench:
    """A cloud that executes, with a workspace, an identity, and a container that holds data."""

    cloud: Cloud

    @property
    def group(self) -> str:
        """The resource group of everything."""
        return f"{self.cloud.scope}/resourceGroups/flights"

    @property
    def workspace(self) -> str:
        """The workspace's id."""
        return self.id("MachineLearningServices/workspaces", "flights")

    @property
    def identity(self) -> str:
        """The id of the identity under which jobs run."""
        return self.id("ManagedIdentity/userAssignedIdentities", "training")

    def id(self, type_: str, name: str) -> str:
        return f"{self.group}/providers/Microsoft.{type_}/{name}"

    def put(self, resource: str, properties: Any = None, **body: Any) -> Any:
        """Make a resource; return it."""
        told = {**body, **({} if properties is None else {"properties": properties})}
        return self.cloud.ask("PUT", resource, told)

    def prepare(self) -> None:
        """Make what all tests use."""
        here = {"location": self.cloud.region}
        self.put(self.group, **here)
        account = self.id("Storage/storageAccounts", ACCOUNT)
        self.put(account, {}, **here, kind="StorageV2", sku={"name": "Standard_LRS"})
        vault = self.id("KeyVault/vaults", "flightsvault")
        sku = {"family": "A", "name": "standard"}
        self.put(
            vault,
            {"tenantId": self.cloud.tenant, "sku": sku, "enableRbacAuthorization": True},
            **here,
        )
        self.put(
            self.id("Insights/components", "flights"),
            {"Application_Type": "web"},
            **here,
            kind="web",
        )
        self.put(self.identity, **here)
        self.put(
            self.workspace,
            {
                "storageAccount": account,
                "keyVault": vault,
                "applicationInsights": self.id("Insights/components", "flights"),
            },
            **here,
            identity={"type": "SystemAssigned"},
        )
        self.container.create_container()
        store = {
            "datastoreType": "AzureBlob",
            "accountName": ACCOUNT,
            "containerName": CONTAINER,
            "credentials": {"credentialsType": "None"},
        }
        self.put(f"{self.workspace}/datastores/mlops_iac", store)
        self.put(f"{self.workspace}/environments/runtime/versions/1", {"image": IMAGE})
        self.write("datasets/flights/1/rows.csv", ROWS)

    @cached_property
    def _blobs(self) -> Any:
        from azure.storage.blob import BlobServiceClient

        return BlobServiceClient(
            f"{self.cloud.address}/blob/{ACCOUNT}",
            credential=Known(self.cloud),
            connection_verify=self.cloud.authority,
        )

    @property
    def container(self) -> Any:
        """Azure's own client of the container."""
        return self._blobs.get_container_client(CONTAINER)

    def write(self, key: str, content: str | bytes) -> str:
        """Store something; return where it lies."""
        self.container.upload_blob(key, content, overwrite=True)
        return uri(key)

    def read(self, key: str, container: str = CONTAINER) -> bytes:
        """Return what is stored."""
        return self._blobs.get_blob_client(container, key).download_blob().readall()

    def keys(self, prefix: str) -> list[str]:
        """Return the names below a folder."""
        return sorted(self.container.list_blob_names(name_starts_with=prefix))

    def code(self, **files: str) -> str:
        """Store a folder of code (`main` is `main.py`); return the id of its version."""
        number = uuid.uuid4().hex
        for name, content in files.items():
            self.write(f"code/{number}/{name}.py", content)
        place = f"https://{ACCOUNT}.blob.core.windows.net/{CONTAINER}/code/{number}"
        version = f"{self.workspace}/codes/{number}/versions/1"
        return self.put(version, {"codeUri": place})["id"]

    def command(self, script: str, **properties: Any) -> dict[str, Any]:
        """Return the properties of a command job that runs a script as the identity."""
        return {
            "jobType": "Command",
            "command": "python main.py",
            "codeId": self.code(main=script),
            "environmentId": f"{self.workspace}/environments/runtime/versions/1",
            "identity": {"identityType": "Managed", "resourceId": self.identity},
            **properties,
        }

    def start(self, properties: Mapping[str, Any], name: str = "") -> str:
        """Start a job; return its name."""
        own = name or named("job")
        self.put(f"{self.workspace}/jobs/{own}", properties)
        return own

    def job(self, name: str) -> dict[str, Any]:
        """Return a job's properties as they are."""
        return self.cloud.ask("GET", f"{self.workspace}/jobs/{name}")["properties"]

    def ended(self, name: str) -> dict[str, Any]:
        """Wait until a job has ended; return its properties."""
        deadline = time.monotonic() + SECONDS
        while (told := self.job(name))["status"] not in OVER:
            assert time.monotonic() < deadline, told
            time.sleep(0.05)
        return told

    def done(self, properties: Mapping[str, Any]) -> tuple[str, dict[str, Any], list[str]]:
        """Do a job to its end; return its name, its properties and its log."""
        name = self.start(properties)
        return name, self.ended(name), self.log(name)

    def log(self, job: str, file: str = "std_log.txt") -> list[str]:
        """Return the lines of a job's log; none when there is no log."""
        from azure.core.exceptions import ResourceNotFoundError

        try:
            content = self.read(f"ExperimentRun/dcid.{job}/user_logs/{file}", "azureml")
        except ResourceNotFoundError:
            return []
        return content.decode().splitlines()

    def until_logged(self, job: str, line: str) -> None:
        """Wait until a job has written a line."""
        deadline = time.monotonic() + SECONDS
        while line not in self.log(job):
            assert time.monotonic() < deadline, (self.log(job), self.job(job))
            time.sleep(0.05)


@dataclass(frozen=True)
class Known:
    """The user's tokens, as azure-identity gives them."""

    cloud: Cloud

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """Return a token for a scope."""
        return AccessToken(self.cloud.token(scopes[0].removesuffix("/.default")), NEVER)


def named(word: str) -> str:
    """Return a name that no other test has."""
    return f"{word}-{uuid.uuid4().hex[:8]}"


def uri(path: str) -> str:
    """Return where something lies, as Azure ML's inputs have it."""
    return f"azureml://datastores/mlops_iac/paths/{path}"


def last(lines: list[str]) -> Any:
    """Return what the last line of a log tells."""
    return json.loads(lines[-1])
