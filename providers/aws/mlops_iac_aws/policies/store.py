"""A policy's memory in the bucket: changed only by who has read the newest of it.

`state.json` is written under the condition that nobody wrote it since it was read, so two executors
never decide on the same memory. It also holds the newest record; `events/<seq>.json` is written
after it, and again by whoever comes next, so that a crash in between loses no record.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.runtime.policy.memory import STATE, Memory
from mlops_iac_aws.faults import found
from mlops_iac_aws.session import Clients

_LATE = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"})
"""What S3 says to a condition that does not hold.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""


@dataclass(frozen=True, kw_only=True)
class Store:
    """The objects of one policy."""

    clients: Clients
    bucket: str
    prefix: str
    """Where they lie; ends with `/`."""

    def load(self) -> Memory:
        """Return the newest memory."""
        known = self.read(STATE)
        if known is None:
            return Memory()
        return Memory.of(*known)

    def save(self, memory: Memory) -> bool:
        """Write a memory that follows the one of its mark; false when somebody was quicker."""
        return self.write(STATE, memory.document(), mark=memory.mark)

    def record(self, memory: Memory) -> None:
        """Write the newest record of a memory beside the others; again is the same."""
        if memory.record is not None:
            self._put(memory.record_name, memory.record, {})

    def read(self, name: str) -> tuple[Any, str] | None:
        """Return an object and its mark, or `None`."""
        key = self.prefix + name
        answer = found(self.clients("s3").get_object, Bucket=self.bucket, Key=key)
        if answer is None:
            return None
        with answer["Body"] as body:
            return json.load(body), answer["ETag"]

    def write(self, name: str, document: Any, *, mark: str | None) -> bool:
        """Write an object that is as it was read, or not there; false when that is not so."""
        from botocore.exceptions import ClientError

        condition = {"IfNoneMatch": "*"} if mark is None else {"IfMatch": mark}
        try:
            self._put(name, document, condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in _LATE:
                return False
            raise
        return True

    def remove(self, name: str) -> None:
        """Remove an object."""
        self.clients("s3").delete_object(Bucket=self.bucket, Key=self.prefix + name)

    def _put(self, name: str, document: Any, condition: Mapping[str, str]) -> None:
        self.clients("s3").put_object(
            Bucket=self.bucket,
            Key=self.prefix + name,
            Body=json.dumps(document, sort_keys=True).encode(),
            ContentType="application/json",
            ChecksumAlgorithm="SHA256",
            **condition,
        )
