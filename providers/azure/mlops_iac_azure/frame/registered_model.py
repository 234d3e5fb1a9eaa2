"""A model container and its card."""

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from mlops_iac.outputs import RegisteredModelOutputs
from mlops_iac.provider import BuildContext, content_hash
from mlops_iac.specs import RegisteredModel
from mlops_iac_azure.foundation import Foundation
from mlops_iac_azure.frame.assets import upload
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.names import HASH_DIGITS
from mlops_iac_azure.registered_model import model_name


def build_registered_model(spec: RegisteredModel, context: BuildContext) -> RegisteredModelOutputs:
    """Register one model."""
    base = Foundation.read(context.built_platform.native)
    name = model_name(context, spec.name)
    properties: dict[str, pulumi.Input[str]] = {
        "mlops-iac.approval": spec.approval.value,
        "mlops-iac.trust-pickle": str(spec.trust_pickle).lower(),
        **_card(spec, context, base),
    }
    container = ml.ModelContainer(
        context.name("model"),
        resource_group_name=base.group,
        workspace_name=base.workspace,
        name=name,
        properties=ml.ModelContainerPropertiesArgs(
            description=spec.description, tags=context.tags, properties=properties
        ),
        opts=context.opts("name", **context.protected()),
    )
    path = known(f"/models/{name}", container)
    native_id = pulumi.Output.all(base.workspace_id, path).apply("".join)
    return RegisteredModelOutputs(
        native_id=native_id,
        console_url=native_id.apply(lambda id_: f"https://ml.azure.com/model/list?id={id_}"),
        model_name=known(name, container),
    )


def _card(
    spec: RegisteredModel, context: BuildContext, base: Foundation
) -> dict[str, pulumi.Input[str]]:
    if spec.card is None:
        return {}
    text = spec.card.canonical()
    folder = f"cards/{spec.name}/{content_hash(text, HASH_DIGITS)}"
    blobs = upload(context, base, folder, {"card.json": pulumi.StringAsset(text)}, "card")
    address = pulumi.Output.all(base.container_url, known(f"/{folder}/card.json", *blobs))
    return {"mlops-iac.card": address.apply("".join), "mlops-iac.owner": spec.card.owner}
