"""Feature groups on Google Cloud: tables of BigQuery, registered and served by Vertex AI."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from mlops_iac import custom
from mlops_iac.feature_rules import feature_set
from mlops_iac.jobs.features import fill_job, fill_wait
from mlops_iac.outputs import FeatureGroupOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import FeatureGroup
from mlops_iac_gcp import facts, place, sdk
from mlops_iac_gcp.feature_checks import feature_problems
from mlops_iac_gcp.feature_rights import add_rights, let_serve
from mlops_iac_gcp.features import columns, steps
from mlops_iac_gcp.features.online_store import online_store
from mlops_iac_gcp.jobs.defining import BuiltJob, register_job

FEATURE_SCHEMA = "mlops-iac:gcp:FeatureSchema"
_CLUSTERING_LIMIT = 4
"""discovery bigquery.v2, Clustering.fields."""


class FeatureGroupAdapter:
    """Maps `FeatureGroup`; see `docs/mappings/gcp/feature_group.md`."""

    def check(self, spec: FeatureGroup, scope: Scope) -> Iterable[Problem]:
        """Return what BigQuery or Vertex AI would refuse, or could never change."""
        return feature_problems(spec, scope)

    def build(self, spec: FeatureGroup, context: BuildContext) -> FeatureGroupOutputs:
        """Register the stores, what fills them, and the filling with the data of now."""
        key = _key(context)
        dataset = _dataset(spec, context, key)
        table = _table(spec, context, dataset, key)
        registered = _register(spec, context, table)
        served = _serve(spec, context, [dataset, table], key) if spec.online else []
        needs = [table, *served, *add_rights(spec, context, dataset)]
        built = _filling(spec, context, needs)
        view, known = steps.view_name(spec, context), sdk.pulumi.Output.from_input
        return FeatureGroupOutputs(
            native_id=registered.id,
            console_url=known(facts.console(context, "vertex-ai/feature-store")),
            group_name=registered.name,
            version=known(built.definition.job.key or ""),
            offline_store=known(f"bq://{_address(spec, context)}" if spec.offline else None),
            online_store=known(view),
        )


def _address(spec: FeatureGroup, scope: Scope, table: str = columns.HISTORY) -> str:
    return f"{facts.project(scope)}.{steps.dataset_id(scope, spec.name)}.{table}"


def _types(spec: FeatureGroup) -> dict[str, str]:
    kinds = {name: kind.value for name, kind in spec.features.items()}
    return columns.types_of(spec.entities, spec.event_time, kinds)


def _key(context: BuildContext) -> sdk.pulumi.Output[str] | None:
    if context.platform.encryption.mode == "managed":
        return None
    return context.built_platform.encryption_key.apply(lambda key: key or "")


def _dataset(
    spec: FeatureGroup, context: BuildContext, key: sdk.pulumi.Output[str] | None
) -> sdk.gcp.bigquery.Dataset:
    return sdk.gcp.bigquery.Dataset(
        context.name("dataset"),
        dataset_id=steps.dataset_id(context, spec.name),
        project=facts.project(context),
        location=facts.region(context),
        description=f"Features {spec.name}",
        delete_contents_on_destroy=not context.profile.protects_data,
        default_encryption_configuration=None
        if key is None
        else sdk.gcp.bigquery.DatasetDefaultEncryptionConfigurationArgs(kms_key_name=key),
        labels=facts.labels(context),
        opts=context.opts("features", **context.protected()),
    )


def _schema(spec: FeatureGroup, context: BuildContext) -> sdk.pulumi.CustomResource:
    """Register what judges a change: the table would be replaced, and lose its rows."""
    return custom.register(
        FEATURE_SCHEMA,
        context.name("schema"),
        {
            "component": spec.name,
            "table": _address(spec, context),
            "entities": list(spec.entities),
            "event_time": spec.event_time,
            "columns": _types(spec),
            "bucket": context.built_platform.native["bucket"],
            "prefix": f"{place.features_prefix(spec.name)}/",
        },
        outputs=(),
        opts=context.opts("features", **context.protected()),
    )


def _table(
    spec: FeatureGroup,
    context: BuildContext,
    dataset: sdk.gcp.bigquery.Dataset,
    key: sdk.pulumi.Output[str] | None,
) -> sdk.gcp.bigquery.Table:
    return sdk.gcp.bigquery.Table(
        context.name("history"),
        table_id=columns.HISTORY,
        dataset_id=dataset.dataset_id,
        project=facts.project(context),
        description=spec.description or f"Features {spec.name}",
        schema=json.dumps(columns.schema(_types(spec))),
        # By month: a load touches at most 4,000 partitions, which are 11 years of days.
        # https://cloud.google.com/bigquery/quotas#partitioned_tables
        time_partitioning=sdk.gcp.bigquery.TableTimePartitioningArgs(
            type="MONTH", field=spec.event_time
        ),
        clusterings=list(spec.entities[:_CLUSTERING_LIMIT]),
        encryption_configuration=None
        if key is None
        else sdk.gcp.bigquery.TableEncryptionConfigurationArgs(kms_key_name=key),
        deletion_protection=context.profile.protects_data,
        labels=facts.labels(context),
        opts=context.opts("features", depends_on=[_schema(spec, context)], **context.protected()),
    )


def _register(
    spec: FeatureGroup, context: BuildContext, table: sdk.gcp.bigquery.Table
) -> sdk.gcp.vertex.AiFeatureGroup:
    """Make the group and its features known to the feature registry."""
    place_of = {"project": facts.project(context), "region": facts.region(context)}
    labels = facts.labels(context)
    source = sdk.gcp.vertex.AiFeatureGroupBigQueryBigQuerySourceArgs(
        input_uri=f"bq://{_address(spec, context)}"
    )
    group = sdk.gcp.vertex.AiFeatureGroup(
        context.name("group"),
        name=steps.feature_group_id(context, spec.name),
        description=spec.description,
        big_query=sdk.gcp.vertex.AiFeatureGroupBigQueryArgs(
            big_query_source=source, entity_id_columns=list(spec.entities)
        ),
        labels=labels,
        opts=context.opts("features", depends_on=[table]),
        **place_of,
    )
    for name, kind in spec.features.items():
        sdk.gcp.vertex.AiFeatureGroupFeature(
            context.name(f"feature-{name}"),
            feature_group=group.name,
            # Ids have no capitals.
            name=name.lower(),
            version_column_name=name,
            description=f"{kind.value} of {spec.name}",
            labels=labels,
            opts=context.opts(f"features.{name}"),
            **place_of,
        )
    return group


def _serve(
    spec: FeatureGroup,
    context: BuildContext,
    source: Sequence[Any],
    key: sdk.pulumi.Output[str] | None,
) -> list[Any]:
    """Make the newest row of each entity a view, and let the online store serve it."""
    dataset, table = source
    latest = sdk.gcp.bigquery.Table(
        context.name("latest"),
        table_id=columns.LATEST,
        dataset_id=dataset.dataset_id,
        project=facts.project(context),
        description=f"Newest features {spec.name}, times in microseconds since 1970",
        view=sdk.gcp.bigquery.TableViewArgs(
            query=columns.latest_query(_address(spec, context), feature_set(spec, context.specs)),
            use_legacy_sql=False,
        ),
        deletion_protection=False,
        labels=facts.labels(context),
        opts=context.opts("online", depends_on=[table], **context.protected()),
    )
    view = sdk.gcp.vertex.AiFeatureOnlineStoreFeatureview(
        context.name("view"),
        name=steps.feature_group_id(context, spec.name),
        feature_online_store=online_store(spec, context, key),
        project=facts.project(context),
        region=facts.region(context),
        # Without a schedule: each filling synchronises it.
        big_query_source=sdk.gcp.vertex.AiFeatureOnlineStoreFeatureviewBigQuerySourceArgs(
            uri=f"bq://{_address(spec, context, columns.LATEST)}",
            entity_id_columns=list(spec.entities),
        ),
        labels=facts.labels(context),
        opts=context.opts("online", depends_on=[latest]),
    )
    return [view, let_serve(context, dataset)]


def _filling(spec: FeatureGroup, context: BuildContext, needs: Sequence[Any]) -> BuiltJob:
    job = fill_job(spec, context, build=partial(steps.fill_steps, spec, context), uploads=needs)
    return register_job(job, context, fill_wait(spec, context.specs))
