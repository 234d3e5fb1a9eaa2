"""What travels for a job: its code, the parameters of its script, and what it is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.content import FileSet, code_files, digest
from mlops_iac.jobs.data import contract_paths
from mlops_iac.jobs.wiring import Wiring
from mlops_iac.provider import Scope, content_hash
from mlops_iac.specs import ProcessingJob, TrainingJob
from mlops_iac.store_paths import code_key, parameters_key


@dataclass(frozen=True, kw_only=True)
class Code:
    """The code of a job: what travels, and where in the store it lies."""

    files: FileSet
    digest: str
    path: str


def code_of(spec: TrainingJob | ProcessingJob, scope: Scope) -> Code | None:
    """Return the code of a job; `None` for one that is all in its image."""
    if spec.script is None:
        return None
    files = code_files(spec, scope.project_dir, scope.specs.values())
    found = digest(files)
    return Code(files=files, digest=found, path=code_key(spec.name, found))


def parameters_of(spec: TrainingJob | ProcessingJob) -> dict[str, Any]:
    """Return the parameters of a job's script."""
    return dict(spec.parameters if isinstance(spec, ProcessingJob) else spec.hyperparameters)


def parameters_field(spec: TrainingJob | ProcessingJob) -> str:
    """Return the field of the declaration that holds them."""
    return "parameters" if isinstance(spec, ProcessingJob) else "hyperparameters"


def parameters_path(spec: TrainingJob | ProcessingJob) -> str:
    """Return where in the store the parameters lie: typed, unlike variables."""
    return parameters_key(spec.name, content_hash(parameters_of(spec), 16))


def program_files(
    spec: TrainingJob | ProcessingJob, scope: Scope, wiring: Wiring
) -> Mapping[str, str]:
    """Return the path in the store of each file that a variable names to the program."""
    code = code_of(spec, scope)
    return {
        contract.HYPERPARAMETERS: parameters_path(spec),
        **({contract.CODE: code.path} if code else {}),
        **{
            contract.COLUMNS + contract.input_suffix(name): path
            for name, path in contract_paths(spec.sources, scope, wiring).items()
        },
    }


def training_variables(spec: TrainingJob, wiring: Wiring) -> dict[str, str]:
    """Return what a training is told by variables, beside its files and the user's own."""
    return {
        contract.JOB: spec.name,
        contract.METRICS: ",".join(spec.metrics),
        contract.EXPECTS_MODEL: contract.flag(value=spec.model is not None),
        contract.RUN_KEY: wiring.run_key,
    }
