"""Dataset on Azure: content-addressed blobs, or data that lies in Azure already."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from mlops_iac.content import data_files, dataset_version, upload_problems
from mlops_iac.jobs.data import dataset_folder
from mlops_iac.outputs import DatasetOutputs
from mlops_iac.provider import BuildContext, Problem, Scope, content_hash
from mlops_iac.specs import Dataset
from mlops_iac_azure import facts

EXAMPLES: Mapping[str, str] = {
    "azureml": "`azureml://datastores/NAME/paths/folder/`",
    "abfss": "`abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/folder/`",
    "https": "`https://ACCOUNT.blob.core.windows.net/CONTAINER/folder/`",
    "wasbs": "`wasbs://CONTAINER@ACCOUNT.blob.core.windows.net/folder/`",
}
"""URIs that a data asset takes (azure-ai-ml 1.35, data asset paths)."""


class DatasetAdapter:
    """Maps `Dataset` to a data asset whose version is the hash of its content."""

    def check(self, spec: Dataset, scope: Scope) -> Iterator[Problem]:
        """Yield what cannot be read or uploaded."""
        if spec.is_remote:
            yield from _address_problems(spec)
        else:
            remedy = "upload them once with `az storage blob upload-batch` and name their URI"
            yield from upload_problems(spec, scope.project_dir, remedy)

    def build(self, spec: Dataset, context: BuildContext) -> DatasetOutputs:
        """Register the files, the manifest and the data asset."""
        from mlops_iac_azure.frame.dataset import build_dataset

        return build_dataset(spec, context)


def data_files_of(spec: Dataset, scope: Scope) -> Mapping[str, Any]:
    """Return the files of local data by the name under which each lies in its folder."""
    return data_files(spec.source, scope.project_dir)


def data_uri(spec: Dataset, scope: Scope) -> str:
    """Return where the data is, files in a folder."""
    return (
        spec.source if spec.is_remote else facts.address(scope, dataset_folder(spec, scope) + "/")
    )


def mounted_data(spec: Dataset, scope: Scope) -> str:
    """Return how a job's input names the data."""
    if spec.is_remote:
        return spec.source
    return facts.mounted(scope, dataset_folder(spec, scope) + "/")


def data_type(spec: Dataset) -> str:
    """Return what a job gets to see: one file, or a folder."""
    suffix = PurePosixPath(urlsplit(spec.source).path).suffix
    return "uri_file" if spec.is_remote and suffix == f".{spec.format}" else "uri_folder"


def data_name(spec: Dataset, scope: Scope) -> str:
    """Return the name of the data asset."""
    return facts.asset(scope, spec.name)


def manifest(spec: Dataset, scope: Scope) -> dict[str, Any]:
    """Return what is declared of the data, for the runs that read it."""
    return {
        "name": spec.name,
        "uri": data_uri(spec, scope),
        "version": dataset_version(spec, scope.project_dir),
        "format": spec.format.value,
        "columns": {name: column.value for name, column in spec.columns.items()},
        "description": spec.description,
    }


def manifest_path(spec: Dataset, scope: Scope) -> str:
    """Return where in the store the manifest is."""
    return f"manifests/{spec.name}/{content_hash(manifest(spec, scope), 16)}.json"


def _address_problems(spec: Dataset) -> Iterator[Problem]:
    scheme = spec.source.partition("://")[0]
    if scheme not in EXAMPLES:
        yield Problem(
            code="dataset.scheme",
            component=spec.name,
            field="source",
            value=spec.source,
            message=f"Azure ML does not read `{scheme}://`",
            rule=f"one of {', '.join(EXAMPLES.values())}",
            remedy="copy the data into an Azure storage account, or declare local files",
        )
