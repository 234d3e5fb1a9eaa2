"""Networks. Rules are made one by one (`internal/service/ec2/vpc_security_group_*_rule.go`)."""

from collections.abc import Mapping
from typing import Any

from tests.clouds.aws.plugins.rows import Call, Row, View


def _permission(view: View) -> Mapping[str, Any]:
    """Return one flat rule as the API nests it."""
    inputs = view["input"]
    text = {"Description": inputs["description"]} if inputs.get("description") else {}
    sources = {
        "IpRanges": ("cidrIpv4", "CidrIp"),
        "Ipv6Ranges": ("cidrIpv6", "CidrIpv6"),
        "PrefixListIds": ("prefixListId", "PrefixListId"),
        "UserIdGroupPairs": ("referencedSecurityGroupId", "GroupId"),
    }
    permission = {
        "IpProtocol": inputs["ipProtocol"],
        **{
            api: [{member: inputs[name], **text}]
            for api, (name, member) in sources.items()
            if inputs.get(name)
        },
        **{
            api: inputs[name]
            for api, name in (("FromPort", "fromPort"), ("ToPort", "toPort"))
            if inputs.get(name) is not None
        },
    }
    return {"GroupId": inputs["securityGroupId"], "IpPermissions": [permission]}


def _rule(way: str) -> Row:
    return Row(
        service="ec2",
        id=("SecurityGroupRuleId",),
        made="SecurityGroupRules[0].SecurityGroupRuleId",
        create=Call(f"AuthorizeSecurityGroup{way}"),
        read=(
            Call(
                "DescribeSecurityGroupRules",
                {"SecurityGroupRuleIds": "[id]"},
                "SecurityGroupRules[0]",
            ),
        ),
        update=(
            Call(
                "ModifySecurityGroupRules",
                {
                    "GroupId": "input.securityGroupId",
                    "SecurityGroupRules": "[{SecurityGroupRuleId: id, SecurityGroupRule: {"
                    "IpProtocol: input.ipProtocol, FromPort: input.fromPort,"
                    "ToPort: input.toPort, CidrIpv4: input.cidrIpv4,"
                    "Description: input.description,"
                    "ReferencedGroupId: input.referencedSecurityGroupId}}]",
                },
            ),
        ),
        delete=(
            Call(
                f"RevokeSecurityGroup{way}",
                {"SecurityGroupRuleIds": "[id]", "GroupId": "input.securityGroupId"},
            ),
        ),
        outputs={"securityGroupRuleId": "id"},
        told={
            "securityGroupId": "GroupId",
            "ipProtocol": "IpProtocol",
            "fromPort": "FromPort",
            "toPort": "ToPort",
            "description": "Description",
            "cidrIpv4": "CidrIpv4",
            "cidrIpv6": "CidrIpv6",
            "referencedSecurityGroupId": "ReferencedGroupInfo.GroupId",
        },
        prepare=_permission,
    )


NETWORK: Mapping[str, Row] = {
    "aws:ec2/securityGroup:SecurityGroup": Row(
        service="ec2",
        id=("GroupId",),
        made="GroupId",
        create=Call("CreateSecurityGroup"),
        read=(Call("DescribeSecurityGroups", {"GroupIds": "[id]"}, "SecurityGroups[0]"),),
        delete=(Call("DeleteSecurityGroup"),),
        outputs={"arn": "found.SecurityGroupArn", "ownerId": "found.OwnerId"},
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule("Ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule("Egress"),
}
