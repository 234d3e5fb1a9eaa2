"""The foundation on AWS: storage, key, image registry, identities, network, MLflow."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from mlops_iac.collecting import Collecting
from mlops_iac.errors import Severity
from mlops_iac.outputs import PlatformOutputs
from mlops_iac.provider import BuildContext, Problem, Purpose, Scope
from mlops_iac.specs import Platform
from mlops_iac.specs.platform import (
    ExistingKey,
    ExistingNetwork,
    ManagedKey,
    OwnNetwork,
    Profile,
    PublicNetwork,
)
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.availability import WITHOUT_MLFLOW_APP
from mlops_iac_aws.checks import identifier_problem, tag_problems
from mlops_iac_aws.identities import permission_problems, register_identity
from mlops_iac_aws.image_build import Owned, register_builder, runtime_image
from mlops_iac_aws.images import image_problems
from mlops_iac_aws.keys import platform_key
from mlops_iac_aws.network import workload_groups
from mlops_iac_aws.own_network import own_network
from mlops_iac_aws.platform_sharing import join_platform, register_guard
from mlops_iac_aws.pulumi_providers import register_providers
from mlops_iac_aws.storage import BucketKey, artifact_bucket
from mlops_iac_aws.zones import ZONES

OWN_TAGS = 2
"""Tags of the ownership mark."""
_KEY = r"arn:aws:kms:[a-z0-9-]+:\d{12}:(key|alias)/[A-Za-z0-9/_-]+"
_ROLE = r"arn:aws:iam::\d{12}:role/[\w+=,.@/-]+"
UNTAGGED_IMAGE_DAYS = 14


class PlatformAdapter:
    """Maps `Platform`; see `docs/mappings/aws/platform.md`."""

    shares: ClassVar[tuple[str, ...]] = ("runtime_image", "security_groups", "subnets")
    """Native facts that other stacks on the platform need."""

    def check(self, spec: Platform, scope: Scope) -> Iterable[Problem]:
        """Return what AWS would refuse in the foundation."""
        yield from identifier_problem(
            spec.name, "account", scope.target.account, r"\d{12}", "123456789012"
        )
        yield from identifier_problem(
            spec.name, "role", scope.target.role, _ROLE, "arn:aws:iam::123456789012:role/deployer"
        )
        yield from tag_problems(spec.name, spec.tags, OWN_TAGS)
        yield from _network_problems(spec, scope.target.region)
        yield from _regulated_problems(spec)
        yield from permission_problems(scope)
        if isinstance(spec.encryption, ExistingKey):
            yield from identifier_problem(
                spec.name,
                "encryption.key",
                spec.encryption.key,
                _KEY,
                "arn:aws:kms:eu-west-1:123456789012:key/0b1c",
            )
        if spec.runtime_image is not None:
            yield from image_problems(spec.name, "runtime_image", spec.runtime_image, scope)

    def build(self, spec: Platform, context: BuildContext) -> PlatformOutputs:
        """Register the foundation."""
        watched = Collecting.of(context)
        outputs = self._build(spec, watched)
        register_guard(watched, outputs.pulumi_providers[-1])
        return outputs

    def join(self, spec: Platform, context: BuildContext) -> PlatformOutputs:  # noqa: ARG002
        """Register what a stack has of its own on another stack's platform: mark and roles."""
        assert context.shared is not None  # noqa: S101  why it is called
        return join_platform(context, context.shared)

    def _build(self, spec: Platform, context: BuildContext) -> PlatformOutputs:
        providers = register_providers(context)
        main = providers[0]
        key = platform_key(context, main)
        bucket = artifact_bucket(context, main, BucketKey(arn=key))
        for purpose in Purpose:
            register_identity(context, main, purpose)
        tracking = _tracking(context, main, bucket)
        registry = _image_registry(context, main, key)
        subnets, groups = _network(context, main, key)
        image = sdk.pulumi.Output.from_input(spec.runtime_image)
        if spec.runtime_image is None:
            builder = register_builder(context, main, key)
            owned = Owned(
                depends_on=[builder, registry, bucket], official=main, plugin=providers[-1]
            )
            image = runtime_image(context, owned)
        return PlatformOutputs(
            native_id=bucket.arn,
            console_url=sdk.pulumi.Output.from_input(place.console(context, "landing")),
            artifact_root=sdk.pulumi.Output.from_input(place.artifact_root(context)),
            image_registry=registry.repository_url,
            tracking_uri=tracking,
            workspace=sdk.pulumi.Output.from_input(None),
            encryption_key=sdk.pulumi.Output.from_input(key),
            identities={
                purpose: sdk.pulumi.Output.from_input(place.role_arn(context, purpose))
                for purpose in Purpose
            },
            native={
                "security_groups": sdk.pulumi.Output.from_input(groups),
                "subnets": sdk.pulumi.Output.from_input(subnets),
                "runtime_image": image,
            },
            pulumi_providers=providers,
        )


def _network(
    context: BuildContext, provider: sdk.pulumi.ProviderResource, key: sdk.pulumi.Output[str] | None
) -> tuple[list[Any], list[Any]]:
    """Return the subnets and security groups that the platform makes for workloads."""
    declared = context.platform.network
    if isinstance(declared, OwnNetwork):
        made = own_network(context, provider, declared, key)
        return made.subnets, made.groups
    return [], workload_groups(context, provider)


def _network_problems(spec: Platform, region: str | None) -> Iterator[Problem]:
    network = spec.network
    if isinstance(network, OwnNetwork):
        yield from _zone_problems(spec, network, ZONES.get(region or "", ()))
    if not isinstance(network, ExistingNetwork):
        return
    forms = (
        ("network.network", (network.network,), r"vpc-[0-9a-f]{8,17}", "vpc-0a1b2c3d"),
        ("network.subnets", network.subnets, r"subnet-[0-9a-f]{8,17}", "subnet-0a1b2c3d"),
        ("network.security_groups", network.security_groups, r"sg-[0-9a-f]{8,17}", "sg-0a1b2c3d"),
    )
    for field, values, pattern, example in forms:
        for value in values:
            yield from identifier_problem(spec.name, field, value, pattern, example)


def _zone_problems(
    spec: Platform, network: OwnNetwork, zones: tuple[str, ...]
) -> Iterator[Problem]:
    if zones and network.zones > len(zones):
        yield Problem(
            code="network.too-few-zones",
            component=spec.name,
            field="network.zones",
            value=network.zones,
            message=f"the region has {len(zones)} zones for everybody",
            rule="each zone holds one subnet",
            remedy=f"set `zones: {len(zones)}`, or choose another region",
        )


def _regulated_problems(spec: Platform) -> Iterator[Problem]:
    if spec.profile is not Profile.REGULATED:
        return
    if isinstance(spec.encryption, ManagedKey):
        yield _waiver(
            spec,
            "encryption",
            "data is encrypted with keys that AWS owns",
            "encryption: {mode: customer}",
        )
    if isinstance(spec.network, PublicNetwork):
        yield _waiver(
            spec,
            "network",
            "workloads run in SageMaker's own network",
            "network: {mode: own}",
        )


def _waiver(spec: Platform, field: str, message: str, remedy: str) -> Problem:
    return Problem(
        code="profile.control-missing",
        component=spec.name,
        field=field,
        value=spec.profile.value,
        message=message,
        rule="`regulated` stacks use a key and a network of their own",
        remedy=f"set `{remedy}`",
        severity=Severity.WARNING,
    )


def _tracking(
    context: BuildContext, provider: sdk.pulumi.ProviderResource, bucket: sdk.aws.s3.Bucket
) -> sdk.pulumi.Output[str | None]:
    granted = register_identity(context, provider, names.TRACKING_ROLE)
    common: dict[str, Any] = {
        "artifact_store_uri": f"{place.artifact_root(context)}/mlflow",
        "role_arn": place.role_arn(context, names.TRACKING_ROLE),
        "tags": context.tags,
        "opts": context.opts(
            provider=provider, depends_on=[granted, bucket], **context.protected()
        ),
    }
    if place.region(context) in WITHOUT_MLFLOW_APP:
        server = sdk.aws.sagemaker.MlflowTrackingServer(
            context.name("tracking"),
            tracking_server_name=names.tracking(context),
            tracking_server_size="Small",
            automatic_model_registration=False,
            **common,
        )
        return server.arn.apply(lambda arn: arn)
    app = sdk.aws.sagemaker.MlflowApp(
        context.name("tracking"),
        name=names.tracking(context),
        # Versions are registered by the training pipeline, once, with their approval.
        model_registration_mode="AutoModelRegistrationDisabled",
        account_default_status="DISABLED",
        **common,
    )
    return app.arn.apply(lambda arn: arn)


def _image_registry(
    context: BuildContext,
    provider: sdk.pulumi.ProviderResource,
    key: sdk.pulumi.Output[str] | None,
) -> sdk.aws.ecr.Repository:
    encryption = sdk.aws.ecr.RepositoryEncryptionConfigurationArgs(
        encryption_type="AES256" if key is None else "KMS", kms_key=key
    )
    repository = sdk.aws.ecr.Repository(
        context.name("images"),
        name=names.repository(context),
        # Models refer to images by digest; a tag that moved would hide what runs.
        image_tag_mutability="IMMUTABLE",
        image_scanning_configuration=sdk.aws.ecr.RepositoryImageScanningConfigurationArgs(
            scan_on_push=True
        ),
        encryption_configurations=[encryption],
        force_delete=not context.profile.protects_data,
        tags=context.tags,
        opts=context.opts("runtime_image", provider=provider, **context.protected()),
    )
    sdk.aws.ecr.LifecyclePolicy(
        context.name("images-lifecycle"),
        repository=repository.name,
        policy=json.dumps(_image_lifecycle()),
        opts=context.opts("runtime_image", provider=provider),
    )
    return repository


def _image_lifecycle() -> dict[str, Any]:
    selection = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": UNTAGGED_IMAGE_DAYS,
    }
    rule = {
        "rulePriority": 1,
        "description": "Remove images that nothing names",
        "selection": selection,
        "action": {"type": "expire"},
    }
    return {"rules": [rule]}
