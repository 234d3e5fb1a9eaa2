"""A model with versions and an endpoint's declaration, in the test cloud. Not a test."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from mlops_iac_azure import errors, facts, place, rest
from mlops_iac_azure.provider import PROVIDER

from mlops_iac.planning import Plan
from mlops_iac.specs import Dataset, Spec, TrainingJob
from mlops_iac.testing import Recording
from tests.clouds.azure.addresses import REGION
from tests.clouds.azure.hooks import Run, RunKind, RunState, Simulated
from tests.providers.azure import world
from tests.providers.azure.harness import IMAGE, planned
from tests.providers.azure_and_gcp import shop
from tests.providers.azure_and_gcp.shop import MODEL, Call, adapter_of, digest_of
from tests.providers.local.world import CrashError

__all__ = ["Brittle", "Call", "Shop", "digest_of"]

COMPONENTS = (
    Dataset("departures", source="data/*.csv"),
    MODEL,
    TrainingJob("delay", script="train.py", data="departures", model="late", run="manual"),
)


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
class Shop(shop.Shop):
    """The stack `flights` in `dev`: model `late`, endpoint `score`."""

    image: str = IMAGE

    provider = PROVIDER
    error = errors.AzureError
    adapter = adapter_of("mlops_iac_azure")
    methods: ClassVar[Mapping[str, str]] = {
        "register": "models/versions.put",
        "asset": "environments/versions.put",
        "deploy": "deployments.put",
        "split": "onlineEndpoints.put",
        "remove": "deployments.delete",
        "look": "onlineEndpoints.get",
    }
    changes = ("onlineEndpoints.put", "deployments.put", "deployments.patch", "deployments.delete",
               "autoscaleSettings.put", "autoscaleSettings.delete")  # fmt: skip

    def __post_init__(self) -> None:
        write_files(self.folder)
        self._make_platform()

    @classmethod
    def point(cls, cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        world.point(cloud, monkeypatch)

    @property
    def config(self) -> Mapping[str, str]:
        scope = self.scope()
        return {
            "region": self.cloud.region,
            "account": self.cloud.subscription,
            "group": facts.group(scope),
            "workspace": facts.workspace(scope),
        }

    def recorded_of(self, made: Recording) -> Any:
        return made.one("mlops-iac:azure:ModelDeployment")

    def known(self, request: dict[str, Any]) -> dict[str, Any]:
        """Put in ids of identities, and of an app's environment."""
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

    def drawn(self, *more: Spec) -> Plan:
        return planned(
            (*COMPONENTS, *more),
            self.folder,
            account=self.cloud.subscription,
            region=self.cloud.region,
            runtime_image=self.image,
        )

    def address(self, path: str) -> str:
        return facts.address(self.scope(), path)

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

    def make_endpoint(self, *, authentication: str = "identity") -> None:
        """Make the frame, as azure-native does."""
        deployment = self.deployment(authentication=authentication)
        body = deployment.body("onlineEndpoints")
        bare = {k: v for k, v in body["properties"].items() if "raffic" not in k}
        self._put(deployment.endpoint, {**body, "properties": bare})

    def _put(self, resource: str, body: Mapping[str, Any]) -> Any:
        wish = dict(body) if "/containers/" in resource else {"location": REGION, **body}
        if "/models/" in resource or "/datastores/" in resource:
            del wish["location"]
        return self.cloud.ask("PUT", resource, wish)

    def ask(self, verb: str, resource: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask Resource Manager as somebody else would."""
        return self.cloud.ask(verb, resource, body)

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

    def settings(self) -> dict[str, dict[str, Any]]:
        """Return the autoscale settings by their names."""
        found = self.cloud.control("resources", type="Microsoft.Insights/autoscaleSettings")
        return {one["name"]: one for one in found}

    @contextmanager
    def dying(self, at: str) -> Generator[None]:
        real = rest.answered

        def die(where: Any, request: rest.Request, **more: Any) -> Any:
            answer = real(where, request, **more)
            path = request.url.partition("?")[0].lower().split("/")
            if f"{request.verb} {path[-2]}" == at:
                raise CrashError
            return answer

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rest, "answered", die)
            with pytest.raises(CrashError):
                yield

    def relabel(self, **labels: str) -> None:
        told = self.endpoint()
        self.ask("PUT", told["id"], {**told, "tags": {**told["tags"], **labels}})

    def empty(self) -> None:
        self.make_endpoint()
        for one in self.running().values():
            self.ask("DELETE", one["id"])

    def begin_change(self) -> None:
        one = self.of_version(1)
        change = {"sku": {**one["sku"], "capacity": 2}}
        self.cloud.call("PATCH", f"resourcemanager{one['id']}?api-version=2025-12-01", change)

    def replicas(self, version: int, count: int) -> None:
        one = self.of_version(version)
        self.ask("PATCH", one["id"], {"sku": {**one["sku"], "capacity": count}})

    def answered(self, *, well: int, badly: int) -> list[Any]:
        return [
            {
                "metadatavalues": [{"name": {"value": "statuscodeclass"}, "value": code}],
                "data": [{"average": count}],
            }
            for code, count in (("2xx", well), ("5xx", badly))
        ]

    def drop_endpoint(self) -> None:
        self.ask("DELETE", self.deployment().endpoint)

    def deployed(self) -> list[str]:
        roles = {"m": "main", "c": "challenger"}
        return [f"{roles[name[0]]}-{name[1:].partition('-')[0]}" for name in self.running()]

    def bounds(self, version: int) -> tuple[int, int]:
        one = self.of_version(version)
        if not self.settings():
            return one["sku"]["capacity"], one["sku"]["capacity"]
        ((_, setting),) = self.settings().items()
        assert setting["properties"]["targetResourceUri"] == one["id"]
        capacity = setting["properties"]["profiles"][0]["capacity"]
        return int(capacity["minimum"]), int(capacity["maximum"])

    def image_of(self, version: int) -> str:
        return self.environment_of(version)["image"]

    def environment_of(self, version: int) -> dict[str, Any]:
        """Return the environment that a version runs in."""
        asset = self.of_version(version)["properties"]["environmentId"]
        return self.ask("GET", asset)["properties"]

    def left_behind(self) -> list[Any]:
        """Return deployments, autoscale settings, and assets that are not archived."""
        workspace = self.deployment().endpoint.partition("/onlineEndpoints")[0]
        assets = [
            version
            for kind in ("environments", "data")
            for asset in self.ask("GET", f"{workspace}/{kind}")["value"]
            for version in self.ask("GET", f"{asset['id']}/versions?listViewType=ActiveOnly")[
                "value"
            ]
        ]
        return [*self.settings(), *assets]

    def define_deploying(self) -> Sequence[str]:
        where, bucket, key = self.place, self.model.bucket, "jobs/score/deploy.json"
        step = {"step": "deploy", "component": "score", "bucket": bucket, "subscription":
                where.subscription, "region": where.region, "group": where.group,
                "workspace": where.workspace}  # fmt: skip
        self.write(key, step)
        job = {"jobType": "Pipeline", "displayName": "score", "experimentName": "score", "jobs": {}}
        definition = {"bucket": bucket, "pipeline": "score", "pipeline_job": job}
        self.write(place.definition_key("score"), definition)
        return ("deploy", "--document", place.uri(bucket, key))

    def uploaded(self, model: str) -> list[str]:
        made = self.record("score", model=model).of_type("mlops-iac:azure:Upload")
        return [str(one.inputs["path"]) for one in made]


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


def _by_version(shares: Mapping[str, int]) -> dict[int, int]:
    return {int(name[1:].partition("-")[0]): share for name, share in shares.items() if int(share)}
