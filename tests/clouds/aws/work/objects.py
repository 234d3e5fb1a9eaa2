"""Moving files between S3 and a container's folders."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def parts(uri: str) -> tuple[str, str]:
    """Return bucket and key of an S3 URI."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def keys(s3: Any, uri: str) -> list[str]:
    """Return the keys that begin with the one in `uri`, in order."""
    bucket, prefix = parts(uri)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def read(s3: Any, uri: str) -> bytes:
    """Return an object's content."""
    bucket, key = parts(uri)
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def write(s3: Any, uri: str, content: bytes) -> None:
    """Store an object."""
    bucket, key = parts(uri)
    s3.put_object(Bucket=bucket, Key=key, Body=content)


def download(s3: Any, uri: str, folder: Path) -> int:
    """Copy what an `S3Prefix` names into `folder`, return how many files.

    The part of a key after the prefix is the file's path; where the prefix is the whole key, or
    the beginning of a name, the file keeps its last name, as on SageMaker.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bucket, prefix = parts(uri)
    found = [key for key in keys(s3, uri) if not key.endswith("/")]
    for key in found:
        target = folder / relative(key, prefix)
        target.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, key, str(target))
    return len(found)


def relative(key: str, prefix: str) -> str:
    """Return the path that a key has below a prefix."""
    base = prefix if prefix.endswith("/") else prefix + "/"
    if key.startswith(base):
        return key[len(base) :]
    return key[prefix.rfind("/") + 1 :]


def manifest(s3: Any, uri: str) -> list[str]:
    """Return the URIs that a `ManifestFile` names: a prefix, then names below it."""
    first, *names = json.loads(read(s3, uri))
    return [first["prefix"] + name for name in names]


def download_source(s3: Any, source: dict[str, Any], folder: Path) -> int:
    """Copy an `S3DataSource` into `folder`, return how many files."""
    if source.get("S3DataType") == "ManifestFile":
        return sum(download(s3, uri, folder) for uri in manifest(s3, source["S3Uri"]))
    return download(s3, source["S3Uri"], folder)


def upload(s3: Any, folder: Path, uri: str) -> list[str]:
    """Copy the files below `folder` to keys below `uri`, return the keys."""
    bucket, prefix = parts(uri.rstrip("/"))
    stored: list[str] = []
    for path in files(folder):
        key = "/".join(filter(None, (prefix, path.relative_to(folder).as_posix())))
        s3.upload_file(str(path), bucket, key)
        stored.append(key)
    return stored


def files(folder: Path) -> list[Path]:
    """Return the files below a folder, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def packed(folder: Path) -> bytes:
    """Return a folder's content as `tar.gz`, the same bytes for the same files."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for path in files(folder):
            member = tarfile.TarInfo(path.relative_to(folder).as_posix())
            member.size = path.stat().st_size
            member.mode = 0o644
            with path.open("rb") as content:
                archive.addfile(member, content)
    return gzip.compress(raw.getvalue(), compresslevel=1, mtime=0)


def unpack(content: bytes, folder: Path) -> None:
    """Unpack a `tar.gz` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        archive.extractall(folder, filter="data")


def lines(content: bytes) -> Iterator[bytes]:
    """Yield the lines of a content that are not empty."""
    yield from (line for line in content.splitlines() if line.strip())


def joined(records: Iterable[bytes]) -> bytes:
    """Return records as lines."""
    return b"".join(record.rstrip(b"\n") + b"\n" for record in records)
