"""What makes a run a new run: the code that travels, and the key over all that matters."""

from dataclasses import dataclass

from mlops_iac.content import FileSet, code_files, digest
from mlops_iac.provider import Scope, content_hash
from mlops_iac.run_key import run_facts
from mlops_iac.specs import TrainingJob
from mlops_iac_aws import place

KEY_LENGTH = 64
"""Hex digits of a run's key; as a `ClientRequestToken` it has 32 to 128 characters."""


@dataclass(frozen=True, kw_only=True)
class Code:
    """The code of a job: what travels, and where it lies."""

    files: FileSet
    digest: str
    uri: str


def run_key(spec: TrainingJob, scope: Scope) -> str:
    """Return the key of a run; as a token for its start it is unique in the account."""
    return content_hash(
        {
            **run_facts(spec, scope.project_dir, scope.specs),
            "stack": [scope.project, scope.stack],
            "runtime_image": scope.platform.runtime_image,
        },
        KEY_LENGTH,
    )


def code_of(spec: TrainingJob, scope: Scope) -> Code | None:
    """Return the code of a job; `None` for one that is all in its image."""
    if spec.script is None:
        return None
    files = code_files(spec, scope.project_dir, scope.specs.values())
    found = digest(files)
    uri = f"{place.artifact_root(scope)}/{place.code_key(spec.name, found)}"
    return Code(files=files, digest=found, uri=uri)
