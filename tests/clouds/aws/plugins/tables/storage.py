"""Buckets with their companions, and objects.

Ids and deletions: terraform-provider-aws, `internal/service/s3/`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tests.clouds.aws.plugins.rows import Call, Row, View, words
from tests.clouds.plugins.assets import content

_BATCH = 500


def _companion(what: str, read: Call, delete: Call, **more: Any) -> Row:
    put = Call(f"Put{what}")
    return Row(
        service="s3", id=("Bucket",), create=put, update=(put,), read=(read,), delete=(delete,),
        **more,
    )  # fmt: skip


def _bucket_place(view: View) -> Mapping[str, Any]:
    # us-east-1 is the one region that must not be named.
    region = view["region"]
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    return {} if region == "us-east-1" else elsewhere


def _empty_bucket(view: View, call: Callable[..., Any]) -> None:
    if view["input"].get("forceDestroy"):
        _delete_versions(call, view["id"], "")


def _delete_versions(call: Callable[..., Any], bucket: str, prefix: str, key: str = "") -> None:
    """Delete every version under a prefix, or of one key."""
    while True:
        answer = call("s3", "ListObjectVersions", Bucket=bucket, Prefix=key or prefix)
        found = [
            {"Key": item["Key"], "VersionId": item["VersionId"]}
            for kind in ("Versions", "DeleteMarkers")
            for item in answer.get(kind, ())
            if not key or item["Key"] == key
        ]
        if not found:
            return
        call("s3", "DeleteObjects", Bucket=bucket, Delete={"Objects": found[:_BATCH]})


def _object_body(view: View) -> Mapping[str, Any]:
    inputs = view["input"]
    if "source" in inputs:
        return {"Body": content(inputs["source"])}
    return {"Body": str(inputs.get("content", "")).encode()}


def _delete_object_versions(view: View, call: Callable[..., Any]) -> None:
    # `resourceObjectDelete`: an object in a versioned bucket goes with all its versions.
    _delete_versions(call, view["key"]["Bucket"], "", view["key"]["Key"])


STORAGE: Mapping[str, Row] = {
    "aws:s3/bucket:Bucket": Row(
        service="s3",
        id=("Bucket",),
        create=Call("CreateBucket"),
        read=(Call("HeadBucket"),),
        # Only its tags change.
        update=(Call("HeadBucket"),),
        delete=(Call("DeleteBucket"),),
        outputs={
            "arn": "join('', ['arn:aws:s3:::', id])",
            "bucketDomainName": "join('', [id, '.s3.amazonaws.com'])",
            "bucketRegion": "region",
            "bucketRegionalDomainName": "join('', [id, '.s3.', region, '.amazonaws.com'])",
        },
        prepare=_bucket_place,
        empty=_empty_bucket,
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _companion(
        "BucketVersioning",
        Call("GetBucketVersioning", at="{VersioningConfiguration: @}"),
        Call("PutBucketVersioning", {"VersioningConfiguration": "{Status: 'Suspended'}"}),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _companion("BucketEncryption", Call("GetBucketEncryption"), Call("DeleteBucketEncryption"))
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _companion(
        "PublicAccessBlock", Call("GetPublicAccessBlock"), Call("DeletePublicAccessBlock")
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _companion(
        "BucketOwnershipControls",
        Call("GetBucketOwnershipControls"),
        Call("DeleteBucketOwnershipControls"),
        told={"rule": "OwnershipControls.Rules[0].{objectOwnership: ObjectOwnership}"},
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _companion(
        "BucketPolicy", Call("GetBucketPolicy"), Call("DeleteBucketPolicy")
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _companion(
        "BucketLifecycleConfiguration",
        Call("GetBucketLifecycleConfiguration", at="{LifecycleConfiguration: @}"),
        Call("DeleteBucketLifecycle"),
    ),
    "aws:s3/bucketLogging:BucketLogging": _companion(
        "BucketLogging",
        Call("GetBucketLogging", at="{BucketLoggingStatus: @}"),
        Call("PutBucketLogging", {"BucketLoggingStatus": "`{}`"}),
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": Row(
        service="s3",
        tagging="s3.object",
        id=("Bucket", "Key"),
        separator="/",
        create=Call("PutObject"),
        update=(Call("PutObject"),),
        read=(Call("HeadObject"),),
        delete=(Call("DeleteObject"),),
        outputs={
            "arn": "join('', ['arn:aws:s3:::', id])",
            "etag": "found.ETag",
            "versionId": "found.VersionId",
        },
        # HeadObject tells a checksum only when asked in a mode of its own.
        silent=words("checksumAlgorithm"),
        prepare=_object_body,
        empty=_delete_object_versions,
    ),
}
