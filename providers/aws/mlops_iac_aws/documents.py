"""JSON documents in the stack's bucket: read, written, removed."""

import json
from collections.abc import Mapping
from typing import Any

from mlops_iac_aws.faults import found
from mlops_iac_aws.session import Clients


def read(clients: Clients, bucket: str, key: str) -> Any | None:
    """Return the document of a key, or `None` when there is none."""
    answer = found(clients("s3").get_object, Bucket=bucket, Key=key)
    if answer is None:
        return None
    with answer["Body"] as body:
        return json.load(body)


def write(clients: Clients, bucket: str, key: str, document: Mapping[str, Any]) -> None:
    """Write a document, whatever is there."""
    clients("s3").put_object(
        Bucket=bucket,
        Key=key,
        Body=json.dumps(document, sort_keys=True).encode(),
        ContentType="application/json",
        ChecksumAlgorithm="SHA256",
    )


def remove(clients: Clients, bucket: str, key: str) -> None:
    """Remove a document; nothing when there is none."""
    found(clients("s3").delete_object, Bucket=bucket, Key=key)


def paths(clients: Clients, bucket: str, prefix: str) -> list[str]:
    """Return the keys under a prefix, in their order; none when there is no such bucket."""
    pages = clients("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    answer = found(lambda: list(pages)) or []
    return [item["Key"] for page in answer for item in page.get("Contents", ())]


def bucket_exists(clients: Clients, bucket: str) -> bool:
    """Whether the bucket is there."""
    return found(clients("s3").head_bucket, Bucket=bucket) is not None


def uri(bucket: str, key: str) -> str:
    """Return the URI of an object of the bucket."""
    return f"s3://{bucket}/{key}"
