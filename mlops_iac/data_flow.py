"""Data between components: how it is written, who makes it, who must come before a reader."""

from collections.abc import Iterable, Iterator, Mapping

from mlops_iac.errors import Problem
from mlops_iac.specs import DataFormat, DataRef, Dataset, DataValidation, ProcessingJob, Spec
from mlops_iac.specs.jobs import RunPolicy


def data_format(ref: DataRef, specs: Mapping[str, Spec]) -> DataFormat | None:
    """Return how the files of data are written; `None` when nothing of that name is declared."""
    source = specs.get(str(ref.name))
    if isinstance(source, Dataset):
        return source.format
    if isinstance(source, ProcessingJob):
        return source.outputs.get(ref.output or "")
    return None


def unreadable_data(spec: Spec, ref: DataRef, specs: Mapping[str, Spec]) -> Iterator[Problem]:
    """Yield a problem when data is not of a format with columns."""
    if data_format(ref, specs) is DataFormat.FILES:
        yield Problem(
            code="job.no-columns",
            component=spec.name,
            field="data",
            value=str(ref),
            message=f"`{ref}` has the format `files`, and a {spec.kind} reads columns",
            rule="the data is `parquet`, `csv` or `jsonl`",
            remedy=f"set the format of `{ref}`, or name other data",
        )


def data_needs(refs: Iterable[DataRef], specs: Mapping[str, Spec], *, but: str = "") -> list[str]:
    """Return the components that data comes from, and the contracts on it except `but`."""
    read = {str(ref): str(ref.name) for ref in refs}
    contracts = [
        spec.name
        for spec in specs.values()
        if isinstance(spec, DataValidation) and str(spec.data) in read and spec.name != but
    ]
    return [*dict.fromkeys(read.values()), *contracts]


def is_made_by_up(ref: DataRef, specs: Mapping[str, Spec]) -> bool:
    """Whether data is there after `up`: a dataset, or what a job with `run: on_change` makes."""
    source = specs.get(str(ref.name))
    return not (isinstance(source, ProcessingJob) and source.run is RunPolicy.MANUAL)


def unmade_data(
    spec: Spec, run: RunPolicy, refs: Mapping[str, DataRef], specs: Mapping[str, Spec]
) -> Iterator[Problem]:
    """Yield a problem for each input of a run by `up` that no run by `up` makes."""
    for ref in refs.values() if run is RunPolicy.ON_CHANGE else ():
        if not is_made_by_up(ref, specs):
            yield Problem(
                code="job.unmade-data",
                component=spec.name,
                field="data",
                value=str(ref),
                message=f"`{ref}` is made by a job with `run: manual`, and `{spec.name}` is run "
                "by `up`",
                rule="what `up` runs reads what is there after `up`",
                remedy=f"set `run: on_change` on `{ref.name}`, or `run: manual` on `{spec.name}`",
            )
