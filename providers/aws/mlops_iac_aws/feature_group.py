"""Feature groups on AWS: SageMaker's feature store, filled by a pipeline of the group's own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from mlops_iac import custom
from mlops_iac.jobs.features import fill_job, fill_wait
from mlops_iac.outputs import FeatureGroupOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import FeatureGroup
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.feature_checks import feature_problems
from mlops_iac_aws.feature_roles import register_roles
from mlops_iac_aws.features import steps
from mlops_iac_aws.features.encoding import definitions, record_identifier
from mlops_iac_aws.jobs.defining import BuiltJob, register_job
from mlops_iac_aws.objects import after_platform, register_object

FEATURE_SCHEMA = "mlops-iac:aws:FeatureSchema"


class FeatureGroupAdapter:
    """Maps `FeatureGroup`; see `docs/mappings/aws/feature_group.md`."""

    def check(self, spec: FeatureGroup, scope: Scope) -> Iterable[Problem]:
        """Return what SageMaker would refuse, or could never change."""
        return feature_problems(spec, scope)

    def build(self, spec: FeatureGroup, context: BuildContext) -> FeatureGroupOutputs:
        """Register the group, what fills it, and its filling with the data of now."""
        roles = register_roles(spec, context)
        group = _group(spec, context, [*roles, _schema(spec, context)])
        built = _filling(spec, context, [*roles, group])
        name = group.feature_group_name.apply(str)
        store = f"{place.artifact_root(context)}/{place.features_key(spec.name)}offline"
        nothing = sdk.pulumi.Output.from_input(None)
        return FeatureGroupOutputs(
            native_id=sdk.pulumi.Output.from_input(place.feature_group_arn(context, spec.name)),
            console_url=sdk.pulumi.Output.from_input(place.console(context, "feature-store")),
            group_name=name,
            version=sdk.pulumi.Output.from_input(built.key),
            offline_store=sdk.pulumi.Output.from_input(store) if spec.offline else nothing,
            online_store=name if spec.online else nothing,
        )


def _schema(spec: FeatureGroup, context: BuildContext) -> sdk.pulumi.CustomResource:
    return custom.register(
        FEATURE_SCHEMA,
        context.name("schema"),
        {
            "component": spec.name,
            "group": names.feature_group(context, spec.name),
            "arn": place.feature_group_arn(context, spec.name),
            "record": list(spec.entities),
            "event_time": spec.event_time,
            "features": definitions(
                spec.entities,
                spec.event_time,
                {name: kind.value for name, kind in spec.features.items()},
            ),
            "online": spec.online,
            "offline": spec.offline,
            "bucket": names.bucket(context),
            "prefix": place.features_key(spec.name),
            "tags": context.tags,
        },
        outputs=(),
        opts=context.opts("features", depends_on=after_platform(context), **context.protected()),
    )


def _group(
    spec: FeatureGroup, context: BuildContext, needs: list[Any]
) -> sdk.aws_native.sagemaker.FeatureGroup:
    kinds = {name: kind.value for name, kind in spec.features.items()}
    wanted = definitions(spec.entities, spec.event_time, kinds)
    return sdk.aws_native.sagemaker.FeatureGroup(
        context.name("group"),
        feature_group_name=names.feature_group(context, spec.name),
        record_identifier_feature_name=record_identifier(spec.entities),
        event_time_feature_name=spec.event_time,
        feature_definitions=[
            sdk.aws_native.sagemaker.FeatureGroupFeatureDefinitionArgs(
                feature_name=name,
                feature_type=sdk.aws_native.sagemaker.FeatureGroupFeatureDefinitionFeatureType(
                    kind
                ),
            )
            for name, kind in wanted.items()
        ],
        online_store_config=_online(spec, context) if spec.online else None,
        offline_store_config=_offline(spec, context) if spec.offline else None,
        role_arn=place.role_arn(context, names.store_role(spec.name)),
        tags=[sdk.aws_native.CreateOnlyTagArgs(key=k, value=v) for k, v in context.tags.items()],
        # The provider would replace the group for a tag; the schema changes tags in place.
        opts=context.opts(
            "features",
            depends_on=[*after_platform(context), *needs],
            ignore_changes=["tags"],
            **context.protected(),
        ),
    )


def _online(
    spec: FeatureGroup, context: BuildContext
) -> sdk.aws_native.sagemaker.OnlineStoreConfigPropertiesArgs:
    ttl = spec.ttl
    return sdk.aws_native.sagemaker.OnlineStoreConfigPropertiesArgs(
        enable_online_store=True,
        security_config=(
            sdk.aws_native.sagemaker.FeatureGroupOnlineStoreSecurityConfigArgs(kms_key_id=key)
            if (key := _key(context)) is not None
            else None
        ),
        ttl_duration=(
            sdk.aws_native.sagemaker.FeatureGroupTtlDurationArgs(
                unit=sdk.aws_native.sagemaker.FeatureGroupUnit.SECONDS,
                value=int(ttl.total_seconds()),
            )
            if ttl is not None
            else None
        ),
    )


def _offline(
    spec: FeatureGroup, context: BuildContext
) -> sdk.aws_native.sagemaker.OfflineStoreConfigPropertiesArgs:
    uri = f"{place.artifact_root(context)}/{place.features_key(spec.name)}offline"
    return sdk.aws_native.sagemaker.OfflineStoreConfigPropertiesArgs(
        s3_storage_config=sdk.aws_native.sagemaker.FeatureGroupS3StorageConfigArgs(
            s3_uri=uri, kms_key_id=_key(context)
        ),
        table_format=sdk.aws_native.sagemaker.FeatureGroupTableFormat.GLUE,
    )


def _key(context: BuildContext) -> sdk.pulumi.Output[str] | None:
    if context.platform.encryption.mode == "managed":
        return None
    return context.built_platform.encryption_key.apply(lambda arn: arn or "")


def _filling(spec: FeatureGroup, context: BuildContext, needs: list[Any]) -> BuiltJob:
    document = register_object(
        context,
        "values",
        "features",
        steps.definition_key(spec, context),
        content=steps.definition(spec, context).written(),
        content_type="application/json",
    )
    job = fill_job(
        spec,
        context,
        build=partial(steps.fill_steps, spec, context),
        uploads=[document, *needs],
    )
    return register_job(job, context, fill_wait(spec, context.specs))
