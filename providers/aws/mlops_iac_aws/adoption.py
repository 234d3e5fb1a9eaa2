"""Which resource of the official plugins a killed `up` has made: its id, told from its inputs.

The plugins adopt nothing: what was made and not recorded would be refused as existing, or made
twice. Our names are stable, so most ids are known; where AWS chooses one, it is looked up.
"""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from mlops_iac_aws import place
from mlops_iac_aws.faults import found
from mlops_iac_aws.session import Clients, Place, clients

Inputs = Mapping[str, Any]

IDS: Mapping[str, str] = {
    "aws:cloudwatch/eventRule:EventRule": "{name}",
    "aws:cloudwatch/logGroup:LogGroup": "{name}",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "{name}",
    "aws:codebuild/project:Project": "{name}",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "{repository}",
    "aws:ecr/repository:Repository": "{name}",
    "aws:iam/role:Role": "{name}",
    "aws:iam/rolePolicy:RolePolicy": "{role}:{name}",
    "aws:kms/alias:Alias": "{name}",
    "aws:s3/bucket:Bucket": "{bucket}",
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": "{trackingServerName}",
    "aws:sagemaker/modelCard:ModelCard": "{modelCardName}",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": "{modelPackageGroupName}",
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": "{name}",
    "aws:sagemaker/pipeline:Pipeline": "{pipelineName}",
    "aws:scheduler/schedule:Schedule": "{groupName}/{name}",
    "aws:sns/topic:Topic": f"arn:{place.PARTITION}:sns:{{region}}:{{account}}:{{name}}",
    "aws-native:sagemaker:FeatureGroup": "{featureGroupName}",
}
"""Ids by type, as a format of the inputs and of the provider's region and account.

Source: section "Import" of each resource of terraform-provider-aws; `primaryIdentifier` of the
CloudFormation schemas. What stands nowhere here is put, not created: doing it again changes
nothing.
"""
_DEFAULTS = MappingProxyType({"groupName": "default"})
_GONE = frozenset({"Deleted", "Deleting", "DeleteFailed"})


def made_id(token: str, inputs: Inputs, provider: Inputs) -> str | None:
    """Return the id of the resource that these inputs made; `None` when that cannot be told.

    It may never have been made: whoever reads it by the id sees.

    Args:
        token: type of the resource.
        inputs: its inputs.
        provider: inputs of its Pulumi provider, as they stand in the state.
    """
    look = _LOOKS.get(token)
    if look is not None:
        return look(clients(_place(provider)), inputs)
    form = IDS.get(token)
    region, account = provider.get("region"), _account(provider)
    return form and form.format(**{"region": region, "account": account, **_DEFAULTS, **inputs})


def _place(provider: Inputs) -> Place:
    roles = json.loads(provider.get("assumeRoles") or "[]")
    endpoints = [item for group in json.loads(provider.get("endpoints") or "[]") for item in
                 group.items()]  # fmt: skip
    return Place(
        region=provider["region"],
        account=_account(provider),
        role=roles[0]["roleArn"] if roles else None,
        endpoints=tuple(sorted(endpoints)),
    )


def _account(provider: Inputs) -> str | None:
    accounts = json.loads(provider.get("allowedAccountIds") or "[]")
    return accounts[0] if accounts else None


def _key(aws: Clients, inputs: Inputs) -> str | None:
    tags = [{"Key": key, "Values": [value]} for key, value in inputs["tags"].items()]
    pages = aws("resourcegroupstaggingapi").get_paginator("get_resources")
    listed = pages.paginate(TagFilters=tags, ResourceTypeFilters=["kms:key"])
    arns = [item["ResourceARN"] for page in listed for item in page["ResourceTagMappingList"]]
    keys = [found(aws("kms").describe_key, KeyId=arn) for arn in arns]
    return _only(
        item["KeyMetadata"]["KeyId"]
        for item in keys
        if item is not None
        and item["KeyMetadata"]["KeyState"] == "Enabled"
        and item["KeyMetadata"]["Description"] == inputs["description"]
    )


def _mlflow_app(aws: Clients, inputs: Inputs) -> str | None:
    pages = aws("sagemaker").get_paginator("list_mlflow_apps").paginate()
    return _only(
        item["Arn"]
        for page in pages
        for item in page["Summaries"]
        if item["Name"] == inputs["name"] and item["Status"] not in _GONE
    )


def _artifact(aws: Clients, inputs: Inputs) -> str | None:
    pages = aws("sagemaker").get_paginator("list_artifacts")
    listed = pages.paginate(SourceUri=inputs["source"]["sourceUri"])
    return _only(
        item["ArtifactArn"]
        for page in listed
        for item in page["ArtifactSummaries"]
        if item["ArtifactName"] == inputs["artifactName"]
    )


def _security_group(aws: Clients, inputs: Inputs) -> str | None:
    filters = [
        {"Name": "group-name", "Values": [inputs["name"]]},
        {"Name": "vpc-id", "Values": [inputs["vpcId"]]},
    ]
    answer = aws("ec2").describe_security_groups(Filters=filters)
    return _only(item["GroupId"] for item in answer["SecurityGroups"])


def _only(ids: Any) -> str | None:
    """Return the one id there is; of several nobody knows which is meant."""
    first, *others = [*ids, None]
    return first if len(others) <= 1 else None


_LOOKS: Mapping[str, Callable[[Clients, Inputs], str | None]] = {
    "aws-native:sagemaker:Artifact": _artifact,
    "aws:ec2/securityGroup:SecurityGroup": _security_group,
    "aws:kms/key:Key": _key,
    "aws:sagemaker/mlflowApp:MlflowApp": _mlflow_app,
}
