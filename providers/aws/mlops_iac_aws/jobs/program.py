"""What travels for a job: its code, and the documents that it is told by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.content import FileSet, code_files, digest
from mlops_iac.provider import BuildContext, Scope, content_hash
from mlops_iac.specs import ProcessingJob, TrainingJob
from mlops_iac_aws import place, sdk
from mlops_iac_aws.objects import register_object


@dataclass(frozen=True, kw_only=True)
class Code:
    """The code of a job: what travels, and where it lies."""

    files: FileSet
    digest: str
    uri: str


@dataclass(frozen=True, kw_only=True)
class Document:
    """What a job is told in a file, because a variable has no room for it."""

    text: str
    key: str
    uri: str

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.key.rpartition("/")[2]


def code_of(spec: TrainingJob | ProcessingJob, scope: Scope) -> Code | None:
    """Return the code of a job; `None` for one that is all in its image."""
    if spec.script is None:
        return None
    files = code_files(spec, scope.project_dir, scope.specs.values())
    found = digest(files)
    uri = f"{place.artifact_root(scope)}/{place.code_key(spec.name, found)}"
    return Code(files=files, digest=found, uri=uri)


def document_of(job: str, content: Mapping[str, Any], scope: Scope) -> Document:
    """Return a document for a job, under a key that holds the hash of its content."""
    key = place.task_key(job, content_hash(content))
    text = json.dumps(content, sort_keys=True)
    return Document(text=text, key=key, uri=f"{place.artifact_root(scope)}/{key}")


def upload_program(spec: TrainingJob | ProcessingJob, context: BuildContext) -> list[Any]:
    """Register the code of a job; nothing for one that is all in its image."""
    code = code_of(spec, context)
    if code is None:
        return []
    source = sdk.pulumi.AssetArchive(
        {n: sdk.pulumi.FileAsset(str(p)) for n, p in code.files.items()}
    )
    key = place.code_key(spec.name, code.digest)
    return [register_object(context, "code", "script", key, source=source)]


def upload_document(document: Document, context: BuildContext, field: str) -> Any:
    """Register a document that a job reads; `field` of the declaration says what is in it."""
    return register_object(
        context,
        "task",
        field,
        document.key,
        content=document.text,
        content_type="application/json",
    )
