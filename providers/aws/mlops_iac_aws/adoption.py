"""Which resource of the official plugins a killed `up` has made: its id, told from its inputs.

The plugins adopt nothing: what was made and not recorded would be refused as existing, or made
twice. Our names are stable, so most ids are known; where AWS chooses one, it is looked up.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from mlops_iac_aws import place
from mlops_iac_aws.faults import found
from mlops_iac_aws.session import Clients, Place, clients

Inputs = Mapping[str, Any]

_ARN = f"arn:{place.PARTITION}:{{}}:{{{{region}}}}:{{{{account}}}}:{{}}"

IDS: Mapping[str, str] = {
    "aws:cloudwatch/eventRule:EventRule": "{name}",
    "aws:cloudwatch/logGroup:LogGroup": "{name}",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "{name}",
    "aws:codebuild/project:Project": "{name}",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "{repository}",
    "aws:ecr/repository:Repository": "{name}",
    "aws:iam/policy:Policy": f"arn:{place.PARTITION}:iam::{{account}}:policy/{{name}}",
    "aws:iam/role:Role": "{name}",
    "aws:iam/rolePolicy:RolePolicy": "{role}:{name}",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "{role}/{policyArn}",
    "aws:kms/alias:Alias": "{name}",
    "aws:s3/bucket:Bucket": "{bucket}",
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": "{trackingServerName}",
    "aws:sagemaker/modelCard:ModelCard": "{modelCardName}",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": "{modelPackageGroupName}",
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": "{name}",
    "aws:sagemaker/pipeline:Pipeline": "{pipelineName}",
    "aws:scheduler/schedule:Schedule": "{groupName}/{name}",
    "aws:sns/topic:Topic": _ARN.format("sns", "{name}"),
    "aws-native:sagemaker:DataQualityJobDefinition": _ARN.format(
        "sagemaker", "data-quality-job-definition/{jobDefinitionName}"
    ),
    "aws-native:sagemaker:FeatureGroup": "{featureGroupName}",
    "aws-native:sagemaker:ModelQualityJobDefinition": _ARN.format(
        "sagemaker", "model-quality-job-definition/{jobDefinitionName}"
    ),
}
"""Ids by type, as a format of the inputs and of the provider's region and account.

Source: section "Import" of each resource of terraform-provider-aws; `primaryIdentifier` of the
CloudFormation schemas.
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


@dataclass(frozen=True)
class _Described:
    """How EC2 finds what it named itself."""

    operation: str
    listed: str
    id: str
    filters: Mapping[str, str]
    """Inputs by the filter that they must pass."""
    by_tags: bool = False
    """Whether only its tags tell it from others."""
    parameter: str = "Filters"

    def __call__(self, aws: Clients, inputs: Inputs) -> str | None:
        """Return the one id whose thing passes."""
        wanted = {name: inputs[value] for name, value in self.filters.items()}
        if self.by_tags:
            wanted |= {f"tag:{key}": value for key, value in (inputs.get("tags") or {}).items()}
        asked = [{"Name": name, "Values": [value]} for name, value in wanted.items()]
        pages = aws("ec2").get_paginator(self.operation).paginate(**{self.parameter: asked})
        return _only(item[self.id] for page in pages for item in page[self.listed])


def _association(aws: Clients, inputs: Inputs) -> str | None:
    asked = [{"Name": "association.subnet-id", "Values": [inputs["subnetId"]]}]
    pages = aws("ec2").get_paginator("describe_route_tables").paginate(Filters=asked)
    return _only(
        item["RouteTableAssociationId"]
        for page in pages
        for table in page["RouteTables"]
        for item in table["Associations"]
        if item.get("SubnetId") == inputs["subnetId"]
    )


def _group_rule(aws: Clients, inputs: Inputs, *, is_egress: bool) -> str | None:
    asked = [{"Name": "group-id", "Values": [inputs["securityGroupId"]]}]
    pages = aws("ec2").get_paginator("describe_security_group_rules").paginate(Filters=asked)
    return _only(
        rule["SecurityGroupRuleId"]
        for page in pages
        for rule in page["SecurityGroupRules"]
        if rule["IsEgress"] is is_egress and _flat(rule) == _asked(inputs)
    )


def _flat(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    other = rule.get("ReferencedGroupInfo", {}).get("GroupId")
    ports = _port(rule.get("FromPort")), _port(rule.get("ToPort"))
    return rule["IpProtocol"], *ports, rule.get("CidrIpv4"), other


def _asked(inputs: Inputs) -> tuple[Any, ...]:
    ports = _port(inputs.get("fromPort")), _port(inputs.get("toPort"))
    return (
        inputs["ipProtocol"],
        *ports,
        inputs.get("cidrIpv4"),
        inputs.get("referencedSecurityGroupId"),
    )


def _port(number: float | None) -> int | None:
    # EC2 tells -1 of a rule for all ports.
    return None if number is None or number == -1 else int(number)


def _only(ids: Any) -> str | None:
    """Return the one id there is; of several nobody knows which is meant."""
    first, *others = [*ids, None]
    return first if len(others) <= 1 else None


_LOOKS: Mapping[str, Callable[[Clients, Inputs], str | None]] = {
    "aws-native:sagemaker:Artifact": _artifact,
    "aws:ec2/flowLog:FlowLog": _Described(
        "describe_flow_logs", "FlowLogs", "FlowLogId", {"resource-id": "vpcId"}, parameter="Filter"
    ),
    "aws:ec2/routeTable:RouteTable": _Described(
        "describe_route_tables", "RouteTables", "RouteTableId", {"vpc-id": "vpcId"}, by_tags=True
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _association,
    "aws:ec2/securityGroup:SecurityGroup": _Described(
        "describe_security_groups",
        "SecurityGroups",
        "GroupId",
        {"group-name": "name", "vpc-id": "vpcId"},
    ),
    "aws:ec2/subnet:Subnet": _Described(
        "describe_subnets", "Subnets", "SubnetId", {"cidr-block": "cidrBlock", "vpc-id": "vpcId"}
    ),
    "aws:ec2/vpc:Vpc": _Described(
        "describe_vpcs", "Vpcs", "VpcId", {"cidr": "cidrBlock"}, by_tags=True
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _Described(
        "describe_vpc_endpoints",
        "VpcEndpoints",
        "VpcEndpointId",
        {"service-name": "serviceName", "vpc-id": "vpcId"},
    ),
    "aws:kms/key:Key": _key,
    "aws:sagemaker/mlflowApp:MlflowApp": _mlflow_app,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": partial(_group_rule, is_egress=True),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": partial(
        _group_rule, is_egress=False
    ),
}
KNOWN = frozenset({*IDS, *_LOOKS})
"""Types whose id can be told; what stands nowhere here is put, not created."""
