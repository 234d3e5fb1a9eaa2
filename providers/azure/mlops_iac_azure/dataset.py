"""Data: local files uploaded by content, or data that lies in Azure already."""

from collections.abc import Iterator

from mlops_iac.content import upload_problems
from mlops_iac.outputs import DatasetOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import Dataset

SCHEMES = ("azureml", "abfss", "https", "wasbs")
"""URIs that a data asset takes (azure-ai-ml 1.35, data asset paths)."""


class DatasetAdapter:
    """Maps `Dataset` to a data asset whose version is the hash of its content."""

    def check(self, spec: Dataset, scope: Scope) -> Iterator[Problem]:
        """Yield what Azure refuses of a dataset."""
        if not spec.is_remote:
            remedy = "put the files into a storage account and name their URI"
            yield from upload_problems(spec, scope.project_dir, remedy)
        elif spec.source.partition("://")[0] not in SCHEMES:
            yield Problem(
                code="dataset.scheme",
                component=spec.name,
                field="source",
                value=spec.source,
                message=f"Azure ML does not read `{spec.source.partition('://')[0]}://`",
                rule=f"one of {', '.join(f'`{scheme}://`' for scheme in SCHEMES)}",
                remedy="copy the data into an Azure storage account, or declare local files",
            )

    def build(self, spec: Dataset, context: BuildContext) -> DatasetOutputs:
        """Register the files and the data asset."""
        from mlops_iac_azure.frame.dataset import build_dataset

        return build_dataset(spec, context)
