"""How each service adds, removes and lists the tags of a thing that exists."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.clouds.aws.plugins.rows import Call


@dataclass(frozen=True, kw_only=True)
class Tagging:
    """The calls; `tags` and `gone` of the view are in the service's own form."""

    add: Call
    list: Call
    remove: Call | None = None
    """None where adding replaces all."""
    pair: tuple[str, str] | None = ("Key", "Value")
    """Names of a tag's members; None for a map."""

    def form(self, tags: Mapping[str, str]) -> Any:
        """Return `tags` as the service takes them."""
        if self.pair is None:
            return dict(tags)
        key, value = self.pair
        return [{key: name, value: text} for name, text in tags.items()]

    def plain(self, told: Any) -> dict[str, str]:
        """Return what the service tells as a mapping."""
        if self.pair is None:
            return dict(told or {})
        key, value = self.pair
        return {tag[key]: tag[value] for tag in told or []}


def _by_arn(member: str, tags: str, keys: str, *, at: str = "", is_map: bool = False) -> Tagging:
    arn = {member: "arn"}
    return Tagging(
        add=Call("TagResource", {**arn, tags: "tags"}),
        remove=Call("UntagResource", {**arn, keys: "gone"}),
        list=Call("ListTagsForResource", arn, at or tags),
        pair=None if is_map else ("Key", "Value"),
    )


TAGGING: Mapping[str, Tagging] = {
    "cloudwatch": _by_arn("ResourceARN", "Tags", "TagKeys"),
    "codebuild": Tagging(
        # A project's tags are part of it.
        add=Call("UpdateProject", {"name": "id", "tags": "tags"}),
        list=Call("BatchGetProjects", {"names": "[id]"}, "projects[0].tags"),
        pair=("key", "value"),
    ),
    "ec2": Tagging(
        add=Call("CreateTags", {"Resources": "[id]", "Tags": "tags"}),
        remove=Call("DeleteTags", {"Resources": "[id]", "Tags": "gone[].{Key: @}"}),
        list=Call("DescribeTags", {"Filters": "[{Name: 'resource-id', Values: [id]}]"}, "Tags"),
    ),
    "ecr": _by_arn("resourceArn", "tags", "tagKeys"),
    "events": _by_arn("ResourceARN", "Tags", "TagKeys"),
    "iam": Tagging(
        add=Call("TagRole", {"RoleName": "id", "Tags": "tags"}),
        remove=Call("UntagRole", {"RoleName": "id", "TagKeys": "gone"}),
        list=Call("ListRoleTags", {"RoleName": "id"}, "Tags"),
    ),
    "iam.policy": Tagging(
        add=Call("TagPolicy", {"PolicyArn": "id", "Tags": "tags"}),
        remove=Call("UntagPolicy", {"PolicyArn": "id", "TagKeys": "gone"}),
        list=Call("ListPolicyTags", {"PolicyArn": "id"}, "Tags"),
    ),
    "kms": Tagging(
        add=Call("TagResource", {"KeyId": "id", "Tags": "tags"}),
        remove=Call("UntagResource", {"KeyId": "id", "TagKeys": "gone"}),
        list=Call("ListResourceTags", {"KeyId": "id"}, "Tags"),
        pair=("TagKey", "TagValue"),
    ),
    "logs": _by_arn("resourceArn", "tags", "tagKeys", is_map=True),
    "s3": Tagging(
        add=Call("PutBucketTagging", {"Bucket": "id", "Tagging": "{TagSet: tags}"}),
        list=Call("GetBucketTagging", {"Bucket": "id"}, "TagSet"),
    ),
    "s3.object": Tagging(
        add=Call("PutObjectTagging", {"Tagging": "{TagSet: tags}"}),
        list=Call("GetObjectTagging", at="TagSet"),
    ),
    "sagemaker": Tagging(
        add=Call("AddTags", {"ResourceArn": "arn", "Tags": "tags"}),
        remove=Call("DeleteTags", {"ResourceArn": "arn", "TagKeys": "gone"}),
        list=Call("ListTags", {"ResourceArn": "arn"}, "Tags"),
    ),
    "scheduler": _by_arn("ResourceArn", "Tags", "TagKeys"),
    "secretsmanager": Tagging(
        add=Call("TagResource", {"SecretId": "id", "Tags": "tags"}),
        remove=Call("UntagResource", {"SecretId": "id", "TagKeys": "gone"}),
        list=Call("DescribeSecret", {"SecretId": "id"}, "Tags"),
    ),
    "sns": _by_arn("ResourceArn", "Tags", "TagKeys"),
    "ssm": Tagging(
        add=Call(
            "AddTagsToResource",
            {"ResourceType": "'Parameter'", "ResourceId": "id", "Tags": "tags"},
        ),
        remove=Call(
            "RemoveTagsFromResource",
            {"ResourceType": "'Parameter'", "ResourceId": "id", "TagKeys": "gone"},
        ),
        list=Call(
            "ListTagsForResource", {"ResourceType": "'Parameter'", "ResourceId": "id"}, "TagList"
        ),
    ),
}
"""By botocore's service, or by what a row says."""
