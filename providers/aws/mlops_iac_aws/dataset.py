"""Datasets on AWS: objects under a version's prefix, and an artifact in SageMaker lineage."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from mlops_iac.content import data_files, dataset_version, upload_problems
from mlops_iac.outputs import DatasetOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import Dataset
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.availability import WITHOUT_ARTIFACT
from mlops_iac_aws.objects import after_platform, register_object

CONTRACT_FILE = "dataset.json"


class DatasetAdapter:
    """Maps `Dataset`; see `docs/mappings/aws/dataset.md`."""

    def check(self, spec: Dataset, scope: Scope) -> Iterable[Problem]:
        """Return what AWS cannot read, or Pulumi should not carry."""
        if spec.is_remote:
            yield from _remote_problems(spec)
        else:
            remedy = "upload the data yourself and name it `s3://bucket/prefix/`"
            yield from upload_problems(spec, scope.project_dir, remedy)

    def build(self, spec: Dataset, context: BuildContext) -> DatasetOutputs:
        """Register the files of this version and its description."""
        version = dataset_version(spec, context.project_dir)
        key = place.dataset_key(spec.name, version)
        objects = [
            register_object(
                context,
                f"data/{name}",
                "source",
                f"{key}/data/{name}",
                source=sdk.pulumi.FileAsset(str(path)),
            )
            for name, path in data_files(spec.source, context.project_dir).items()
        ]
        uri = dataset_uri(spec, context)
        objects.append(
            register_object(
                context,
                "contract",
                "columns",
                f"{key}/contract/{CONTRACT_FILE}",
                content=json.dumps(_contract(spec, version, uri), sort_keys=True),
                content_type="application/json",
            )
        )
        artifact = _lineage(spec, context, version, uri)
        # Resolves when every file is there: jobs that use the dataset wait for it.
        ready = sdk.pulumi.Output.all(*[item.id for item in objects])
        return DatasetOutputs(
            native_id=artifact or sdk.pulumi.Output.from_input(uri),
            console_url=ready.apply(lambda _: _console(context, uri)),
            uri=sdk.pulumi.Output.from_input(uri),
            version=sdk.pulumi.Output.from_input(version),
        )


def dataset_uri(spec: Dataset, scope: Scope) -> str:
    """Return where jobs read a dataset."""
    if spec.is_remote:
        return spec.source
    key = place.dataset_key(spec.name, dataset_version(spec, scope.project_dir))
    return f"{place.artifact_root(scope)}/{key}/data/"


def contract_uri(spec: Dataset, scope: Scope) -> str:
    """Return the folder with the description that the runtime checks data by."""
    version = dataset_version(spec, scope.project_dir)
    return f"{place.artifact_root(scope)}/{place.dataset_key(spec.name, version)}/contract/"


def _remote_problems(spec: Dataset) -> Iterator[Problem]:
    address = urlsplit(spec.source)
    if address.scheme != "s3" or not address.netloc:
        yield Problem(
            code="dataset.scheme",
            component=spec.name,
            field="source",
            value=spec.source,
            message=f"SageMaker reads no `{address.scheme}://` data",
            rule="remote data is in S3: `s3://bucket/prefix/`",
            remedy="copy it to S3, or declare local files, which are uploaded",
        )
    elif "*" in address.path:
        yield Problem(
            code="dataset.glob",
            component=spec.name,
            field="source",
            value=spec.source,
            message="SageMaker reads a prefix, not a pattern",
            rule="`s3://bucket/prefix/` stands for all that begins with it",
            remedy=f"name the prefix: `{spec.source.partition('*')[0]}`",
        )


def _contract(spec: Dataset, version: str, uri: str) -> dict[str, Any]:
    return {
        "name": spec.name,
        "version": version,
        "uri": uri,
        "format": spec.format.value,
        "columns": {name: kind.value for name, kind in spec.columns.items()},
        "description": spec.description,
    }


def _lineage(
    spec: Dataset, context: BuildContext, version: str, uri: str
) -> sdk.pulumi.Output[str] | None:
    if place.region(context) in WITHOUT_ARTIFACT:
        return None
    source = sdk.aws_native.sagemaker.ArtifactSourceArgs(
        source_uri=uri,
        source_types=[
            sdk.aws_native.sagemaker.ArtifactSourceTypeArgs(
                source_id_type=sdk.aws_native.sagemaker.ArtifactSourceTypeSourceIdType.CUSTOM,
                value=version,
            )
        ],
    )
    described = {"format": spec.format.value, "version": version, "description": spec.description}
    artifact = sdk.aws_native.sagemaker.Artifact(
        context.name("lineage"),
        artifact_name=names.artifact(context, spec.name, version),
        artifact_type="DataSet",
        source=source,
        properties={key: value for key, value in described.items() if value},
        tags=[sdk.aws_native.TagArgs(key=k, value=v) for k, v in context.tags.items()],
        opts=context.opts("source", depends_on=after_platform(context)),
    )
    return artifact.arn


def _console(context: BuildContext, uri: str) -> str:
    address = urlsplit(uri)
    prefix = address.path.strip("/")
    here = place.region(context)
    return f"https://s3.console.aws.amazon.com/s3/buckets/{address.netloc}?region={here}&prefix={prefix}/"
