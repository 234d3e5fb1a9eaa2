"""`mlops-iac:aws:FeatureSchema`: what may never change of a feature group, judged before it is.

SageMaker adds features in place; everything else of a group is fixed, and Pulumi's resource would
replace the group, and delete what it holds, to change it. The group waits for this resource, so a
refusal here comes first. Tags, which replace it too, are changed here in place.
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac.custom import Call, Change, Existing, Handler, Properties
from mlops_iac_aws.errors import AwsError
from mlops_iac_aws.faults import found
from mlops_iac_aws.features.document import current
from mlops_iac_aws.requests import tag_list
from mlops_iac_aws.session import Clients, clients, place_of

_FIXED: Mapping[str, str] = {
    "record": "`entities`",
    "event_time": "`event_time`",
    "online": "`online`",
    "offline": "`offline`",
}
"""Inputs that a group keeps for ever, and the field of the declaration that each comes from."""


class FeatureSchemaHandler(Handler):
    """The parts of a feature group that can only grow."""

    token = "mlops-iac:aws:FeatureSchema"  # noqa: S105
    replace_on = frozenset({"group"})

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Compare, and refuse what would cost the group its data.

        Raises:
            AwsError: names each feature that is gone or of another type, and each fixed part.
        """
        change = super().diff(state, old, new)
        if not change.replaces and (faults := list(_faults(old, new))):
            raise AwsError(
                f"feature group `{new['component']}` cannot change so and keep its values: "
                + "; ".join(faults),
                remedy="take the change back, or declare a group of another name beside it",
            )
        return change

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Note what the group is; it is made after this."""
        return inputs["group"], dict(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return what was noted; on import what the group is."""
        if state:
            return Existing(id=resource_id, state=dict(state), inputs=dict(state))
        raise AwsError(
            f"the schema of `{resource_id}` cannot be imported",
            remedy="import the group itself; `mlops-iac up` notes its schema",
        )

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Bring the group's tags up to date; features are added by the group itself."""
        sagemaker = clients(place_of(call.config))("sagemaker")
        gone = sorted(state["tags"].keys() - inputs["tags"].keys())
        if state["tags"] != inputs["tags"] and _exists(sagemaker, inputs["group"]):
            sagemaker.add_tags(ResourceArn=inputs["arn"], Tags=tag_list(inputs["tags"]))
            if gone:
                sagemaker.delete_tags(ResourceArn=inputs["arn"], TagKeys=gone)
        return dict(inputs)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Remove what SageMaker leaves of a deleted group: its table, its files and ours."""
        known = clients(place_of(call.config))
        filled = current(known, state["bucket"], state["prefix"])
        if filled is not None and filled.table is not None:
            table = filled.table
            found(known("glue").delete_table, DatabaseName=table["database"], Name=table["name"])
        _empty(known, state["bucket"], state["prefix"])


def _exists(sagemaker: Any, group: str) -> bool:
    return found(sagemaker.describe_feature_group, FeatureGroupName=group) is not None


def _faults(old: Properties, new: Properties) -> Iterator[str]:
    for name, field in _FIXED.items():
        if name in old and name in new and old[name] != new[name]:
            yield f"{field} was `{old[name]}` and would be `{new[name]}`"
    before, now = old.get("features", {}), new.get("features", {})
    for name, kind in before.items():
        if name not in now:
            yield f"`{name}` would be gone"
        elif now[name] != kind:
            yield f"`{name}` is `{kind}` and would be `{now[name]}`"


def _empty(known: Clients, bucket: str, prefix: str) -> None:
    from botocore.exceptions import ClientError

    s3 = known("s3")
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            keys = [{"Key": item["Key"]} for item in page.get("Contents", ())]
            if keys:
                s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
