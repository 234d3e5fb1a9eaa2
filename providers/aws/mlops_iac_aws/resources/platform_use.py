"""Who stands on a platform: `mlops-iac:aws:PlatformUse` says so, `PlatformGuard` holds it.

A stack that uses another stack's platform leaves a mark in its bucket, under `consumers/`. The
guard is the last thing that a platform makes and the first that its `destroy` would remove: it
refuses while there is a mark, when nothing has been touched yet.
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac_aws.errors import AwsError
from mlops_iac_aws.faults import found
from mlops_iac_aws.session import Clients, clients, place_of

CONSUMERS = "consumers/"
"""Where the marks lie in the bucket."""


class PlatformInUseError(AwsError):
    """A platform cannot go while stacks stand on it."""

    code = "platform.in-use"


class NameTakenError(AwsError):
    """Two stacks on one platform call a component the same."""

    code = "platform.name-taken"


class PlatformUseHandler(Handler):
    """Marks a platform as used by a stack, with the names of the components it has there."""

    token = "mlops-iac:aws:PlatformUse"  # noqa: S105
    replace_on = frozenset({"bucket", "project", "stack"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Leave or renew the mark; refuse names that another stack has on this platform.

        What a component makes lies under its name in the platform's bucket.
        """
        aws = clients(place_of(call.config))
        key = _key(inputs)
        call.journal("mark", bucket=inputs["bucket"], key=key)
        for other, mark in _marks(aws, inputs["bucket"]):
            taken = sorted({*mark["components"]} & {*inputs["components"]})
            if other != key and taken:
                named = ", ".join(f"`{name}`" for name in taken)
                raise NameTakenError(
                    f"stack `{mark['project']}/{mark['stack']}` has {named} on this platform",
                    remedy="rename the component in one of the two stacks",
                )
        body = {name: inputs[name] for name in ("project", "stack", "components")}
        aws("s3").put_object(Bucket=inputs["bucket"], Key=key, Body=json.dumps(body).encode())
        return f"{inputs['bucket']}/{key}", dict(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the mark as it lies there."""
        bucket, _, key = resource_id.partition("/")
        mark = _mark(clients(place_of(call.config)), bucket, key)
        if mark is None:
            return None
        inputs = {"bucket": bucket, **mark}
        return Existing(id=resource_id, state=inputs, inputs=inputs)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Write the names anew."""
        return self.create(inputs, call)[1]

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Take the mark away."""
        bucket, _, key = resource_id.partition("/")
        found(clients(place_of(call.config))("s3").delete_object, Bucket=bucket, Key=key)


class PlatformGuardHandler(Handler):
    """Refuses to go while the platform is used."""

    token = "mlops-iac:aws:PlatformGuard"  # noqa: S105
    replace_on = frozenset({"bucket"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Stand before the platform; nothing is made."""
        return inputs["bucket"], dict(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the guard: it is there as long as the bucket is."""
        aws = clients(place_of(call.config))
        if found(aws("s3").head_bucket, Bucket=resource_id) is None:
            return None
        return Existing(
            id=resource_id, state={"bucket": resource_id}, inputs={"bucket": resource_id}
        )

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Let the platform go when nobody stands on it.

        Raises:
            PlatformInUseError: stacks do; nothing of the platform has been removed.
        """
        aws = clients(place_of(call.config))
        if found(aws("s3").head_bucket, Bucket=resource_id) is None:
            return
        users = [f"`{m['project']}/{m['stack']}`" for _, m in _marks(aws, resource_id)]
        if users:
            raise PlatformInUseError(
                f"the platform is used by {', '.join(users)}; nothing was removed",
                remedy="destroy these stacks first; of one that is gone for good, remove the mark "
                f"under `s3://{resource_id}/{CONSUMERS}`",
            )


def _key(inputs: Properties) -> str:
    return f"{CONSUMERS}{inputs['project']}/{inputs['stack']}.json"


def _marks(aws: Clients, bucket: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    pages = aws("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=CONSUMERS)
    for page in pages:
        for item in page.get("Contents", ()):
            mark = _mark(aws, bucket, item["Key"])
            if mark is not None:
                yield item["Key"], mark


def _mark(aws: Clients, bucket: str, key: str) -> Mapping[str, Any] | None:
    answer = found(aws("s3").get_object, Bucket=bucket, Key=key)
    return None if answer is None else json.loads(answer["Body"].read())
