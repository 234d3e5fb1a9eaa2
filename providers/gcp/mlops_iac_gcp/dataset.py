"""Dataset on Google Cloud: content-addressed objects, or data that lies in Storage or BigQuery."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac.content import data_files, dataset_version, file_digest, upload_problems
from mlops_iac.jobs.data import dataset_folder
from mlops_iac.outputs import DatasetOutputs
from mlops_iac.provider import BuildContext, Problem, Purpose, Scope, content_hash
from mlops_iac.specs import Dataset
from mlops_iac_gcp import facts, sdk
from mlops_iac_gcp.identities import member
from mlops_iac_gcp.objects import add_object

_STORAGE = re.compile(r"gs://(?P<bucket>[a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(/(?P<path>.*))?")
_BIGQUERY = re.compile(r"bq://(?P<project>[a-z0-9:.-]+)\.(?P<dataset>\w+)\.(?P<table>[\w-]+)")


class DatasetAdapter:
    """Data where runs read it. A Vertex AI dataset resource has no way to name its source."""

    def check(self, spec: Dataset, scope: Scope) -> Iterator[Problem]:
        """Yield what cannot be read or uploaded."""
        if spec.is_remote:
            yield from _address_problems(spec)
            yield from _table_problems(spec)
        else:
            remedy = "upload them once with `gcloud storage cp -r` and name their `gs://` URI"
            yield from upload_problems(spec, scope.project_dir, remedy)

    def build(self, spec: Dataset, context: BuildContext) -> DatasetOutputs:
        """Register the objects, or the right to read what lies elsewhere."""
        if spec.is_remote:
            trainer = member(context.built_platform.identities[Purpose.TRAINING])
            let_read(spec, context, "source", trainer)
        else:
            _upload(spec, context)
        add_object(
            context,
            "manifest",
            manifest_path(spec, context),
            "source",
            content=manifest(spec, context),
        )
        uri = data_uri(spec, context)
        return DatasetOutputs(
            native_id=sdk.pulumi.Output.from_input(uri),
            console_url=sdk.pulumi.Output.from_input(_page(uri, context)),
            uri=sdk.pulumi.Output.from_input(uri),
            version=sdk.pulumi.Output.from_input(dataset_version(spec, context.project_dir)),
        )


def data_uri(spec: Dataset, scope: Scope) -> str:
    """Return where the data is, files in a folder."""
    return (
        spec.source if spec.is_remote else facts.address(scope, dataset_folder(spec, scope) + "/")
    )


def mounted_data(spec: Dataset, scope: Scope) -> str:
    """Return where a container finds the data; BigQuery tables only by their address."""
    if not spec.is_remote:
        return facts.mounted(scope, dataset_folder(spec, scope))
    return re.sub(r"^gs://", "/gcs/", spec.source).rstrip("*")


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
    """Return where in the artifact bucket the manifest is."""
    return f"manifests/{spec.name}/{content_hash(manifest(spec, scope), 16)}.json"


def _upload(spec: Dataset, context: BuildContext) -> None:
    folder = dataset_folder(spec, context)
    for name, path in data_files(spec.source, context.project_dir).items():
        asset = sdk.pulumi.FileAsset(str(path))
        digest = file_digest(path)
        add_object(context, name, f"{folder}/{name}", "source", source=asset, sha256=digest)


def let_read(
    spec: Dataset,
    context: BuildContext,
    field: str,
    who: sdk.pulumi.Input[str],
    title: str = "this dataset only",
) -> None:
    """Let an identity read data that lies elsewhere.

    Args:
        spec: the dataset.
        context: the component that the right is made for.
        field: field of its declaration that asks for it.
        who: the identity, as a policy names it.
        title: of the condition; two rights that differ in nothing would be one.
    """
    for suffix, role, condition in _rights(spec.source, title):
        sdk.gcp.projects.IAMMember(
            context.name(suffix),
            project=facts.project(context),
            role=role,
            member=who,
            condition=condition,
            opts=context.opts(field),
        )


def _rights(
    source: str, title: str
) -> Iterator[tuple[str, str, sdk.gcp.projects.IAMMemberConditionArgs | None]]:
    # Bound to the project, narrowed to the data: unlike a policy on the bucket itself this also
    # works beside public data, whose policy is not ours to change.
    if match := _STORAGE.fullmatch(source):
        bucket = f"projects/_/buckets/{match['bucket']}"
        prefix = (match["path"] or "").partition("*")[0]
        # Listing is judged on the bucket, reading on each object.
        yield (
            "reader",
            "roles/storage.objectViewer",
            _only(title, bucket, f"{bucket}/objects/{prefix}"),
        )
    elif match := _BIGQUERY.fullmatch(source):
        dataset = f"projects/{match['project']}/datasets/{match['dataset']}"
        yield (
            "reader",
            "roles/bigquery.dataViewer",
            _only(title, dataset, f"{dataset}/tables/{match['table']}"),
        )
        yield "query", "roles/bigquery.jobUser", None


def _only(title: str, container: str, prefix: str) -> sdk.gcp.projects.IAMMemberConditionArgs:
    return sdk.gcp.projects.IAMMemberConditionArgs(
        title=title,
        expression=f'resource.name == "{container}" || resource.name.startsWith("{prefix}")',
    )


def _page(uri: str, scope: Scope) -> str | None:
    match = _STORAGE.fullmatch(uri)
    if match is None:
        return None
    return facts.console(scope, f"storage/browser/{match['bucket']}/{match['path'] or ''}")


_EXAMPLES: Mapping[str, str] = {"gs": "`gs://bucket/folder/`", "bq": "`bq://project.dataset.table`"}


def _table_problems(spec: Dataset) -> Iterator[Problem]:
    if _BIGQUERY.fullmatch(spec.source) and spec.columns:
        yield Problem(
            code="dataset.columns-unchecked",
            component=spec.name,
            field="columns",
            value=", ".join(spec.columns),
            message=f"nothing would compare `{spec.source}` with its `columns`",
            rule="columns are checked in files, before a script starts",
            remedy="leave out `columns`: BigQuery keeps a table's types; or export it to `gs://`",
        )


def _address_problems(spec: Dataset) -> Iterator[Problem]:
    if _STORAGE.fullmatch(spec.source) or _BIGQUERY.fullmatch(spec.source):
        return
    scheme = spec.source.partition("://")[0]
    known = scheme in _EXAMPLES
    yield Problem(
        code="dataset.uri" if known else "dataset.scheme",
        component=spec.name,
        field="source",
        value=spec.source,
        message=f"`{spec.source}` is malformed" if known else f"runs cannot read `{scheme}://`",
        rule=_EXAMPLES.get(scheme, f"one of {', '.join(_EXAMPLES.values())}"),
        remedy="correct the address"
        if known
        else "copy the data with Storage Transfer Service, or give local files",
    )
