"""A model with versions and an endpoint's declaration, in the test cloud. Not a test."""

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from mlops_iac_gcp import registry, serving
from mlops_iac_gcp.model_request import register_version
from mlops_iac_gcp.registry import Model, Record
from mlops_iac_gcp.serving import Deployed, Deployment, Work
from mlops_iac_gcp.session import Place, place_of, storage

from mlops_iac import discovery
from mlops_iac.components import build_plan
from mlops_iac.custom import Properties
from mlops_iac.provider import Scope
from mlops_iac.specs import Approval, ModelEndpoint, RegisteredModel
from mlops_iac.testing import Recording, record
from tests.clouds.gcp.hooks import Run, RunKind, RunState, Simulated
from tests.clouds.gcp.running import Cloud
from tests.providers.gcp.harness import ONLY_GCP, planned
from tests.providers.gcp.scenarios import DATA, IMAGE, JOB, write_files
from tests.providers.local.world import FakeCall

_RECORDED: dict[str, dict[str, Any]] = {}
MODEL = RegisteredModel("late")
COMPONENTS = (DATA, MODEL, JOB)


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
    """Everything succeeds at once, but for what is to fail; tells how many replicas there are."""

    def __init__(self) -> None:
        super().__init__(looks=1)
        self.reason = ""
        self.models: dict[str, dict[str, Any]] = {}

    def start(self, run: Run) -> None:
        if run.kind is RunKind.SERVICE:
            run.finish(RunState.FAILED if self.reason else RunState.SUCCEEDED, self.reason)
            return
        if run.kind is not RunKind.DEPLOYMENT:
            super().start(run)
            return
        deployed = run.request["deployedModel"]
        self.models[deployed["id"]] = deployed
        least = deployed["dedicatedResources"].get("minReplicaCount", 0)
        deployed["status"] = {"availableReplicaCount": least}
        run.finish(RunState.FAILED if self.reason else RunState.SUCCEEDED, self.reason)


@dataclass
class Shop:
    """The stack `flights` in `dev`: model `late`, endpoint `score`."""

    cloud: Cloud
    containers: Brittle
    folder: Path

    def __post_init__(self) -> None:
        write_files(self.folder)
        storage(self.place).create_bucket(self.inputs()["bucket"], location=self.cloud.region)
        self.make_endpoint()

    @property
    def place(self) -> Place:
        return place_of(self.call().config)

    @property
    def model(self) -> Model:
        return self.deployment().model

    def call(self) -> Call:
        return Call("urn:score", {"region": self.cloud.region, "account": self.cloud.project})

    def work(self, call: Call | None = None) -> Work:
        made = call or self.call()
        return Work(place=self.place, log=made.log, pause=made.wait)

    def inputs(self, **endpoint: Any) -> dict[str, Any]:
        """Return the inputs of `ModelDeployment` that a declaration of the endpoint registers."""
        key = json.dumps(endpoint, sort_keys=True, default=str)
        if key not in _RECORDED:
            self._record(endpoint, key)
        return json.loads(json.dumps(_RECORDED[key]))

    def _record(self, endpoint: Mapping[str, Any], key: str) -> None:
        made = self.record("score", **endpoint)
        inputs = json.loads(json.dumps(dict(made.one("mlops-iac:gcp:ModelDeployment").inputs)))
        for request in inputs["requests"]:
            body = request["body"]
            deployed = body.get("deployedModel") or body.get("template") or {}
            if "serviceAccount" in deployed:  # it is an Output of the platform
                deployed["serviceAccount"] = "serving@mlops-test.iam.gserviceaccount.com"
        _RECORDED[key] = inputs

    def record(self, name: str, **endpoint: Any) -> Recording:
        """Return what model and endpoint register, without the training of the model."""
        wishes: dict[str, Any] = {"model": "late@champion", **endpoint}
        score = ModelEndpoint(name, **wishes)
        drawn = planned(self.folder, (*COMPONENTS, score), **self._platform)
        alone = replace(drawn.require(), order=("late", name))
        with patch.object(discovery, "providers", lambda: ONLY_GCP):
            return record(lambda: build_plan(alone), project="flights", stack_name="dev")

    @property
    def _platform(self) -> Mapping[str, Any]:
        return {
            "account": self.cloud.project,
            "region": self.cloud.region,
            "runtime_image": IMAGE,
        }

    def scope(self) -> Scope:
        return planned(self.folder, COMPONENTS, **self._platform).scopes["late"]

    def deployment(self, **endpoint: Any) -> Deployment:
        return Deployment.of(self.inputs(**endpoint))

    def make_endpoint(self, **labels: str) -> None:
        """Make the frame, as `pulumi-gcp` does."""
        deployment = self.deployment()
        parent, _, name = deployment.endpoint.rpartition("/endpoints/")
        self.ask(
            "POST",
            f"v1/{parent}/endpoints?endpointId={name}",
            {
                "displayName": "score",
                "dedicatedEndpointEnabled": True,
                "labels": {**deployment.labels, **labels},
            },
        )
        while self.ask("GET", f"v1/{deployment.endpoint}/operations").get("operations"):
            if all(item.get("done") for item in self.operations()):
                break

    def operations(self) -> list[dict[str, Any]]:
        name = self.deployment().endpoint
        found: list[dict[str, Any]] = self.ask("GET", f"v1/{name}/operations")["operations"]
        for item in found:
            self.ask("GET", f"v1/{item['name']}")
        return found

    def ask(self, verb: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask Vertex AI as somebody else would."""
        return self.cloud.call(verb, f"aiplatform/{path}", body)

    def register(
        self,
        approval: str = "approved",
        *,
        digest: str | None = "",
        run: str = "",
        image: str = IMAGE,
    ) -> int:
        """Register a version as a launcher does; return its number."""
        count = len(registry.listed(self.place, self.model)) + 1
        artifact = f"gs://{self.model.bucket}/runs/delay/run-{count}/model"
        policy = Approval.MANUAL if approval == "pending" else Approval.AUTOMATIC
        model = MODEL.model_copy(update={"approval": policy})
        request = register_version(model, self.scope(), artifact, None, f"run-{count}", image=image)
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

    def serve(self, number: int, **endpoint: Any) -> Deployed:
        """Promote a version of an endpoint that follows the champion."""
        deployment = self.deployment(**endpoint)
        serving.save(self.work(), deployment)
        return serving.promote(self.work(), deployment, number)

    def endpoint(self) -> dict[str, Any]:
        return self.ask("GET", f"v1/{self.deployment().endpoint}")

    def split(self) -> dict[int, int]:
        """Return the share of the traffic by version."""
        told = self.endpoint()
        numbers = {
            one["id"]: int(one["displayName"].partition("-")[2]) for one in told["deployedModels"]
        }
        return {numbers[key]: value for key, value in told["trafficSplit"].items() if value}

    def running(self, version: int) -> dict[str, Any]:
        """Return the deployed model of a version."""
        found = self.endpoint()["deployedModels"]
        return next(one for one in found if one["displayName"].endswith(f"-{version}"))

    def replicas(self, version: int, count: int) -> None:
        """Let the load have brought a version to so many replicas."""
        status = self.containers.models[self.running(version)["id"]]["status"]
        status["availableReplicaCount"] = count

    @contextmanager
    def failing(self, reason: str) -> Generator[None]:
        """Let no container come up meanwhile."""
        self.containers.reason = reason
        try:
            yield
        finally:
            self.containers.reason = ""

    def copies(self) -> set[int]:
        """Return the versions of which the endpoint has a copy."""
        found = self.ask("GET", f"v1/{self.cloud.location}/models").get("models", ())
        labels = [item["labels"] for item in found]
        return {int(each["mlops-iac-version"]) for each in labels if "mlops-iac-version" in each}

    def alias(self) -> int | None:
        """Return the version that is the champion."""
        found = registry.aliased(self.place, self.model, "champion")
        return None if found is None else found.number

    def calls(self, *methods: str) -> list[str]:
        """Return which of some methods were called, oldest first."""
        asked = [one["method"].rpartition(".")[2] for one in self.cloud.control("calls")]
        return [one for one in asked if one in methods]


def digest_of(number: int) -> str:
    """Return the digest of a version's model."""
    return f"sha256:{number:064x}"
