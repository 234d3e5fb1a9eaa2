"""The stack `shop` on the AWS test cloud, through the real engine and the stand-in plugins.

The program reads `.wish.json` in its folder, so that a test changes a declaration as a user would.
"""

import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jmespath
from botocore import xform_name
from mlops_iac_aws import names, registry, serving
from mlops_iac_aws.session import Clients, Place, clients
from pulumi import automation

from mlops_iac.components.building import build_plan
from mlops_iac.planning import Plan, plan
from mlops_iac.specs import Platform, Spec
from mlops_iac.stack import Declaration, Stack
from tests.clouds.aws.running import Cloud
from tests.providers.aws.scenarios import RUNTIME, delay, flights, late, score, write_files
from tests.support.engine import REPOSITORY, TOOLS, Engine

PLUGINS = REPOSITORY / "tests" / "clouds" / "aws" / "plugins"
"""Folder of the stand-ins; belongs on `PATH`."""
PLACE = {"target": "aws", "region": "eu-west-1", "account": "123456789012"}
WISH = ".wish.json"
Declared = Callable[[], tuple[Spec, ...]]
_PROGRAM = "from {0} import {1}\nfrom tests.support.aws_stack import declare\n\ndeclare({1})\n"

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
    "features": ("sagemaker", "ListFeatureGroups", "FeatureGroupSummaries[].FeatureGroupName"),
    "flow logs": ("ec2", "DescribeFlowLogs", "FlowLogs[].FlowLogId"),
    "gateways": (
        "ec2",
        "DescribeVpcEndpoints",
        "VpcEndpoints[?State!='deleted'].VpcEndpointId",
    ),
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
    "policies": (
        "iam",
        "ListPolicies",
        "Policies[?!starts_with(Arn, 'arn:aws:iam::aws:')].PolicyName",
    ),
    "projects": ("codebuild", "ListProjects", "projects"),
    "qualities": (
        "sagemaker",
        "ListModelQualityJobDefinitions",
        "JobDefinitionSummaries[].MonitoringJobDefinitionName",
    ),
    "repositories": ("ecr", "DescribeRepositories", "repositories[].repositoryName"),
    "route tables": ("ec2", "DescribeRouteTables", "RouteTables[].RouteTableId"),
    "roles": ("iam", "ListRoles", "Roles[].RoleName"),
    "rules": ("events", "ListRules", "Rules[].Name"),
    "schedules": ("scheduler", "ListSchedules", "Schedules[].Name"),
    "security groups": ("ec2", "DescribeSecurityGroups", "SecurityGroups[].GroupId"),
    "servers": (
        "sagemaker",
        "ListMlflowTrackingServers",
        "TrackingServerSummaries[].TrackingServerName",
    ),
    "subnets": ("ec2", "DescribeSubnets", "Subnets[].SubnetId"),
    "topics": ("sns", "ListTopics", "Topics[].TopicArn"),
    "tracking": ("sagemaker", "ListMlflowApps", "Summaries[].Arn"),
    "vpcs": ("ec2", "DescribeVpcs", "Vpcs[].VpcId"),
}
"""Where plain boto3 sees everything that a stack may leave; keys of KMS are asked one by one."""


def few() -> tuple[Spec, ...]:
    """Return the five first kinds; nothing runs by itself."""
    return (flights(), late(), delay(run="manual"), score(model="late@champion"))


def declare(components: Declared) -> None:
    """Register the stack that `.wish.json` in this folder wishes for."""
    build_plan(_plan(components(), Path.cwd()).require())


def _plan(components: Iterable[Spec], folder: Path) -> Plan:
    wish = json.loads((folder / WISH).read_text())
    fields: Any = {**PLACE, "runtime_image": RUNTIME, **wish.get("platform", {})}
    platform = Platform("platform", **fields)
    wished = [_with(spec, wish.get(spec.name, {})) for spec in components]
    return plan(Declaration(Stack("shop", platform=platform, components=wished), folder))


def _with(spec: Spec, fields: Mapping[str, Any]) -> Spec:
    """Return a component that is declared with further fields."""
    said = {name: getattr(spec, name) for name in spec.model_fields_set}
    return type(spec)(**{**said, **fields})


def everything(cloud: Cloud) -> dict[str, set[str]]:
    """Return what plain boto3 sees in the cloud, by kind; kinds without any are left out."""
    found = {kind: _listed(cloud, *how) for kind, how in LISTS.items()}
    return {kind: named for kind, named in {**found, "keys": _keys(cloud)}.items() if named}


def _listed(cloud: Cloud, service: str, operation: str, path: str) -> set[str]:
    client, name = cloud.client(service), xform_name(operation)
    if client.can_paginate(name):
        return set(client.get_paginator(name).paginate().search(path))
    return set(jmespath.search(path, getattr(client, name)()) or ())


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
    components: Declared = few

    @classmethod
    def make(
        cls, engine: Engine, cloud: Cloud, *, components: Declared = few, **wish: Any
    ) -> "AwsStack":
        """Write the project and its first wish; nothing is deployed.

        Args:
            engine: what deploys.
            cloud: where to.
            components: a function of a module, by which the program finds it.
            wish: further fields of components, by the component's name.
        """
        path = f"{PLUGINS}{os.pathsep}{engine.env['PATH']}"
        engine.extra.update({**cloud.environment, "PATH": path})
        program = _PROGRAM.format(components.__module__, components.__name__)
        made = cls(engine, cloud, engine.project(program, name="shop"), components)
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

    def up(self, *, refresh: bool = False) -> Mapping[str, int]:
        """Deploy, if asked after reading everything; return the number of resources by change."""
        return _changes(self.pulumi.up(refresh=refresh))

    def refresh(self) -> Mapping[str, int]:
        """Read everything; return the number of resources by what has changed outside."""
        return _changes(self.pulumi.refresh())

    def destroy(self) -> Mapping[str, int]:
        """Remove everything; return the number of resources by what was done."""
        return _changes(self.pulumi.destroy())

    def resources(self) -> list[dict[str, Any]]:
        """Return what the state holds of each resource."""
        return self._exported()["deployment"]["resources"]

    def forget(self, types: Collection[str]) -> list[dict[str, Any]]:
        """Take resources out of the state, as if others had made them; return them."""
        document = self._exported()
        resources = document["deployment"]["resources"]
        gone = {r["urn"]: r for r in resources if r["type"] in types}
        kept = [_without(r, gone) for r in resources if r["urn"] not in gone]
        document["deployment"]["resources"] = kept
        file = self.engine.folder / "state.json"
        file.write_text(json.dumps(document))
        self._cli("stack", "import", "--file", str(file))
        return list(gone.values())

    def _exported(self) -> dict[str, Any]:
        return json.loads(self._cli("stack", "export"))

    def import_again(self, resources: Sequence[Mapping[str, Any]]) -> None:
        """Import what the state once held, by type, name and id, as `pulumi import` does."""
        file = self.engine.folder / "import.json"
        table = {f"r{i}": r["urn"] for i, r in enumerate(self.resources())}
        keys = {urn: key for key, urn in table.items()}
        wanted = [
            {
                "type": r["type"],
                "name": r["urn"].split("::")[-1],
                "id": r["id"],
                "parent": keys[r["parent"]],
                "provider": keys[r["provider"].rpartition("::")[0]],
            }
            for r in resources
        ]
        file.write_text(json.dumps({"nameTable": table, "resources": wanted}))
        self._cli(
            "import", "--file", str(file), "--yes", "--skip-preview", "--generate-code=false",
            "--protect=false",
        )  # fmt: skip

    def _cli(self, *words: str) -> str:
        done = self.engine.cli(*words, cwd=self.folder)
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        return done.stdout

    def output(self, component: str, name: str) -> Any:
        """Return an output of a component."""
        return self.pulumi.outputs()[component].value[name]

    def name(self, kind: str, *parts: str) -> str:
        """Return the physical name of something, by the function of `names` that makes it."""
        scope = _plan(self.components(), self.folder).scopes["score"]
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

    def challenge(self, number: int) -> None:
        """Let the alias `challenger` name a version; deploying resolves it."""
        registry.set_alias(self._clients, self.name("model_group", "late"), "challenger", number)

    def promote(self, number: int) -> None:
        """Promote a version from outside, as the run-time verb does."""
        have = self._clients
        work = serving.Work(clients=have, log=lambda _: None, pause=lambda _: None)
        serving.promote(work, serving.load(have, self.name("bucket"), "score"), number)

    @property
    def _clients(self) -> Clients:
        return clients(
            Place(
                region=self.cloud.region,
                endpoints=tuple(
                    (service, self.cloud.address)
                    for service in ("application-autoscaling", "s3", "sagemaker", "sts")
                ),
            )
        )


def _without(resource: dict[str, Any], gone: Collection[str]) -> dict[str, Any]:
    """Return a resource's state without what it says of others that are gone."""
    depends = [urn for urn in resource.get("dependencies", ()) if urn not in gone]
    by_property = {
        name: [urn for urn in urns or () if urn not in gone]
        for name, urns in resource.get("propertyDependencies", {}).items()
    }
    return {**resource, "dependencies": depends, "propertyDependencies": by_property}


def _changes(result: Any) -> Mapping[str, int]:
    return dict(result.summary.resource_changes or {})
