"""What makes a run a new run: the same facts on every target, to which each adds its own."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from mlops_iac.content import code_digest, dataset_version, file_digest
from mlops_iac.specs import Dataset, SecretRef, Spec, TrainingJob


def run_facts(job: TrainingJob, project_dir: Path, specs: Mapping[str, Spec]) -> dict[str, Any]:
    """Return what a run depends on as far as the declaration says it, as plain JSON.

    Code, data, parameters and environment, and what the run must yield. Machines and times are
    not in it: they change how a run goes, not what comes out. A target adds what its own
    environment is made of, and hashes the whole.
    """
    return {
        "job": job.name,
        "code": code_digest(job, project_dir, specs.values()),
        "entry": None if job.script is None else PurePosixPath(job.script).name,
        "image": job.image,
        "data": data_versions(job, project_dir, specs),
        "hyperparameters": dict(job.hyperparameters),
        "framework": job.framework.value,
        "requirements": requirements_digest(job, project_dir),
        "environment": plain_environment(job.environment),
        "model": None if job.model is None else str(job.model),
        "metrics": list(job.metrics),
    }


def data_versions(job: TrainingJob, project_dir: Path, specs: Mapping[str, Spec]) -> dict[str, str]:
    """Return the version of each dataset of a job, by the name of the input."""
    return {
        name: dataset_version(dataset, project_dir)
        for name, dataset in input_datasets(job, specs).items()
    }


def input_datasets(job: TrainingJob, specs: Mapping[str, Spec]) -> Mapping[str, Dataset]:
    """Return the datasets of a job by the name under which the script finds each."""
    found = {name: specs.get(reference) for name, reference in job.inputs.items()}
    return {name: spec for name, spec in found.items() if isinstance(spec, Dataset)}


def requirements_digest(job: TrainingJob, project_dir: Path) -> str | None:
    """Return the digest of the locked requirements; `None` for the runtime's own."""
    if job.requirements is None:
        return None
    path = project_dir / job.requirements
    return file_digest(path) if path.is_file() else None


def plain_environment(declared: Mapping[str, str | SecretRef]) -> dict[str, Any]:
    """Return environment variables as JSON: text, or `{"secret": name}`. Never a secret's value."""
    return {
        name: {"secret": value.secret} if isinstance(value, SecretRef) else value
        for name, value in declared.items()
    }
