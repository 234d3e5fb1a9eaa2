"""`Dataset` on this machine: a copy by content, in a store that nobody writes twice."""

from collections.abc import Iterable

from mlops_iac.content import data_files, dataset_version, is_on_disk
from mlops_iac.custom import register
from mlops_iac.outputs import DatasetOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs.dataset import DataFormat, Dataset
from mlops_iac_local.adapting import after, nothing, output


class DatasetAdapter:
    """Maps `Dataset`."""

    def check(self, spec: Dataset, scope: Scope) -> Iterable[Problem]:
        """Find sources that cannot be read here."""
        if spec.columns and spec.format is DataFormat.FILES:
            yield Problem(
                code="dataset.no-columns",
                component=spec.name,
                field="columns",
                message="`columns` are declared for files of no known format",
                rule="`files` have no columns",
                remedy="set `format` to `parquet`, `csv` or `jsonl`, or leave `columns` out",
            )
        if not is_on_disk(spec.source):
            yield Problem(
                code="dataset.remote-source",
                component=spec.name,
                field="source",
                value=spec.source,
                message=f"`{spec.source}` does not lie on this machine",
                rule="the target `local` reads paths, globs and `file://` URIs",
                remedy="copy a part of the data beside the declaration, for this environment",
            )
        elif not data_files(spec.source, scope.project_dir):
            yield Problem(
                code="dataset.no-files",
                component=spec.name,
                field="source",
                value=spec.source,
                message=f"`{spec.source}` matches no file",
                rule=f"a path or glob is relative to `{scope.project_dir}`",
                remedy="correct `source`, or make the data first",
            )

    def build(self, spec: Dataset, context: BuildContext) -> DatasetOutputs:
        """Register the dataset with the digest of its files, which is its version."""
        dataset = register(
            "mlops-iac:local:Dataset",
            context.name(),
            {
                "name": spec.name,
                "source": spec.source,
                "format": spec.format.value,
                "columns": {name: kind.value for name, kind in spec.columns.items()},
                "description": spec.description,
                "digest": dataset_version(spec, context.project_dir),
                "tags": context.tags,
            },
            outputs=("uri", "version"),
            opts=context.opts("source", **after(context), **context.protected()),
        )
        return DatasetOutputs(
            native_id=dataset.id,
            console_url=nothing(),
            uri=output(dataset, "uri"),
            version=output(dataset, "version"),
        )
