"""Aliases, and the copy in the bucket of the version that each names now.

Network-isolated containers cannot ask the registry; they mount the copy. It is `model.tar.gz`
first, then `version.json` that says which it is: a copy that was interrupted is seen by a digest
that does not fit, and is made again by whoever moves or repairs the alias.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mlops_iac.registry import APPROVED, CHAMPION
from mlops_iac_aws import lineage, registry
from mlops_iac_aws.faults import found
from mlops_iac_aws.layout import MODEL, VERSION, alias_prefix, split_uri
from mlops_iac_aws.registry import Listed
from mlops_iac_aws.session import Clients


class _Work(Protocol):
    @property
    def clients(self) -> Clients: ...
    @property
    def log(self) -> Callable[[str], None]: ...


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A name for one version of a model; a number is the name of a pinned version."""

    bucket: str
    model: str
    """Component name of the model."""
    group: str
    """Model package group of the model."""
    name: str

    @property
    def prefix(self) -> str:
        """Where the copy lies in the bucket."""
        return alias_prefix(self.model, self.name)


def wanted(work: _Work, alias: Alias) -> Listed | None:
    """Return the approved version that an endpoint following an alias begins with.

    As long as no version is the champion, it is the first that was approved.
    """
    known = registry.listed(work.clients, alias.group)
    approved = [item for item in known if item.status == APPROVED]
    named = [item for item in known if alias.name in item.aliases]
    if named or alias.name != CHAMPION:
        return next((item for item in named if item.status == APPROVED), None)
    return approved[-1] if approved else None


def move_alias(work: _Work, alias: Alias, number: int) -> None:
    """Let an alias name a version: first its copy in the bucket, then the registry."""
    copy_version(work, alias, number)
    registry.set_alias(work.clients, alias.group, alias.name, number)
    work.log(f"`{alias.model}@{alias.name}` is version {number}")


def repair(work: _Work, alias: Alias, served: int) -> None:
    """Finish what a killed deployment left open: an alias that names nothing, a missing copy."""
    named = registry.aliased(work.clients, alias.group, alias.name)
    if named is None:
        move_alias(work, alias, served)
    else:
        copy_version(work, alias, named.number)


def copy_version(work: _Work, alias: Alias, number: int) -> None:
    """Put the model of a version, and which it is, under an alias's prefix; once."""
    version = lineage.identified(work.clients, registry.version(work.clients, alias.group, number))
    said = {"version": version.number, "digest": version.digest, "package": version.arn}
    if copied(work, alias) == said:
        return
    bucket, key = split_uri(version.model_data)
    s3 = work.clients("s3")
    source = {"Bucket": bucket, "Key": key}
    s3.copy(CopySource=source, Bucket=alias.bucket, Key=f"{alias.prefix}{MODEL}")
    s3.put_object(
        Bucket=alias.bucket,
        Key=f"{alias.prefix}{VERSION}",
        Body=json.dumps(said).encode(),
        ContentType="application/json",
        ChecksumAlgorithm="SHA256",
    )


def copied(work: _Work, alias: Alias) -> Mapping[str, Any] | None:
    """Return what `version.json` of an alias says, or `None` when there is no copy."""
    key = f"{alias.prefix}{VERSION}"
    answer = found(work.clients("s3").get_object, Bucket=alias.bucket, Key=key)
    if answer is None:
        return None
    with answer["Body"] as body:
        return json.load(body)


def forget(work: _Work, alias: Alias) -> None:
    """Remove the copy of an alias; the registry keeps what it says."""
    for name in (VERSION, MODEL):
        work.clients("s3").delete_object(Bucket=alias.bucket, Key=f"{alias.prefix}{name}")
