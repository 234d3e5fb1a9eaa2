"""Networks. Rules are made one by one (`internal/service/ec2/vpc_security_group_*_rule.go`)."""

from collections.abc import Callable, Mapping
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
            "prefixListId": "PrefixListId",
            "referencedSecurityGroupId": "ReferencedGroupInfo.GroupId",
        },
        # moto forgets it of a rule between groups.
        silent=frozenset({"description"}),
        prepare=_permission,
    )


def _named(kind: str, made: str, *, plural: str = "", **more: Any) -> Row:
    """Return the row of a thing that EC2 names, and describes in a list of one."""
    listed = plural or f"{kind}s"
    return Row(
        service="ec2",
        id=(f"{kind}Id",),
        made=made,
        create=more.pop("create", Call(f"Create{kind}")),
        read=(
            Call(f"Describe{listed}", {f"{kind}Ids": "[id]"}, f"{listed}[0]"),
            *more.pop("reads", ()),
        ),
        delete=more.pop("delete", (Call(f"Delete{kind}"),)),
        **more,
    )


def _attribute(name: str) -> tuple[Call, Call]:
    """Return how an attribute of a VPC is set, and read."""
    member = name[:1].upper() + name[1:]
    return (
        Call("ModifyVpcAttribute", {member: f"{{Value: input.{name}}}"}, when=f"input.{name}"),
        Call("DescribeVpcAttribute", {"Attribute": f"'{name}'"}, f"{{{member}: {member}.Value}}"),
    )


def _close(view: View, call: Callable[..., Any]) -> None:
    """Remove the rules that a default group comes with (`vpc_default_security_group.go`)."""
    answer = call("ec2", "DescribeSecurityGroups", GroupIds=[view["id"]])["SecurityGroups"][0]
    for way, member in (("Ingress", "IpPermissions"), ("Egress", "IpPermissionsEgress")):
        if answer[member]:
            operation = f"RevokeSecurityGroup{way}"
            call("ec2", operation, GroupId=view["id"], IpPermissions=answer[member])


_SUPPORT, _SUPPORT_READ = _attribute("enableDnsSupport")
_HOSTNAMES, _HOSTNAMES_READ = _attribute("enableDnsHostnames")
_OF_VPC = "[{Name: 'vpc-id', Values: [input.vpcId]}, {Name: 'group-name', Values: ['default']}]"
# The addresses behind a gateway have a list of their own (`vpc_endpoint.go`).
_PREFIX_LIST = Call(
    "DescribeManagedPrefixLists",
    {"Filters": "[{Name: 'prefix-list-name', Values: [input.serviceName]}]"},
    "{PrefixListId: PrefixLists[0].PrefixListId}",
)

NETWORK: Mapping[str, Row] = {
    "aws:ec2/securityGroup:SecurityGroup": Row(
        service="ec2",
        id=("GroupId",),
        made="GroupId",
        create=Call("CreateSecurityGroup"),
        read=(Call("DescribeSecurityGroups", {"GroupIds": "[id]"}, "SecurityGroups[0]"),),
        delete=(Call("DeleteSecurityGroup", {"GroupName": "null"}),),
        outputs={"arn": "found.SecurityGroupArn", "ownerId": "found.OwnerId"},
    ),
    "aws:ec2/vpc:Vpc": _named(
        "Vpc",
        "Vpc.VpcId",
        reads=(_SUPPORT_READ, _HOSTNAMES_READ),
        also=(_SUPPORT, _HOSTNAMES),
        outputs={"arn": "join(':', ['arn:aws:ec2', region, account, join('/', ['vpc', id])])"},
        told={"enableDnsSupport": "EnableDnsSupport", "enableDnsHostnames": "EnableDnsHostnames"},
    ),
    "aws:ec2/subnet:Subnet": _named(
        "Subnet",
        "Subnet.SubnetId",
        also=(
            Call(
                "ModifySubnetAttribute",
                {"MapPublicIpOnLaunch": "{Value: input.mapPublicIpOnLaunch || `false`}"},
            ),
        ),
        outputs={"arn": "found.SubnetArn", "availabilityZone": "found.AvailabilityZone"},
        told={"mapPublicIpOnLaunch": "MapPublicIpOnLaunch"},
    ),
    "aws:ec2/routeTable:RouteTable": _named("RouteTable", "RouteTable.RouteTableId"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Row(
        service="ec2",
        id=("AssociationId",),
        made="AssociationId",
        create=Call("AssociateRouteTable"),
        read=(
            Call(
                "DescribeRouteTables",
                {"RouteTableIds": "[input.routeTableId]"},
                "RouteTables[0].Associations[?RouteTableAssociationId=='%(AssociationId)s'] | [0]",
            ),
        ),
        delete=(Call("DisassociateRouteTable"),),
    ),
    # Comes with its network and goes with it.
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Row(
        service="ec2",
        id=("GroupId",),
        made="SecurityGroups[0].GroupId",
        create=Call("DescribeSecurityGroups", {"Filters": _OF_VPC}),
        read=(Call("DescribeSecurityGroups", {"GroupIds": "[id]"}, "SecurityGroups[0]"),),
        delete=(),
        settle=_close,
    ),
    "aws:ec2/flowLog:FlowLog": _named(
        "FlowLog",
        "FlowLogIds[0]",
        create=Call("CreateFlowLogs", {"ResourceIds": "[input.vpcId]", "ResourceType": "'VPC'"}),
        delete=(Call("DeleteFlowLogs", {"FlowLogIds": "[id]"}),),
        told={"vpcId": "ResourceId"},
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _named(
        "VpcEndpoint",
        "VpcEndpoint.VpcEndpointId",
        update=(Call("ModifyVpcEndpoint"),),
        reads=(_PREFIX_LIST,),
        delete=(Call("DeleteVpcEndpoints", {"VpcEndpointIds": "[id]"}),),
        gone="State == 'deleted'",
        outputs={"prefixListId": "found.PrefixListId"},
        told={"securityGroupIds": "Groups[].GroupId"},
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule("Ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule("Egress"),
}
