"""RegisteredModel on Google Cloud: a model of Vertex AI, which exists from its first version on."""

from collections.abc import Iterable
from typing import Any

import pulumi

from mlops_iac.outputs import RegisteredModelOutputs
from mlops_iac.provider import BuildContext, Problem, Scope, content_hash
from mlops_iac.specs import RegisteredModel
from mlops_iac_gcp import facts
from mlops_iac_gcp.objects import add_object


class RegisteredModelAdapter:
    """The model's record: Vertex AI has neither an empty model nor approval nor cards."""

    def check(self, spec: RegisteredModel, scope: Scope) -> Iterable[Problem]:  # noqa: ARG002
        """Return nothing: ids are cut to fit, and everything declared is recorded."""
        return ()

    def build(self, spec: RegisteredModel, context: BuildContext) -> RegisteredModelOutputs:
        """Register the record."""
        document = record(spec, context)
        path = f"models/{spec.name}/{content_hash(document, 16)}.json"
        add_object(context, "record", path, "", content=document)
        name = facts.model_name(context, spec.name)
        return RegisteredModelOutputs(
            native_id=pulumi.Output.from_input(name),
            console_url=pulumi.Output.from_input(facts.console(context, "vertex-ai/models")),
            model_name=pulumi.Output.from_input(facts.model_id(context, spec.name)),
        )


def record(spec: RegisteredModel, scope: Scope) -> dict[str, Any]:
    """Return what is declared of the model, for whoever registers, approves or serves it."""
    return {
        "name": facts.model_name(scope, spec.name),
        "approval": spec.approval.value,
        "description": spec.description,
        "card": None if spec.card is None else spec.card.model_dump(mode="json"),
        "trustPickle": spec.trust_pickle,
    }
