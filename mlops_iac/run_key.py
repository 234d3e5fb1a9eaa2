"""What makes a run a new run: the same facts on every target, to which each adds its own."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from mlops_iac.content import code_digest, dataset_version, file_digest
from mlops_iac.names import content_hash
from mlops_iac.specs import (
    DataRef,
    Dataset,
    FeatureGroup,
    ProcessingJob,
    SecretRef,
    Spec,
    TrainingJob,
)
from mlops_iac.specs.jobs import ScriptJob


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
        "data": data_versions(job.sources, project_dir, specs),
        "features": {
            str(name): feature_facts(group, project_dir, specs)
            for name in job.features
            if isinstance(group := specs.get(name), FeatureGroup)
        },
        "hyperparameters": dict(job.hyperparameters),
        "framework": job.framework.value,
        "requirements": requirements_digest(job, project_dir),
        "environment": plain_environment(job.environment),
        "model": None if job.model is None else str(job.model),
        "metrics": list(job.metrics),
    }


def processing_facts(
    job: ProcessingJob, project_dir: Path, specs: Mapping[str, Spec]
) -> dict[str, Any]:
    """Return what a run of a processing job depends on, as `run_facts` does."""
    return {
        "job": job.name,
        "code": code_digest(job, project_dir, specs.values()),
        "entry": None if job.script is None else PurePosixPath(job.script).name,
        "image": job.image,
        "data": data_versions(job.sources, project_dir, specs),
        "outputs": {name: form.value for name, form in job.outputs.items()},
        "parameters": dict(job.parameters),
        "requirements": requirements_digest(job, project_dir),
        "environment": plain_environment(job.environment),
    }


def data_versions(
    sources: Mapping[str, DataRef], project_dir: Path, specs: Mapping[str, Spec]
) -> dict[str, str]:
    """Return the version of each input that is known, by its name."""
    found = {name: data_version(data, project_dir, specs) for name, data in sources.items()}
    return {name: version for name, version in found.items() if version is not None}


def data_version(data: DataRef, project_dir: Path, specs: Mapping[str, Spec]) -> str | None:
    """Return the version of data: a dataset's, or the key of the job that makes it.

    `None` when nothing of that name is declared.
    """
    source = specs.get(data.name)
    if isinstance(source, Dataset):
        return dataset_version(source, project_dir)
    if isinstance(source, ProcessingJob):
        return f"{content_hash(processing_facts(source, project_dir, specs))}/{data.output}"
    return None


def feature_facts(
    group: FeatureGroup, project_dir: Path, specs: Mapping[str, Spec]
) -> dict[str, Any]:
    """Return what the values of a feature group depend on, as plain JSON."""
    return {
        "data": data_version(group.data, project_dir, specs),
        "entities": list(group.entities),
        "event_time": group.event_time,
        "features": {name: kind.value for name, kind in sorted(group.features.items())},
        "ttl": None if group.ttl is None else int(group.ttl.total_seconds()),
    }


def input_datasets(job: TrainingJob, specs: Mapping[str, Spec]) -> Mapping[str, Dataset]:
    """Return the datasets of a job by the name under which the script finds each."""
    found = {name: specs.get(reference) for name, reference in job.inputs.items()}
    return {name: spec for name, spec in found.items() if isinstance(spec, Dataset)}


def requirements_digest(job: ScriptJob, project_dir: Path) -> str | None:
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
