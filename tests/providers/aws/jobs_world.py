"""Declared jobs on the test cloud, which executes them: what `up` would register. Not a test."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_iac_aws.resources.image_build import ImageBuildHandler
from mlops_iac_aws.resources.job_run import JobRunHandler

from mlops_iac.specs import Spec
from tests.clouds.aws.running import REGION, Cloud
from tests.providers.aws.harness import Recorded, record
from tests.providers.aws.scenarios import RUNTIME
from tests.providers.local.world import FakeCall

ROLE = "arn:aws:iam::123456789012:role/pipeline"


@dataclass
class Shop:
    """A stack whose pipelines and objects are in a test cloud."""

    cloud: Cloud
    folder: Path
    recorded: Recorded = field(default_factory=lambda: Recorded(()))

    def declare(self, *components: Spec, runtime_image: str | None = RUNTIME) -> None:
        """Put what the components register into the cloud, as the official providers would."""
        # Isolated jobs have no tracking: no value is left that only deploying tells.
        self.recorded = record(
            self.folder, *components, profile="prod", runtime_image=runtime_image
        )
        for made in self.recorded.of_type("aws:s3/bucketObjectv2:BucketObjectv2"):
            self._upload(made.inputs)
        for made in self.recorded.of_type("aws:sagemaker/modelPackageGroup:ModelPackageGroup"):
            self._group(made.inputs)
        for made in self.recorded.of_type("aws:sagemaker/pipeline:Pipeline"):
            self._define(made.inputs)

    def run(self, job: str, **changed: Any) -> tuple[str, Mapping[str, Any]]:
        """Create the `JobRun` of a job as the engine would; return its id and state."""
        return JobRunHandler().create(self.inputs(job, **changed), self.call())

    def inputs(self, job: str, **changed: Any) -> dict[str, Any]:
        """Return what is registered of the run of a job."""
        known = {name: v for name, v in self.recorded.one(f"{job}-run").inputs.items() if v}
        return {**known, "wait": "finished", **changed}

    def build(self, image: str, base: str) -> str:
        """Create the `ImageBuild` of a job as the engine would; return the image by digest."""
        self.cloud.client("ecr").create_repository(
            repositoryName=self.recorded.one("platform-images").inputs["name"]
        )
        builder = self.recorded.one("platform-builder").inputs
        asked = ("name", "source", "artifacts", "environment", "serviceRole")
        self.cloud.client("codebuild").create_project(**{name: builder[name] for name in asked})
        inputs = self.recorded.one(image).inputs
        (start,) = inputs["requests"]
        told = {"IMAGE_TAG": "of-the-job", "BASE": base}
        variables = [
            {**variable, "value": told[variable["name"]]}
            for variable in start["body"]["environmentVariablesOverride"]
        ]
        body = {
            **start["body"],
            "environmentVariablesOverride": variables,
            "idempotencyToken": told["IMAGE_TAG"],
        }
        wanted = {**inputs, "tag": told["IMAGE_TAG"], "requests": [{**start, "body": body}]}
        return ImageBuildHandler().create(wanted, self.call())[1]["image"]

    def call(self) -> Any:
        """Return a call of the plugin's for this cloud."""
        services = ("codebuild", "ecr", "s3", "sagemaker", "logs")
        endpoints = dict.fromkeys(services, self.cloud.address)
        return FakeCall("urn:run", {"region": REGION, "endpoints": endpoints})

    def objects(self, prefix: str) -> list[str]:
        """Return the keys in the bucket that begin so."""
        answer = self.cloud.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for item in answer.get("Contents", ())]

    @property
    def bucket(self) -> str:
        """The stack's bucket."""
        return self.recorded.one("platform-artifacts").inputs["bucket"]

    def _upload(self, inputs: Mapping[str, Any]) -> None:
        s3, bucket = self.cloud.client("s3"), inputs["bucket"]
        if bucket not in {item["Name"] for item in s3.list_buckets()["Buckets"]}:
            where = {"LocationConstraint": REGION}
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
        s3.put_object(Bucket=bucket, Key=inputs["key"], Body=_content(inputs))

    def _group(self, inputs: Mapping[str, Any]) -> None:
        create = self.cloud.client("sagemaker").create_model_package_group
        create(ModelPackageGroupName=inputs["modelPackageGroupName"])

    def _define(self, inputs: Mapping[str, Any]) -> None:
        self.cloud.client("sagemaker").create_pipeline(
            PipelineName=inputs["pipelineName"],
            PipelineDescription=inputs["pipelineDescription"],
            PipelineDefinition=inputs["pipelineDefinition"],
            RoleArn=ROLE,
            ClientRequestToken=inputs["pipelineName"].ljust(32, "-"),
        )


def _content(inputs: Mapping[str, Any]) -> bytes:
    source = inputs.get("source")
    if source is None:
        text = inputs.get("content")
        return text.encode() if isinstance(text, str) else b"{}"
    if "path" in source:
        return Path(source["path"]).read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, asset in source["assets"].items():
            archive.write(asset["path"], name)
    return packed.getvalue()
