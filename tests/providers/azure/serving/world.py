"""A model with versions and an endpoint's declaration, in the test cloud. Not a test."""

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from mlops_iac_azure import facts, registry, serving
from mlops_iac_azure.model_request import register_version
from mlops_iac_azure.provider import PROVIDER
from mlops_iac_azure.registry import Model, Record
from mlops_iac_azure.serving import Deployed, Deployment, Work
from mlops_iac_azure.session import Place, place_of

from mlops_iac import discovery
from mlops_iac.components import build_plan
from mlops_iac.custom import Properties
from mlops_iac.planning import Plan
from mlops_iac.provider import Scope
from mlops_iac.specs import Approval, Dataset, ModelEndpoint, RegisteredModel, TrainingJob
from mlops_iac.testing import Recording, record
from tests.clouds.azure.addresses import REGION
from tests.clouds.azure.hooks import Run, RunKind, RunState, Simulated
from tests.clouds.azure.running import Cloud
from tests.providers.azure.harness import planned
from tests.providers.local.world import FakeCall

_RECORDED: dict[str, dict[str, Any]] = {}
IMAGE = "acme.azurecr.io/runtime@sha256:" + "a" * 64
MODEL = RegisteredModel("late")
COMPONENTS = (
    Dataset("departures", source="data/*.csv"),
    MODEL,
    TrainingJob("delay", script="train.py", data="departures", model="late", run="manual"),
)
UNKNOWN = {"$unknown": True}


@dataclass
class Call(FakeCall):
    """A call that never sleeps: each wait is noted, and may be interrupted."""

    waits: list[float] = field(default_factory=list)
    at_wait: Callable[[], None] | None = None
    began: tuple[str, Properties] | None = None

    def wait(self, seconds: float) -> None:
        self.check_cancelled()
        self.waits.append(seconds)
        if self.at_wait is not None:
            self.at_wait()

    def exists(self, resource_id: str, state: Properties) -> None:
        self.began = (resource_id, state)


class Brittle(Simulated):
    """Everything succeeds at once, but for deployments while something is to fail."""

    def __init__(self) -> None:
        super().__init__(looks=1)
        self.reason = ""
        self.begun: list[Run] = []

    def start(self, run: Run) -> None:
        if run.kind not in {RunKind.DEPLOYMENT, RunKind.APP}:
            super().start(run)
            return
        self.begun.append(run)
        run.finish(RunState.FAILED if self.reason else RunState.SUCCEEDED, self.reason)


@dataclass
class Shop:
    """The stack `flights` in `dev`: model `late`, endpoint `score`."""

    cloud: Cloud
    containers: Any
    folder: Path
    image: str = IMAGE

    def __post_init__(self) -> None:
        write_files(self.folder)
        self._make_platform()

    @property
    def place(self) -> Place:
        return place_of(self.call().config)

    @property
    def model(self) -> Model:
        return self.deployment().model

    def call(self) -> Call:
        scope = self.scope()
        config = {
            "region": self.cloud.region,
            "account": self.cloud.subscription,
            "group": facts.group(scope),
            "workspace": facts.workspace(scope),
        }
        return Call("urn:score", config)

    def work(self, call: Call | None = None) -> Work:
        made = call or self.call()
        return Work(place=self.place, log=made.log, pause=made.wait)

    def inputs(self, **endpoint: Any) -> dict[str, Any]:
        """Return the inputs of `ModelDeployment` that a declaration of the endpoint registers."""
        key = json.dumps(endpoint, sort_keys=True, default=str)
        if key not in _RECORDED:
            _RECORDED[key] = self._recorded(endpoint)
        told = json.loads(json.dumps(_RECORDED[key]))
        return {**told, "requests": [self._known(one) for one in told["requests"]]}

    def _recorded(self, endpoint: Mapping[str, Any]) -> dict[str, Any]:
        made = self.record("score", **endpoint)
        return json.loads(json.dumps(dict(made.one("mlops-iac:azure:ModelDeployment").inputs)))

    def _known(self, request: dict[str, Any]) -> dict[str, Any]:
        """Put in what the platform tells: ids of identities, and of an app's environment."""
        body = request["body"]
        variables = body["properties"].get("environmentVariables")
        if variables:
            variables["AZURE_CLIENT_ID"] = self.client
        template = body["properties"].get("template")
        if template:
            body["properties"]["environmentId"] = self.apps
            for one in template["containers"][0]["env"]:
                if one["name"] == "AZURE_CLIENT_ID":
                    one["value"] = self.client
        return request

    @property
    def apps(self) -> str:
        """Id of the environment that container apps run in."""
        return f"{facts.group_id(self.scope())}/providers/Microsoft.App/managedEnvironments/apps"

    def record(self, name: str, **endpoint: Any) -> Recording:
        """Return what model and endpoint register, without the training of the model."""
        wishes: dict[str, Any] = {"model": "late@champion", **endpoint}
        score = ModelEndpoint(name, **wishes)
        alone = replace(self.drawn(score).require(), order=("late", name))
        with patch.object(discovery, "providers", lambda: {PROVIDER.name: PROVIDER}):
            return record(lambda: build_plan(alone), project="flights", stack_name="dev")

    def drawn(self, *more: Any) -> Plan:
        return planned(
            (*COMPONENTS, *more),
            self.folder,
            account=self.cloud.subscription,
            region=self.cloud.region,
            runtime_image=self.image,
        )

    def scope(self) -> Scope:
        return self.drawn().scopes["late"]

    def deployment(self, **endpoint: Any) -> Deployment:
        return Deployment.of(self.inputs(**endpoint))

    @property
    def client(self) -> str:
        """Client id of the serving identity."""
        told = self.ask("GET", facts.identity_id(self.scope(), "serving"))
        return told["properties"]["clientId"]

    def _make_platform(self) -> None:
        """Make what the platform has, as azure-native does."""
        scope, put = self.scope(), self._put
        group = facts.group_id(scope)
        put(group, {})
        store = facts.account_id(scope)
        put(store, {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}})
        for container in _STORES:
            put(f"{store}/blobServices/default/containers/{container}", {"properties": {}})
        vault = f"{group}/providers/Microsoft.KeyVault/vaults/{facts.vault(scope)}"
        put(vault, {"properties": {"tenantId": self.cloud.tenant, "sku": _VAULT, **_RBAC}})
        insights = f"{group}/providers/Microsoft.Insights/components/insights"
        put(insights, {"kind": "web", "properties": {"Application_Type": "web"}})
        named = {"storageAccount": store, "keyVault": vault, "applicationInsights": insights}
        workspace = facts.workspace_id(scope)
        put(workspace, {"identity": {"type": "SystemAssigned"}, "properties": named})
        for container, datastore in _STORES.items():
            put(f"{workspace}/datastores/{datastore}", _datastore(facts.bucket(scope), container))
        put(facts.identity_id(scope, "serving"), {})
        put(facts.model_name(scope, "late"), {"properties": {}})
        put(self.apps, {"properties": {}})
        self.make_endpoint()

    def make_endpoint(self, *, authentication: str = "identity", **tags: str) -> None:
        """Make the frame, as azure-native does."""
        deployment = self.deployment(authentication=authentication)
        body = deployment.body("onlineEndpoints")
        bare = {k: v for k, v in body["properties"].items() if "raffic" not in k}
        self._put(
            deployment.endpoint, {**body, "tags": {**body["tags"], **tags}, "properties": bare}
        )

    def _put(self, resource: str, body: Mapping[str, Any]) -> Any:
        wish = dict(body) if "/containers/" in resource else {"location": REGION, **body}
        if "/models/" in resource or "/datastores/" in resource:
            del wish["location"]
        return self.cloud.ask("PUT", resource, wish)

    def ask(self, verb: str, resource: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask Resource Manager as somebody else would."""
        return self.cloud.ask(verb, resource, body)

    def register(
        self,
        approval: str = "approved",
        *,
        digest: str | None = "",
        run: str = "",
        image: str = "",
        folder: str = "",
    ) -> int:
        """Register a version as a step does; return its number."""
        count = len(registry.listed(self.place, self.model)) + 1
        path = folder or f"runs/delay/run-{count}/model"
        artifact = facts.address(self.scope(), path)
        policy = Approval.MANUAL if approval == "pending" else Approval.AUTOMATIC
        model = MODEL.model_copy(update={"approval": policy})
        request = register_version(
            model, self.scope(), artifact, None, f"run-{count}", image=image or self.image
        )
        kept = Record(
            digest=digest_of(count) if digest == "" else digest,
            metrics={"auc": 0.5 + count / 100},
            job="delay",
            run_key=f"key{count}",
            author="mary",
        )
        return registry.upload(
            self.place,
            self.model,
            request["body"],
            run=run or f"run-{count}",
            record=kept,
            pause=self.call().wait,
        )

    def model_folder(self, number: int) -> str:
        """Return the address of the folder with a version's model."""
        return registry.version(self.place, self.model, number).artifact

    def serve(self, number: int, **endpoint: Any) -> Deployed:
        """Promote a version of an endpoint that follows the champion."""
        deployment = self.deployment(**endpoint)
        serving.save(self.work(), deployment)
        return serving.promote(self.work(), deployment, number)

    def endpoint(self) -> dict[str, Any]:
        return self.ask("GET", self.deployment().endpoint)

    def split(self) -> dict[int, int]:
        """Return the share of the traffic by version."""
        return _by_version(self.endpoint()["properties"]["traffic"])

    def mirror(self) -> dict[int, int]:
        """Return the share of the requests that is copied, by version."""
        return _by_version(self.endpoint()["properties"]["mirrorTraffic"])

    def running(self) -> dict[str, dict[str, Any]]:
        """Return the deployments by their names."""
        told = self.ask("GET", f"{self.deployment().endpoint}/deployments")["value"]
        return {one["name"]: one for one in told}

    def of_version(self, version: int) -> dict[str, Any]:
        """Return the deployment of a version."""
        found = self.running()
        return next(one for name, one in found.items() if name[1:].startswith(f"{version}-"))

    def instances(self, version: int, count: int) -> None:
        """Let the load have brought a version to so many instances."""
        one = self.of_version(version)
        self.ask("PATCH", one["id"], {"sku": {**one["sku"], "capacity": count}})

    @contextmanager
    def failing(self, reason: str) -> Generator[None]:
        """Let no container come up meanwhile."""
        self.containers.reason = reason
        try:
            yield
        finally:
            self.containers.reason = ""

    def settings(self) -> dict[str, dict[str, Any]]:
        """Return the autoscale settings by their names."""
        found = self.cloud.control("resources", type="Microsoft.Insights/autoscaleSettings")
        return {one["name"]: one for one in found}

    def alias(self) -> int | None:
        """Return the version that is the champion."""
        found = registry.aliased(self.place, self.model, "champion")
        return None if found is None else found.number

    def calls(self, *methods: str) -> list[str]:
        """Return which of some methods were called, oldest first."""
        asked = [one["method"] for one in self.cloud.control("calls")]
        return [one for one in asked if one.endswith(methods)]


_STORES = {"artifacts": "mlops_iac", "captures": "mlops_iac_captures"}
"""Datastore by container."""


def _datastore(account: str, container: str) -> dict[str, Any]:
    properties = {
        "datastoreType": "AzureBlob",
        "accountName": account,
        "containerName": container,
        "credentials": {"credentialsType": "None"},
        "serviceDataAccessAuthIdentity": "WorkspaceSystemAssignedIdentity",
    }
    return {"properties": properties}


_VAULT = {"family": "A", "name": "standard"}
_RBAC = {"enableRbacAuthorization": True}


def write_files(folder: Path) -> None:
    """Write the files that the components name."""
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "a.csv").write_text("x,y\n1,0\n")
    (folder / "train.py").write_text("print('train')\n")


def digest_of(number: int) -> str:
    """Return the digest of a version's model."""
    return f"sha256:{number:064x}"


def _by_version(shares: Mapping[str, int]) -> dict[int, int]:
    return {int(name[1:].partition("-")[0]): share for name, share in shares.items() if int(share)}
