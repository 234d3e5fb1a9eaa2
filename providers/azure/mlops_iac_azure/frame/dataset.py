"""A dataset's blobs, manifest and data version."""

from typing import Any

import pulumi

from mlops_iac.content import dataset_version
from mlops_iac.jobs.data import dataset_folder
from mlops_iac.outputs import DatasetOutputs
from mlops_iac.provider import BuildContext
from mlops_iac.specs import Dataset
from mlops_iac_azure import facts
from mlops_iac_azure.dataset import (
    data_files_of,
    data_name,
    data_type,
    data_uri,
    manifest,
    manifest_path,
    mounted_data,
)
from mlops_iac_azure.frame.assets import register_asset
from mlops_iac_azure.objects import add_folder, add_object


def build_dataset(spec: Dataset, context: BuildContext) -> DatasetOutputs:
    """Register one dataset."""
    uploaded: list[pulumi.Resource] = []
    if not spec.is_remote:
        files = data_files_of(spec, context)
        uploaded.append(
            add_folder(context, "files", dataset_folder(spec, context), "source", files)
        )
    add_object(
        context,
        "manifest",
        manifest_path(spec, context),
        "source",
        content=manifest(spec, context),
    )
    version = dataset_version(spec, context.project_dir)
    name = data_name(spec, context)
    registered = register_asset(
        context,
        "version",
        "data",
        name,
        _properties(spec, context),
        "source",
        version=version,
        description=spec.description,
        depends_on=uploaded,
    )
    path = facts.in_workspace(context, "data/versions", name, version)
    uri = data_uri(spec, context)
    return DatasetOutputs(
        native_id=registered.urn.apply(lambda _: path),
        console_url=pulumi.Output.from_input(
            facts.console(context, f"data/{name}/{version}/details")
        ),
        uri=registered.urn.apply(lambda _: uri),
        version=registered.urn.apply(lambda _: version),
    )


def _properties(spec: Dataset, context: BuildContext) -> dict[str, Any]:
    columns = {f"column.{name}": kind.value for name, kind in spec.columns.items()}
    return {
        "dataType": data_type(spec),
        "dataUri": mounted_data(spec, context),
        "properties": {"format": spec.format.value, **columns},
    }
