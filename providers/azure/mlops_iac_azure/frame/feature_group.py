"""A feature group's parts: its schema, its table, its data asset, its filling."""

from __future__ import annotations

from functools import partial

import pulumi
from pulumi_azure_native import machinelearningservices as ml
from pulumi_azure_native import storage

from mlops_iac import custom
from mlops_iac.jobs.features import fill_job, fill_wait
from mlops_iac.outputs import FeatureGroupOutputs
from mlops_iac.provider import BuildContext
from mlops_iac.specs import FeatureGroup
from mlops_iac.store_paths import history_key
from mlops_iac_azure import facts, place
from mlops_iac_azure.features import steps
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.loop_rights import (
    Rights,
    foundation,
    let_do,
    let_have,
    let_write,
    worker,
)
from mlops_iac_azure.jobs.defining import BuiltJob, register_job
from mlops_iac_azure.loop_grants import FILL_ACTIONS, TABLE_CONTRIBUTOR

FEATURE_SCHEMA = "mlops-iac:azure:FeatureSchema"
_LONGEST = 256
"""Of a property of an asset."""


def build_feature_group(spec: FeatureGroup, context: BuildContext) -> FeatureGroupOutputs:
    """Register one feature group, and its filling with the data of now."""
    schema = _schema(spec, context)
    asset = _asset(spec, context, schema)
    table = _table(spec, context, schema) if spec.online else None
    built = _filling(spec, context, [asset, *_rights(spec, context, table)])
    version = built.definition.job.key or ""
    name, base = facts.asset(context, spec.name), foundation(context)
    return FeatureGroupOutputs(
        native_id=pulumi.Output.concat(base.workspace_id, f"/data/{name}"),
        console_url=known(facts.console(context, f"data/{name}/{version}/details"), asset),
        group_name=known(name, asset),
        version=known(version),
        offline_store=known(_address(spec, context, version) if spec.offline else None),
        online_store=_online(spec, context, table),
    )


def _address(spec: FeatureGroup, context: BuildContext, version: str) -> str:
    return facts.address(context, history_key(spec.name, version))


def _online(
    spec: FeatureGroup, context: BuildContext, table: storage.Table | None
) -> pulumi.Output[str | None]:
    if table is None:
        return pulumi.Output.from_input(None)
    root = facts.place(context).address("table", facts.bucket(context))
    return known(f"{root}/{steps.table_name(context, spec.name)}", table)


def _types(spec: FeatureGroup) -> dict[str, str]:
    """Return the type of every column; entities are what the data shows."""
    own = {**dict.fromkeys(spec.entities, "key"), spec.event_time: "timestamp"}
    return {**own, **{name: kind.value for name, kind in spec.features.items()}}


def _schema(spec: FeatureGroup, context: BuildContext) -> pulumi.CustomResource:
    """Register what judges a change: rows and histories of before would be of no use any more."""
    return custom.register(
        FEATURE_SCHEMA,
        context.name("schema"),
        {
            "component": spec.name,
            "table": facts.in_workspace(context, "data", facts.asset(context, spec.name)),
            "entities": list(spec.entities),
            "event_time": spec.event_time,
            "columns": _types(spec),
            "bucket": facts.bucket(context),
            "prefix": f"{place.features_prefix(spec.name)}/",
        },
        outputs=(),
        opts=context.opts("features", **context.protected()),
    )


def _asset(spec: FeatureGroup, context: BuildContext, schema: pulumi.Resource) -> ml.DataContainer:
    """Register the data asset whose versions are the histories, with what they hold."""
    base = foundation(context)
    told = {
        "mlops-iac-entities": ", ".join(spec.entities),
        "mlops-iac-event-time": spec.event_time,
        "mlops-iac-features": ", ".join(sorted(spec.features)),
    }
    return ml.DataContainer(
        context.name("history"),
        resource_group_name=base.group,
        workspace_name=base.workspace,
        name=facts.asset(context, spec.name),
        properties=ml.DataContainerPropertiesArgs(
            data_type="uri_folder",
            description=spec.description or f"Features {spec.name}",
            properties={name: value[:_LONGEST] for name, value in told.items()},
            tags=context.tags,
        ),
        opts=context.opts("features", depends_on=[schema]),
    )


def _table(spec: FeatureGroup, context: BuildContext, schema: pulumi.Resource) -> storage.Table:
    base = foundation(context)
    return storage.Table(
        context.name("online"),
        resource_group_name=base.group,
        account_name=base.account,
        table_name=steps.table_name(context, spec.name),
        opts=context.opts("online", depends_on=[schema], **context.protected()),
    )


def _rights(
    spec: FeatureGroup, context: BuildContext, table: storage.Table | None
) -> list[pulumi.Resource]:
    """Register what the pipelines' identity fills the group with."""
    filler = worker(context)
    granted = [
        let_write(context, place.features_prefix(spec.name), filler),
        let_do(context, "filling", Rights(actions=FILL_ACTIONS), filler),
    ]
    if table is not None:
        tables = f"{facts.account_id(context)}/tableServices/default/tables"
        scope = f"{tables}/{steps.table_name(context, spec.name)}"
        granted.append(
            let_have(
                context, "table-writer", filler, TABLE_CONTRIBUTOR, (scope, known(scope, table))
            )
        )
    return granted


def _filling(spec: FeatureGroup, context: BuildContext, needs: list[pulumi.Resource]) -> BuiltJob:
    job = fill_job(spec, context, build=partial(steps.fill_steps, spec, context), uploads=needs)
    return register_job(job, context, fill_wait(spec, context.specs))
