"""Registered models on AWS: a model package group, a model card, a place for each alias."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from mlops_iac import custom
from mlops_iac.outputs import RegisteredModelOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import RegisteredModel
from mlops_iac.specs.model_endpoint import ModelVersionRef
from mlops_iac.specs.registered_model import Approval, ModelCard
from mlops_iac.wishes import CHAMPION
from mlops_iac_aws import layout, names, place, sdk
from mlops_iac_aws.objects import after_platform, register_object

MODEL_VERSIONS = "mlops-iac:aws:ModelVersions"

APPROVAL_STATUS = {
    Approval.AUTOMATIC: "Approved",
    Approval.MANUAL: "PendingManualApproval",
}
"""Status with which a version enters the registry; SageMaker deploys none but `Approved`."""


class RegisteredModelAdapter:
    """Maps `RegisteredModel`; see `docs/mappings/aws/registered_model.md`."""

    def check(self, spec: RegisteredModel, scope: Scope) -> Iterable[Problem]:
        """Return nothing: all that the specification allows, SageMaker takes."""
        del spec, scope
        return ()

    def build(self, spec: RegisteredModel, context: BuildContext) -> RegisteredModelOutputs:
        """Register the group, the card, and the places of aliases."""
        group = sdk.aws.sagemaker.ModelPackageGroup(
            context.name("group"),
            model_package_group_name=names.model_group(context, spec.name),
            # An empty description is refused; the name is what there is to say.
            model_package_group_description=spec.description or f"Versions of {spec.name}",
            tags={**context.tags, **_policy_tags(spec, context)},
            opts=context.opts("name", depends_on=after_platform(context), **context.protected()),
        )
        if not context.profile.protects_data:
            _versions(spec, context, group)
        _aliases(spec, context)
        if spec.card is not None:
            _card(spec, spec.card, context)
        name = names.model_group(context, spec.name)
        return RegisteredModelOutputs(
            native_id=group.arn,
            console_url=sdk.pulumi.Output.from_input(
                place.console(context, f"model-package-groups/{name}")
            ),
            model_name=group.model_package_group_name,
        )


def _versions(
    spec: RegisteredModel, context: BuildContext, group: sdk.aws.sagemaker.ModelPackageGroup
) -> None:
    """Let a removal reach what runs registered; where data is protected the group stays anyway."""
    custom.register(
        MODEL_VERSIONS,
        context.name("versions"),
        # The name in clear: a group that would be replaced keeps its versions, and so stays.
        {"group": names.model_group(context, spec.name)},
        outputs=(),
        opts=context.opts("name", depends_on=[group]),
    )


def _aliases(spec: RegisteredModel, context: BuildContext) -> None:
    """Keep the prefix of each name that the stack has for a version from being empty.

    Whoever reads a version mounts its prefix; SageMaker refuses to mount one without an object.
    """
    for name in sorted(_names_of_versions(spec, context)):
        key = f"{layout.alias_prefix(spec.name, name)}{layout.MARKER}"
        content = f"The version of {spec.name} that {name} names\n"
        register_object(context, f"alias-{name}", "name", key, content=content)


def _names_of_versions(spec: RegisteredModel, scope: Scope) -> set[str]:
    references = [getattr(other, "model", None) for other in scope.specs.values()]
    named = {
        str(reference.version or reference.alias)
        for reference in references
        if isinstance(reference, ModelVersionRef) and str(reference.name) == spec.name
    }
    return {CHAMPION, *named}


def _policy_tags(spec: RegisteredModel, scope: Scope) -> dict[str, str]:
    """Return what operations must know of the model, where they find it: on the group."""
    return {
        "mlops-iac-model": spec.name,
        "mlops-iac-profile": scope.profile.value,
        "mlops-iac-approval": spec.approval.value,
        "mlops-iac-trust-pickle": str(spec.trust_pickle).lower(),
    }


def _card(spec: RegisteredModel, card: ModelCard, context: BuildContext) -> None:
    key = context.built_platform.encryption_key
    sdk.aws.sagemaker.ModelCard(
        context.name("card"),
        model_card_name=names.model_card(context, spec.name),
        model_card_status="PendingReview" if spec.approval is Approval.MANUAL else "Approved",
        content=json.dumps(_card_content(spec, card), sort_keys=True),
        security_config=(
            sdk.aws.sagemaker.ModelCardSecurityConfigArgs(
                kms_key_id=key.apply(lambda arn: arn or "")
            )
            if context.platform.encryption.mode != "managed"
            else None
        ),
        tags=context.tags,
        opts=context.opts("card", depends_on=after_platform(context)),
    )


def _card_content(spec: RegisteredModel, card: ModelCard) -> dict[str, Any]:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards-json-schema.html
    overview = {
        "model_name": spec.name,
        "model_description": spec.description or None,
        "model_owner": card.owner,
    }
    content: dict[str, Any] = {
        "model_overview": {key: value for key, value in overview.items() if value},
        "intended_uses": {"intended_uses": card.intended_use},
    }
    if card.limitations:
        content["additional_information"] = {"caveats_and_recommendations": card.limitations}
    return content
