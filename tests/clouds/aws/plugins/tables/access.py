"""Roles, policies and keys. Ids: terraform-provider-aws, `internal/service/{iam,kms}/`."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.clouds.aws.plugins.rows import Call, Row, View, words


def _detach_all(view: View, call: Callable[..., Any]) -> None:
    """Do what `forceDetachPolicies` asks for."""
    name = view["id"]
    if not view["input"].get("forceDetachPolicies"):
        return
    for policy in call("iam", "ListRolePolicies", RoleName=name)["PolicyNames"]:
        call("iam", "DeleteRolePolicy", RoleName=name, PolicyName=policy)
    for policy in call("iam", "ListAttachedRolePolicies", RoleName=name)["AttachedPolicies"]:
        call("iam", "DetachRolePolicy", RoleName=name, PolicyArn=policy["PolicyArn"])


_ROTATE = Call(
    "EnableKeyRotation",
    {"RotationPeriodInDays": "input.rotationPeriodInDays"},
    when="input.enableKeyRotation",
)
_STOP_ROTATING = Call(
    "DisableKeyRotation", when="!input.enableKeyRotation && old.enableKeyRotation"
)

ACCESS: Mapping[str, Row] = {
    "aws:iam/role:Role": Row(
        service="iam",
        id=("RoleName",),
        create=Call("CreateRole"),
        read=(Call("GetRole", at="Role"),),
        update=(
            Call("UpdateAssumeRolePolicy", {"PolicyDocument": "body.AssumeRolePolicyDocument"}),
            Call("UpdateRole"),
        ),
        delete=(Call("DeleteRole"),),
        outputs={"arn": "found.Arn", "uniqueId": "found.RoleId", "createDate": "found.CreateDate"},
        empty=_detach_all,
    ),
    "aws:iam/rolePolicy:RolePolicy": Row(
        service="iam",
        id=("RoleName", "PolicyName"),
        separator=":",
        create=Call("PutRolePolicy"),
        update=(Call("PutRolePolicy"),),
        read=(Call("GetRolePolicy"),),
        delete=(Call("DeleteRolePolicy"),),
    ),
    "aws:iam/policy:Policy": Row(
        service="iam",
        id=("PolicyArn",),
        made="Policy.Arn",
        create=Call("CreatePolicy"),
        read=(
            Call("GetPolicy", at="Policy"),
            Call(
                "GetPolicyVersion",
                {"VersionId": "'v1'"},
                "{PolicyDocument: PolicyVersion.Document}",
            ),
        ),
        delete=(Call("DeletePolicy"),),
        outputs={"arn": "found.Arn"},
        tagging="iam.policy",
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Row(
        service="iam",
        id=("RoleName", "PolicyArn"),
        separator="/",
        create=Call("AttachRolePolicy"),
        read=(
            Call(
                "ListAttachedRolePolicies",
                at="AttachedPolicies[?PolicyArn=='%(PolicyArn)s'] | [0]",
            ),
        ),
        delete=(Call("DetachRolePolicy"),),
        silent=words("role"),
    ),
    "aws:kms/key:Key": Row(
        service="kms",
        id=("KeyId",),
        made="KeyMetadata.KeyId",
        create=Call("CreateKey"),
        read=(
            Call("DescribeKey", at="KeyMetadata"),
            Call("GetKeyPolicy", {"PolicyName": "'default'"}, "{Policy: Policy}"),
            Call("GetKeyRotationStatus"),
        ),
        update=(
            Call("UpdateKeyDescription"),
            Call("PutKeyPolicy", {"PolicyName": "'default'"}),
        ),
        also=(_ROTATE, _STOP_ROTATING),
        delete=(
            Call("ScheduleKeyDeletion", {"PendingWindowInDays": "input.deletionWindowInDays"}),
        ),
        gone="KeyState == 'PendingDeletion'",
        outputs={"arn": "found.Arn", "keyId": "found.KeyId"},
        told={"enableKeyRotation": "KeyRotationEnabled"},
        # The first is told by nobody before the deletion; the second moto forgets.
        silent=words("deletionWindowInDays rotationPeriodInDays"),
    ),
    "aws:kms/alias:Alias": Row(
        service="kms",
        id=("AliasName",),
        create=Call("CreateAlias"),
        update=(Call("UpdateAlias"),),
        read=(Call("ListAliases", at="Aliases[?AliasName=='%(AliasName)s'] | [0]"),),
        delete=(Call("DeleteAlias"),),
        outputs={"arn": "found.AliasArn"},
    ),
}
