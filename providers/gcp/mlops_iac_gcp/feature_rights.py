"""Who may touch a feature group's stores: what fills it, and what serves it."""

from __future__ import annotations

from typing import Any

from mlops_iac.provider import BuildContext, Purpose
from mlops_iac.specs import Dataset, FeatureGroup
from mlops_iac_gcp import facts, names, place, sdk
from mlops_iac_gcp.dataset import let_read
from mlops_iac_gcp.grants import FILL_PERMISSIONS, FILL_TABLES, FILL_WRITES, SERVE_TABLES
from mlops_iac_gcp.identities import member


def add_rights(
    spec: FeatureGroup, context: BuildContext, dataset: sdk.gcp.bigquery.Dataset
) -> list[Any]:
    """Register what the pipelines' identity fills the group with; return it."""
    platform = context.built_platform
    filler = member(platform.identities[Purpose.PIPELINE])
    source = context.specs.get(str(spec.data.name))
    if isinstance(source, Dataset) and source.is_remote:
        let_read(source, context, "data", filler, f"data of {spec.name} only")
    return [
        _on_dataset(context, "filler", dataset, FILL_TABLES, filler),
        _on_folder(spec, context, filler),
        *_own_role(spec, context, filler),
    ]


def let_serve(context: BuildContext, dataset: sdk.gcp.bigquery.Dataset) -> Any:
    """Let Vertex AI read what it serves."""
    agent = member(context.built_platform.native["vertex_agent"])
    return _on_dataset(context, "server", dataset, SERVE_TABLES, agent)


def _on_dataset(
    context: BuildContext,
    suffix: str,
    dataset: sdk.gcp.bigquery.Dataset,
    role: str,
    who: sdk.pulumi.Output[str],
) -> sdk.gcp.bigquery.DatasetIamMember:
    return sdk.gcp.bigquery.DatasetIamMember(
        context.name(suffix),
        dataset_id=dataset.dataset_id,
        project=facts.project(context),
        role=role,
        member=who,
        opts=context.opts("features"),
    )


def _on_folder(
    spec: FeatureGroup, context: BuildContext, who: sdk.pulumi.Output[str]
) -> sdk.gcp.storage.BucketIAMMember:
    objects = f"projects/_/buckets/{facts.bucket(context)}/objects/"
    own = f"{objects}{place.features_prefix(spec.name)}/"
    return sdk.gcp.storage.BucketIAMMember(
        context.name("history-writer"),
        bucket=context.built_platform.native["bucket"],
        role=FILL_WRITES,
        member=who,
        condition=sdk.gcp.storage.BucketIAMMemberConditionArgs(
            title=f"features of {spec.name} only",
            expression=f'resource.name.startsWith("{own}")',
        ),
        opts=context.opts("features"),
    )


def _own_role(
    spec: FeatureGroup, context: BuildContext, who: sdk.pulumi.Output[str]
) -> list[sdk.pulumi.CustomResource]:
    """A role of the group's own: two groups that bound one to one identity would share it."""
    role = sdk.gcp.projects.IAMCustomRole(
        context.name("filling"),
        role_id=context.physical_name(names.ROLE, spec.name, "filling"),
        project=facts.project(context),
        title=f"{context.project} {context.stack} filling {spec.name}",
        description="mlops-iac: what filling a feature group needs, and nothing else",
        permissions=list(FILL_PERMISSIONS),
        stage="GA",
        opts=context.opts("features"),
    )
    bound = sdk.gcp.projects.IAMMember(
        context.name("filling-role"),
        project=facts.project(context),
        role=role.name,
        member=who,
        opts=context.opts("features"),
    )
    return [bound]
