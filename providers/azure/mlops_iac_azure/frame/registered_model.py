"""A model container, and the record of its versions."""

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from mlops_iac.custom import register
from mlops_iac.outputs import RegisteredModelOutputs
from mlops_iac.provider import BuildContext
from mlops_iac.specs import RegisteredModel
from mlops_iac_azure import facts
from mlops_iac_azure.foundation import Foundation
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.registered_model import MODEL_VERSIONS, record


def build_registered_model(spec: RegisteredModel, context: BuildContext) -> RegisteredModelOutputs:
    """Register one model."""
    base = Foundation.read(context.built_platform.native)
    name = facts.model_id(context, spec.name)
    container = ml.ModelContainer(
        context.name("model"),
        resource_group_name=base.group,
        workspace_name=base.workspace,
        name=name,
        properties=ml.ModelContainerPropertiesArgs(
            description=spec.description, tags=context.tags, properties=_about(spec)
        ),
        opts=context.opts("name", **context.protected()),
    )
    platform = context.components.get(context.platform.name)
    register(
        MODEL_VERSIONS,
        context.name("versions"),
        record(spec, context),
        outputs=(),
        opts=context.opts(
            "",
            depends_on=[container, *([] if platform is None else [platform])],
            # Where data is protected, versions outlive the stack, and so does their record.
            retain_on_delete=context.profile.protects_data,
        ),
    )
    full = facts.model_name(context, spec.name)
    return RegisteredModelOutputs(
        native_id=known(full, container),
        console_url=pulumi.Output.from_input(facts.console(context, f"model/{name}")),
        model_name=known(name, container),
    )


def _about(spec: RegisteredModel) -> dict[str, pulumi.Input[str]]:
    told: dict[str, pulumi.Input[str]] = {
        "mlops-iac.approval": spec.approval.value,
        "mlops-iac.trust-pickle": str(spec.trust_pickle).lower(),
    }
    return told if spec.card is None else {**told, "mlops-iac.owner": spec.card.owner}
