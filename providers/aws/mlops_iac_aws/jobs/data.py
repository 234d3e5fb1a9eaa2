"""Where a job's data lies, and the descriptions that it is checked by."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.errors import ProviderError
from mlops_iac.feature_rules import contracts_of
from mlops_iac.jobs.keys import processing_key
from mlops_iac.provider import Scope
from mlops_iac.specs import DataRef, Dataset, ProcessingJob
from mlops_iac_aws import place
from mlops_iac_aws.dataset import contract_uri, dataset_uri
from mlops_iac_aws.jobs.steps import joined
from mlops_iac_aws.jobs.wiring import Wiring

CONTRACT_SUFFIX = "-contract"
"""End of the input that holds the description to check a dataset by."""


def data_uri(ref: DataRef, scope: Scope, wiring: Wiring) -> Any:
    """Return where data lies: what a step of the same run makes, else what is there after `up`."""
    made = wiring.made.get(str(ref))
    if made is not None:
        return within(made)
    source = scope.specs[str(ref.name)]
    if isinstance(source, Dataset):
        return dataset_uri(source, scope)
    if isinstance(source, ProcessingJob) and ref.output is not None:
        return within(made_uri(scope, source.name, processing_key(source, scope), ref.output))
    raise ProviderError(f"`{ref}` was taken for data although it names none")


def made_uri(scope: Scope, job: str, run_key: Any, output: str) -> Any:
    """Return where a run of a job leaves an output."""
    return joined(place.data_prefix(scope, job), run_key, output)


def within(uri: Any) -> Any:
    """Return a folder as a prefix that stands for nothing beside it: `rows` is also `rows_bad`."""
    return joined(uri, "")


def inputs_of(refs: Mapping[str, DataRef], scope: Scope, wiring: Wiring) -> dict[str, Any]:
    """Return the URI of each input by its name; an input that a step before joined is that step's.

    Where a dataset's columns are declared, an input beside it holds their description.
    """
    found: dict[str, Any] = {}
    contracts = contracts_of(refs, scope.specs)
    for name, ref in refs.items():
        found[name] = wiring.joined.get(name) or data_uri(ref, scope, wiring)
        # What is joined has other columns; the join compared what it read.
        if name in contracts and name not in wiring.joined:
            found[name + CONTRACT_SUFFIX] = contract_uri(contracts[name], scope)
    return found
