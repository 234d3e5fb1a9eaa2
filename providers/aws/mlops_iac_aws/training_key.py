"""What makes a run a new run: the code that travels, and the key over all that matters."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlops_iac.provider import Scope, content_hash
from mlops_iac.specs import Dataset, TrainingJob
from mlops_iac_aws import place
from mlops_iac_aws.content import code_files, digest, file_digest, matching_files
from mlops_iac_aws.dataset import dataset_version

KEY_LENGTH = 64
"""Hex digits of a run's key; as a `ClientRequestToken` it has 32 to 128 characters."""


@dataclass(frozen=True, kw_only=True)
class Code:
    """The code of a job: what travels, and where it lies."""

    files: Mapping[str, Path]
    digest: str
    uri: str


def run_key(spec: TrainingJob, scope: Scope) -> str:
    """Return the key of a run: the hash of code, data, parameters and environment."""
    code = code_of(spec, scope)
    requirements = spec.requirements and file_digest(scope.project_dir / spec.requirements)
    datasets = {name: scope.specs[reference] for name, reference in spec.inputs.items()}
    return content_hash(
        {
            "job": [scope.project, scope.stack, spec.name],
            "code": spec.image or (code and [code.digest, spec.script]),
            "data": {
                name: dataset_version(dataset, scope)
                for name, dataset in datasets.items()
                if isinstance(dataset, Dataset)
            },
            "parameters": dict(spec.hyperparameters),
            "environment": {
                "variables": spec.model_dump(mode="json")["environment"],
                "framework": spec.framework.value,
                "requirements": requirements,
                "image": scope.platform.runtime_image,
            },
        },
        KEY_LENGTH,
    )


def code_of(spec: TrainingJob, scope: Scope) -> Code | None:
    """Return the code of a job; `None` for one that is all in its image."""
    if spec.script is None:
        return None
    data = [
        path
        for dataset in scope.specs.values()
        if isinstance(dataset, Dataset) and not dataset.is_remote
        for path in matching_files(scope.project_dir, dataset.source).values()
    ]
    files = code_files(scope.project_dir / spec.script, data)
    found = digest(files)
    uri = f"{place.artifact_root(scope)}/{place.code_key(spec.name, found)}"
    return Code(files=files, digest=found, uri=uri)
