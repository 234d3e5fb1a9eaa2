"""A model with versions and an endpoint's declaration, in the test cloud. Not a test."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from mlops_iac_gcp import errors, place, rest, session
from mlops_iac_gcp.provider import PROVIDER

from mlops_iac.planning import Plan
from mlops_iac.specs import Spec
from mlops_iac.testing import Recording
from tests.clouds.gcp.hooks import Run, RunKind, RunState, Simulated
from tests.providers.azure_and_gcp import shop
from tests.providers.azure_and_gcp.shop import MODEL, Call, adapter_of, digest_of
from tests.providers.gcp.harness import planned
from tests.providers.gcp.scenarios import DATA, IMAGE, JOB, write_files
from tests.providers.local.world import CrashError

__all__ = ["Brittle", "Call", "Shop", "digest_of"]


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
class Shop(shop.Shop):
    """The stack `flights` in `dev`: model `late`, endpoint `score`."""

    image: str = IMAGE

    provider = PROVIDER
    error = errors.GcpError
    adapter = adapter_of("mlops_iac_gcp")
    methods: ClassVar[Mapping[str, str]] = {
        "register": "models.upload",
        "asset": "models.upload",
        "deploy": "deployModel",
        "split": "endpoints.patch",
        "remove": "undeployModel",
        "look": "endpoints.get",
    }
    changes = ("deployModel", "undeployModel", "upload", "mutateDeployedModel", "update")

    def __post_init__(self) -> None:
        write_files(self.folder)
        bucket = self.inputs()["bucket"]
        session.storage(self.place).create_bucket(bucket, location=self.cloud.region)
        self.make_endpoint()

    @property
    def config(self) -> Mapping[str, str]:
        return {"region": self.cloud.region, "account": self.cloud.project}

    def recorded_of(self, made: Recording) -> Any:
        return made.one("mlops-iac:gcp:ModelDeployment")

    def known(self, request: dict[str, Any]) -> dict[str, Any]:
        """Put in the account of the servers, which is an Output of the platform."""
        body = request["body"]
        deployed = body.get("deployedModel") or body.get("template") or {}
        if "serviceAccount" in deployed:
            deployed["serviceAccount"] = "serving@mlops-test.iam.gserviceaccount.com"
        return request

    def drawn(self, *more: Spec) -> Plan:
        return planned(
            self.folder,
            (DATA, MODEL, JOB, *more),
            account=self.cloud.project,
            region=self.cloud.region,
            runtime_image=self.image,
        )

    def address(self, path: str) -> str:
        return f"gs://{self.model.bucket}/{path}"

    def make_endpoint(self) -> None:
        """Make the frame, as `pulumi-gcp` does."""
        deployment = self.deployment()
        parent, _, name = deployment.endpoint.rpartition("/endpoints/")
        self.ask(
            "POST",
            f"v1/{parent}/endpoints?endpointId={name}",
            {
                "displayName": "score",
                "dedicatedEndpointEnabled": True,
                "labels": deployment.labels,
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

    def endpoint(self) -> dict[str, Any]:
        return self.ask("GET", f"v1/{self.deployment().endpoint}")

    def split(self) -> dict[int, int]:
        """Return the share of the traffic by version."""
        told = self.endpoint()
        models = told.get("deployedModels", ())
        numbers = {one["id"]: int(one["displayName"].partition("-")[2]) for one in models}
        return {numbers[key]: share for key, share in told.get("trafficSplit", {}).items() if share}

    def running(self, version: int) -> dict[str, Any]:
        """Return the deployed model of a version."""
        found = self.endpoint()["deployedModels"]
        return next(one for one in found if one["displayName"].endswith(f"-{version}"))

    @contextmanager
    def dying(self, at: str) -> Generator[None]:
        real = rest.send

        def die(where: Any, request: rest.Request, **more: Any) -> Any:
            answer = real(where, request, **more)
            if request.doing.endswith(at):
                raise CrashError
            return answer

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rest, "send", die)
            with pytest.raises(CrashError):
                yield

    def relabel(self, **labels: str) -> None:
        body = {"displayName": "score", "labels": {**self.endpoint()["labels"], **labels}}
        self.ask("PATCH", f"v1/{self.deployment().endpoint}?updateMask=labels", body)

    def empty(self) -> None:
        name = self.deployment().endpoint
        for running in self.endpoint()["deployedModels"]:
            body = {"deployedModelId": running["id"], "trafficSplit": {}}
            operation = self.ask("POST", f"v1/{name}:undeployModel", body)
            while not self.ask("GET", f"v1/{operation['name']}").get("done"):
                pass

    def begin_change(self) -> None:
        running = self.running(1)
        resources = {**running["dedicatedResources"], "maxReplicaCount": 2}
        body = {
            "deployedModel": {"id": running["id"], "dedicatedResources": resources},
            "updateMask": "dedicatedResources.maxReplicaCount",
        }
        self.ask("POST", f"v1/{self.deployment().endpoint}:mutateDeployedModel", body)

    def replicas(self, version: int, count: int) -> None:
        status = self.containers.models[self.running(version)["id"]]["status"]
        status["availableReplicaCount"] = count

    def answered(self, *, well: int, badly: int) -> list[Any]:
        return [
            {
                "metric": {"labels": {"response_code": code}},
                "points": [{"value": {"int64Value": str(count)}}],
            }
            for code, count in (("200", well), ("503", badly))
        ]

    def drop_endpoint(self) -> None:
        self.ask("DELETE", f"v1/{self.deployment().endpoint}")

    def deployed(self) -> list[str]:
        return [one["displayName"] for one in self.endpoint().get("deployedModels", ())]

    def bounds(self, version: int) -> tuple[int, int]:
        resources = self.running(version)["dedicatedResources"]
        return resources["minReplicaCount"], resources["maxReplicaCount"]

    def image_of(self, version: int) -> str:
        model = self.running(version)["model"]
        return self.ask("GET", f"v1/{model}")["containerSpec"]["imageUri"]

    def copies(self) -> set[int]:
        found = self.ask("GET", f"v1/{self.cloud.location}/models").get("models", ())
        labels = [item["labels"] for item in found]
        return {int(each["mlops-iac-version"]) for each in labels if "mlops-iac-version" in each}

    def left_behind(self) -> list[Any]:
        return [*self.copies()]

    def define_deploying(self) -> Sequence[str]:
        bucket, key = self.model.bucket, "jobs/score/deploy.json"
        step = {"step": "deploy", "component": "score", "bucket": bucket,
                "project": self.cloud.project, "region": self.cloud.region}  # fmt: skip
        self.write(key, step)
        definition: dict[str, Any] = {
            "bucket": bucket,
            "template": "pipelines/score/1.json",
            "pipeline": "score",
            "pipeline_job": {"displayName": "score", "labels": {"mlops-iac-component": "score"},
                             "runtimeConfig": {"gcsOutputDirectory": f"gs://{bucket}/runs/tasks"}},
        }  # fmt: skip
        self.write(definition["template"], {"pipelineInfo": {"name": "score"}})
        self.write(place.definition_key("score"), definition)
        run = f"{self.cloud.location}/pipelineJobs/score-1"
        return ("deploy", "--document", f"gs://{bucket}/{key}", "--run", run)

    def uploaded(self, model: str) -> list[str]:
        made = self.record("score", model=model)
        found = made.of_type("gcp:storage/bucketObject:BucketObject")
        return [str(one.inputs["name"]) for one in found]
