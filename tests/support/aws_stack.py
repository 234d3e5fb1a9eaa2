"""The stack `shop` on the AWS test cloud, through the real engine and the stand-in plugins.

The program reads `.wish.json` in its folder, so that a test changes a declaration as a user would.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jmespath
from botocore import xform_name
from mlops_iac_aws import names, registry, serving
from mlops_iac_aws.session import Place, clients
from pulumi import automation

from mlops_iac.components.building import build_plan
from mlops_iac.planning import Plan, plan
from mlops_iac.specs import Platform
from mlops_iac.stack import Declaration, Stack
from tests.clouds.aws.running import Cloud
from tests.providers.aws.scenarios import RUNTIME, delay, flights, late, score, write_files
from tests.support.engine import REPOSITORY, TOOLS, Engine

PLUGINS = REPOSITORY / "tests" / "clouds" / "aws" / "plugins"
"""Folder of the stand-ins; belongs on `PATH`."""
WISH = ".wish.json"
_PROGRAM = "from tests.support.aws_stack import declare\n\ndeclare()\n"

LISTS: Mapping[str, tuple[str, str, str]] = {
    "alarms": ("cloudwatch", "DescribeAlarms", "MetricAlarms[].AlarmName"),
    "aliases": ("kms", "ListAliases", "Aliases[?!starts_with(AliasName, 'alias/aws/')].AliasName"),
    "artifacts": ("sagemaker", "ListArtifacts", "ArtifactSummaries[].ArtifactArn"),
    "buckets": ("s3", "ListBuckets", "Buckets[].Name"),
    "checks": (
        "sagemaker",
        "ListDataQualityJobDefinitions",
        "JobDefinitionSummaries[].MonitoringJobDefinitionName",
    ),
    "cards": ("sagemaker", "ListModelCards", "ModelCardSummaries[].ModelCardName"),
    "configurations": ("sagemaker", "ListEndpointConfigs", "EndpointConfigs[].EndpointConfigName"),
    "endpoints": ("sagemaker", "ListEndpoints", "Endpoints[].EndpointName"),
    "groups": (
        "sagemaker",
        "ListModelPackageGroups",
        "ModelPackageGroupSummaryList[].ModelPackageGroupName",
    ),
    "logs": ("logs", "DescribeLogGroups", "logGroups[].logGroupName"),
    "models": ("sagemaker", "ListModels", "Models[].ModelName"),
    "monitors": (
        "sagemaker",
        "ListMonitoringSchedules",
        "MonitoringScheduleSummaries[].MonitoringScheduleName",
    ),
    "pipelines": ("sagemaker", "ListPipelines", "PipelineSummaries[].PipelineName"),
    "projects": ("codebuild", "ListProjects", "projects"),
    "repositories": ("ecr", "DescribeRepositories", "repositories[].repositoryName"),
    "roles": ("iam", "ListRoles", "Roles[].RoleName"),
    "rules": ("events", "ListRules", "Rules[].Name"),
    "schedules": ("scheduler", "ListSchedules", "Schedules[].Name"),
    "topics": ("sns", "ListTopics", "Topics[].TopicArn"),
    "tracking": ("sagemaker", "ListMlflowApps", "Summaries[].Arn"),
}
"""Where plain boto3 sees everything that a stack may leave; keys of KMS are asked one by one."""


def declare() -> None:
    """Register the stack that `.wish.json` in this folder wishes for."""
    folder = Path.cwd()
    build_plan(_plan(folder, json.loads((folder / WISH).read_text())).require())


def _plan(folder: Path, wish: Mapping[str, Any]) -> Plan:
    where = {"target": "aws", "region": "eu-west-1", "account": "123456789012"}
    platform = Platform("platform", **where, runtime_image=RUNTIME, **wish.get("platform", {}))
    components = [
        flights(),
        late(**wish.get("late", {})),
        delay(run="manual", **wish.get("delay", {})),
        score(**{"model": "late@champion", **wish.get("score", {})}),
    ]
    return plan(Declaration(Stack("shop", platform=platform, components=components), folder))


def everything(cloud: Cloud) -> dict[str, set[str]]:
    """Return what plain boto3 sees in the cloud, by kind; kinds without any are left out."""
    found = {kind: _listed(cloud, *how) for kind, how in LISTS.items()}
    return {kind: named for kind, named in {**found, "keys": _keys(cloud)}.items() if named}


def _listed(cloud: Cloud, service: str, operation: str, path: str) -> set[str]:
    answer = getattr(cloud.client(service), xform_name(operation))()
    return set(jmespath.search(path, answer) or ())


def _keys(cloud: Cloud) -> set[str]:
    kms = cloud.client("kms")
    known = [item["KeyId"] for item in kms.list_keys()["Keys"]]
    described = [kms.describe_key(KeyId=key)["KeyMetadata"] for key in known]
    return {
        key["KeyId"]
        for key in described
        if key["KeyState"] != "PendingDeletion" and key["KeyManager"] == "CUSTOMER"
    }


@dataclass(frozen=True)
class AwsStack:
    """One stack, its engine and its cloud."""

    engine: Engine
    cloud: Cloud
    folder: Path

    @classmethod
    def make(cls, engine: Engine, cloud: Cloud, **wish: Any) -> "AwsStack":
        """Write the project and its first wish; nothing is deployed."""
        path = f"{PLUGINS}{os.pathsep}{engine.env['PATH']}"
        engine.extra.update({**cloud.environment, "PATH": path})
        made = cls(engine, cloud, engine.project(_PROGRAM, name="shop"))
        write_files(made.folder)
        made.wish(**wish)
        return made

    def wish(self, **fields: Any) -> None:
        """Declare further fields of components, by the component's name."""
        (self.folder / WISH).write_text(json.dumps(fields))

    @property
    def pulumi(self) -> automation.Stack:
        """The stack for Pulumi's Automation API."""
        options = automation.LocalWorkspaceOptions(
            env_vars=self.engine.env,
            pulumi_command=automation.PulumiCommand(root=str(TOOLS), skip_version_check=True),
        )
        return automation.select_stack("dev", work_dir=str(self.folder), opts=options)

    def preview(self) -> Mapping[str, int]:
        """Return the number of resources by what `up` would do."""
        return {str(op): n for op, n in self.pulumi.preview().change_summary.items()}

    def up(self) -> Mapping[str, int]:
        """Deploy; return the number of resources by what was done."""
        return _changes(self.pulumi.up())

    def refresh(self) -> Mapping[str, int]:
        """Read everything; return the number of resources by what has changed outside."""
        return _changes(self.pulumi.refresh())

    def destroy(self) -> Mapping[str, int]:
        """Remove everything; return the number of resources by what was done."""
        return _changes(self.pulumi.destroy())

    def output(self, component: str, name: str) -> Any:
        """Return an output of a component."""
        return self.pulumi.outputs()[component].value[name]

    def name(self, kind: str, *parts: str) -> str:
        """Return the physical name of something, by the function of `names` that makes it."""
        scope = _plan(self.folder, json.loads((self.folder / WISH).read_text())).scopes["score"]
        return getattr(names, kind)(scope, *parts)

    def register(self) -> int:
        """Register an approved version as a training's pipeline does; return its number.

        Its archive is empty: in this cloud nothing reads it.
        """
        sagemaker, bucket = self.cloud.client("sagemaker"), self.name("bucket")
        group = self.name("model_group", "late")
        listed = sagemaker.list_model_packages(ModelPackageGroupName=group)
        number = len(listed["ModelPackageSummaryList"]) + 1
        key = f"runs/delay/run-{number}/output/model.tar.gz"
        self.cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=b"")
        sagemaker.create_model_package(
            ModelPackageGroupName=group,
            ModelApprovalStatus="Approved",
            InferenceSpecification={
                "Containers": [{"Image": RUNTIME, "ModelDataUrl": f"s3://{bucket}/{key}"}],
                "SupportedContentTypes": ["application/json"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
            CustomerMetadataProperties={
                registry.JOB: "delay",
                registry.RUN_KEY: f"key{number}",
                registry.DIGEST: f"sha256:{number:064x}",
            },
        )
        return number

    def promote(self, number: int) -> None:
        """Promote a version from outside, as the run-time verb does."""
        have = clients(
            Place(
                region=self.cloud.region,
                endpoints=tuple(
                    (service, self.cloud.address)
                    for service in ("application-autoscaling", "s3", "sagemaker", "sts")
                ),
            )
        )
        work = serving.Work(clients=have, log=lambda _: None, pause=lambda _: None)
        serving.promote(work, serving.load(have, self.name("bucket"), "score"), number)


def _changes(result: Any) -> Mapping[str, int]:
    return dict(result.summary.resource_changes or {})
