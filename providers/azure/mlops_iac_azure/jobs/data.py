"""Where a job's data lies, and the descriptions that it is checked by."""

from collections.abc import Mapping

from mlops_iac.errors import ProviderError
from mlops_iac.provider import Scope
from mlops_iac.specs import DataRef, Dataset, ProcessingJob
from mlops_iac_azure import facts, place
from mlops_iac_azure.dataset import data_uri as dataset_uri
from mlops_iac_azure.dataset import manifest_path
from mlops_iac_azure.jobs.program import processing_key
from mlops_iac_azure.jobs.wiring import Wiring


def data_uri(ref: DataRef, scope: Scope, wiring: Wiring) -> str:
    """Return where data lies: what a step of the same run makes, else what is there after `up`."""
    made = wiring.made.get(str(ref))
    if made is not None:
        return made
    source = scope.specs[str(ref.name)]
    if isinstance(source, Dataset):
        return dataset_uri(source, scope)
    if isinstance(source, ProcessingJob) and ref.output is not None:
        return made_uri(scope, source.name, processing_key(source, scope), ref.output)
    raise ProviderError(f"`{ref}` was taken for data although it names none")


def made_uri(scope: Scope, job: str, run_key: str, output: str) -> str:
    """Return where a run of a job leaves an output."""
    return facts.address(scope, place.data_prefix(job, run_key, output))


def inputs_of(refs: Mapping[str, DataRef], scope: Scope, wiring: Wiring) -> dict[str, str]:
    """Return the URI of each input; an input that a step before joined is that step's."""
    return {
        name: wiring.joined.get(name) or data_uri(ref, scope, wiring) for name, ref in refs.items()
    }


def contracts_of(refs: Mapping[str, DataRef], scope: Scope) -> dict[str, Dataset]:
    """Return the inputs whose columns are declared."""
    datasets = {name: scope.specs.get(str(ref.name)) for name, ref in refs.items()}
    return {n: item for n, item in datasets.items() if isinstance(item, Dataset) and item.columns}


def contract_uris(refs: Mapping[str, DataRef], scope: Scope, wiring: Wiring) -> dict[str, str]:
    """Return the URI of what is declared of each input, as far as columns are.

    What is joined has other columns; the join compares what it reads.
    """
    return {
        name: facts.address(scope, manifest_path(dataset, scope))
        for name, dataset in contracts_of(refs, scope).items()
        if name not in wiring.joined
    }
