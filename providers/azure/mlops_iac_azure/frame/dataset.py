"""A dataset's blobs, data container and data version."""

from pathlib import PurePosixPath
from typing import Any

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from mlops_iac.content import data_files, dataset_version
from mlops_iac.outputs import DatasetOutputs
from mlops_iac.provider import BuildContext
from mlops_iac.specs import DataFormat, Dataset
from mlops_iac_azure import names, place
from mlops_iac_azure.foundation import Foundation
from mlops_iac_azure.frame.assets import upload, version_opts
from mlops_iac_azure.frame.known import known


def build_dataset(spec: Dataset, context: BuildContext) -> DatasetOutputs:
    """Register one dataset."""
    base = Foundation.read(context.built_platform.native)
    version = dataset_version(spec, context.project_dir)
    name = context.physical_name(names.ASSET, spec.name)
    uri, uploaded = _data(spec, context, base, version)
    data_type = _data_type(spec)
    container = ml.DataContainer(
        context.name("data"),
        resource_group_name=base.group,
        workspace_name=base.workspace,
        name=name,
        properties=ml.DataContainerPropertiesArgs(
            data_type=data_type, description=spec.description, tags=context.tags
        ),
        opts=context.opts("name"),
    )
    arguments: dict[str, Any] = {
        "data_type": data_type,
        "data_uri": uri,
        "description": spec.description,
        "tags": context.tags,
        "properties": _properties(spec),
    }
    data_version = ml.DataVersion(
        context.name("version"),
        resource_group_name=base.group,
        workspace_name=base.workspace,
        name=known(name, container),
        version=version,
        properties=ml.UriFileDataVersionArgs(**arguments)
        if data_type == "uri_file"
        else ml.UriFolderDataVersionArgs(**arguments),
        opts=version_opts(context, "source", depends_on=uploaded),
    )
    path = f"/data/{name}/versions/{version}"
    native_id = pulumi.Output.all(base.workspace_id, known(path, data_version)).apply("".join)
    return DatasetOutputs(
        native_id=native_id,
        console_url=native_id.apply(lambda id_: f"https://ml.azure.com/data?id={id_}"),
        uri=pulumi.Output.from_input(uri),
        version=known(version, data_version),
    )


def _data(
    spec: Dataset, context: BuildContext, base: Foundation, version: str
) -> tuple[pulumi.Input[str], list[pulumi.Resource]]:
    if spec.is_remote:
        return spec.source, []
    folder = f"datasets/{spec.name}/{version}"
    files = data_files(spec.source, context.project_dir)
    contents = {name: pulumi.FileAsset(str(path)) for name, path in files.items()}
    uploaded = upload(context, base, folder, contents, "source")
    path = f"/datastores/{place.DATASTORE}/paths/{folder}"
    # The long form of a datastore's path, which any workspace understands.
    uri = pulumi.Output.format("azureml:/{0}{1}", base.workspace_id.apply(_short), path)
    return uri, uploaded


def _short(workspace_id: str) -> str:
    text = workspace_id.replace("/resourceGroups/", "/resourcegroups/")
    return text.replace("/providers/Microsoft.MachineLearningServices", "")


def _data_type(spec: Dataset) -> str:
    suffix = PurePosixPath(spec.source).suffix
    return "uri_file" if spec.is_remote and suffix == f".{spec.format}" else "uri_folder"


def _properties(spec: Dataset) -> dict[str, str]:
    columns = {f"column.{name}": kind.value for name, kind in spec.columns.items()}
    return {"format": DataFormat(spec.format).value, **columns}
