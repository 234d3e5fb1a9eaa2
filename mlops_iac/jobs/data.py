"""Where a job's data lies, and the descriptions that it is checked by."""

from collections.abc import Mapping

from mlops_iac.content import dataset_version
from mlops_iac.errors import ProviderError
from mlops_iac.feature_rules import contracts_of
from mlops_iac.jobs.keys import processing_key
from mlops_iac.jobs.wiring import Wiring
from mlops_iac.provider import Scope
from mlops_iac.specs import DataRef, Dataset, ProcessingJob
from mlops_iac.store_paths import data_prefix, dataset_prefix


def dataset_folder(spec: Dataset, scope: Scope) -> str:
    """Return where in the store this version of a dataset's files lies."""
    return dataset_prefix(spec.name, dataset_version(spec, scope.project_dir))


def data_uri(ref: DataRef, scope: Scope, wiring: Wiring) -> str:
    """Return where data lies: what a step of the same run makes, else what is there after `up`."""
    made = wiring.made.get(str(ref))
    if made is not None:
        return made
    source = scope.specs[str(ref.name)]
    if isinstance(source, Dataset):
        if source.is_remote:
            return source.source
        return wiring.address(f"{dataset_folder(source, scope)}/")
    if isinstance(source, ProcessingJob) and ref.output is not None:
        path = data_prefix(source.name, processing_key(source, scope), ref.output)
        return wiring.address(path)
    raise ProviderError(f"`{ref}` was taken for data although it names none")


def outputs_of(spec: ProcessingJob, wiring: Wiring) -> dict[str, str]:
    """Return where a run leaves each output."""
    folders = {name: data_prefix(spec.name, wiring.run_key, name) for name in spec.outputs}
    return wiring.addresses(folders)


def inputs_of(refs: Mapping[str, DataRef], scope: Scope, wiring: Wiring) -> dict[str, str]:
    """Return the URI of each input; an input that a step before joined is that step's."""
    return {
        name: wiring.joined.get(name) or data_uri(ref, scope, wiring) for name, ref in refs.items()
    }


def contract_paths(refs: Mapping[str, DataRef], scope: Scope, wiring: Wiring) -> dict[str, str]:
    """Return where in the store it lies what is declared of each input, as far as columns are.

    What is joined has other columns; the join compares what it reads.
    """
    return {
        name: wiring.manifest(dataset, scope)
        for name, dataset in contracts_of(refs, scope.specs).items()
        if name not in wiring.joined
    }
