"""A model with versions and an endpoint's declaration, in the test cloud. Not a test."""

import io
import json
import tarfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_iac_aws import serving
from mlops_iac_aws.serving import Deployed, Deployment, Work
from mlops_iac_aws.session import Clients, clients, place_of

from mlops_iac.custom import Properties
from tests.clouds.aws.hooks import Instant, Run, RunState
from tests.clouds.aws.running import Cloud
from tests.providers.aws.harness import record
from tests.providers.aws.scenarios import RUNTIME, base, write_files
from tests.providers.local.world import FakeCall

_RECORDED: dict[str, dict[str, Any]] = {}


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


class Brittle(Instant):
    """Everything succeeds at once, but for what is to fail."""

    reason = ""

    def start(self, run: Run) -> None:
        run.finish(RunState.FAILED if self.reason else RunState.SUCCEEDED, self.reason)


@dataclass
class Shop:
    """The stack `shop` in `dev`: model `late`, endpoint `score`."""

    cloud: Cloud
    containers: Brittle
    folder: Path

    def __post_init__(self) -> None:
        write_files(self.folder)
        self.make_model()

    @property
    def clients(self) -> Clients:
        return clients(place_of(self.call().config))

    @property
    def sagemaker(self) -> Any:
        return self.cloud.client("sagemaker")

    @property
    def scaling(self) -> Any:
        return self.cloud.client("application-autoscaling")

    def call(self) -> Call:
        return Call("urn:score", {"region": self.cloud.region, "account": self.cloud.account})

    def work(self, call: Call | None = None) -> Work:
        made = call or self.call()
        return Work(clients=self.clients, log=made.log, pause=made.wait)

    def inputs(self, **endpoint: Any) -> dict[str, Any]:
        """Return the inputs of `ModelDeployment` that a declaration of the endpoint registers."""
        key = json.dumps(endpoint, sort_keys=True, default=str)
        if key not in _RECORDED:
            components = base(**endpoint)
            found = record(self.folder, *components, runtime_image=RUNTIME)
            inputs = dict(found.one("score-deployment").inputs)
            _RECORDED[key] = json.loads(json.dumps(inputs))
        return _RECORDED[key]

    def deployment(self, **endpoint: Any) -> Deployment:
        return Deployment.of(self.inputs(**endpoint))

    def make_model(self) -> None:
        """Make what the platform and the model would have made."""
        inputs = self.inputs()
        location = {"LocationConstraint": self.cloud.region}
        self.cloud.client("s3").create_bucket(
            Bucket=inputs["bucket"], CreateBucketConfiguration=location
        )
        self.cloud.client("s3").put_bucket_versioning(
            Bucket=inputs["bucket"], VersioningConfiguration={"Status": "Enabled"}
        )
        self.sagemaker.create_model_package_group(
            ModelPackageGroupName=inputs["policy"]["model_group"],
            Tags=[{"Key": "mlops-iac-model", "Value": "late"}],
        )

    def register(self, status: str = "Approved", *, has_run: bool = True) -> int:
        """Register a version as a training's pipeline does; return its number."""
        bucket, group = self.inputs()["bucket"], self.inputs()["policy"]["model_group"]
        known = self.sagemaker.list_model_packages(ModelPackageGroupName=group, MaxResults=100)
        number = len(known["ModelPackageSummaryList"]) + 1
        prefix = f"runs/delay/run-{number}/output"
        self.put(f"{prefix}/model.tar.gz", archive({"MLmodel": f"version {number}"}))
        if has_run:
            self.put(f"{prefix}/output.tar.gz", archive({"run.json": json.dumps(run(number))}))
        answer = self.sagemaker.create_model_package(
            ModelPackageGroupName=group,
            ModelApprovalStatus=status,
            InferenceSpecification={
                "Containers": [
                    {"Image": RUNTIME, "ModelDataUrl": f"s3://{bucket}/{prefix}/model.tar.gz"}
                ],
                "SupportedContentTypes": ["application/json"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
            CustomerMetadataProperties={
                "mlops-iac-job": "delay",
                "mlops-iac-run-key": f"key{number}",
            },
        )
        return int(answer["ModelPackageArn"].rpartition("/")[2])

    def put(self, key: str, body: bytes) -> None:
        self.cloud.client("s3").put_object(Bucket=self.inputs()["bucket"], Key=key, Body=body)

    def get(self, key: str) -> bytes:
        answer = self.cloud.client("s3").get_object(Bucket=self.inputs()["bucket"], Key=key)
        return answer["Body"].read()

    def changed(self, key: str) -> str:
        """Return which version of an object there is."""
        head = {"Bucket": self.inputs()["bucket"], "Key": key}
        return self.cloud.client("s3").head_object(**head)["VersionId"]

    def objects(self, prefix: str = "") -> list[str]:
        listed = self.cloud.client("s3").list_objects_v2(
            Bucket=self.inputs()["bucket"], Prefix=prefix
        )
        return [item["Key"] for item in listed.get("Contents", [])]

    def serve(self, number: int, **endpoint: Any) -> Deployed:
        """Promote a version of an endpoint that follows the champion."""
        deployment = self.deployment(**endpoint)
        serving.save(self.work(), deployment)
        return serving.promote(self.work(), deployment, number)

    def endpoint(self) -> dict[str, Any]:
        return self.sagemaker.describe_endpoint(EndpointName=self.inputs()["endpoint"])

    @contextmanager
    def failing(self, reason: str) -> Generator[None]:
        """Let no container come up meanwhile."""
        self.containers.reason = reason
        try:
            yield
        finally:
            self.containers.reason = ""

    def parts(self) -> tuple[int, int]:
        """Return how many models and how many configurations there are."""
        models = self.sagemaker.list_models(MaxResults=100)["Models"]
        configurations = self.sagemaker.list_endpoint_configs(MaxResults=100)["EndpointConfigs"]
        return len(models), len(configurations)

    def calls(self, *operations: str) -> list[dict[str, Any]]:
        """Return what was asked of the cloud, oldest first, of some operations."""
        return [one for one in self.cloud.control("calls") if one["operation"] in operations]


def digest(number: int) -> str:
    """Return the digest of a version's model."""
    return f"sha256:{number:064x}"


def run(number: int) -> dict[str, Any]:
    """Return `run.json` of the training that made a version."""
    model = {"path": "/opt/ml/model", "uri": None, "digest": digest(number), "serializations": {}}
    return {
        "version": 1,
        "status": "finished",
        "started": "2026-01-01T00:00:00+00:00",
        "ended": "2026-01-01T00:01:00+00:00",
        "metrics": {"auc": 0.5 + number / 100, "log loss": 0.25},
        "model": model,
    }


def archive(files: dict[str, str]) -> bytes:
    """Return a `tar.gz` of texts."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return made.getvalue()
