"""RegisteredModel on Google Cloud: a model of Vertex AI, which exists from its first version on."""

from collections.abc import Iterable
from typing import Any

from mlops_iac.custom import register
from mlops_iac.outputs import RegisteredModelOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import RegisteredModel
from mlops_iac_gcp import facts, sdk

MODEL_VERSIONS = "mlops-iac:gcp:ModelVersions"


class RegisteredModelAdapter:
    """Maps `RegisteredModel`; see `docs/mappings/gcp/registered_model.md`."""

    def check(self, spec: RegisteredModel, scope: Scope) -> Iterable[Problem]:  # noqa: ARG002
        """Return nothing: ids are cut to fit, and everything declared is recorded."""
        return ()

    def build(self, spec: RegisteredModel, context: BuildContext) -> RegisteredModelOutputs:
        """Register the model's record; Vertex AI has neither an empty model nor approval."""
        platform = context.components.get(context.platform.name)
        register(
            MODEL_VERSIONS,
            context.name("versions"),
            record(spec, context),
            outputs=(),
            opts=context.opts(
                "",
                depends_on=[] if platform is None else [platform],
                # Where data is protected, versions outlive the stack, and so does their record.
                retain_on_delete=context.profile.protects_data,
            ),
        )
        identifier = facts.model_id(context, spec.name)
        page = f"vertex-ai/locations/{facts.region(context)}/models/{identifier}"
        return RegisteredModelOutputs(
            native_id=sdk.pulumi.Output.from_input(facts.model_name(context, spec.name)),
            console_url=sdk.pulumi.Output.from_input(facts.console(context, page)),
            model_name=sdk.pulumi.Output.from_input(identifier),
        )


def record(spec: RegisteredModel, scope: Scope) -> dict[str, Any]:
    """Return what is declared of the model, for whoever registers, approves or serves it."""
    return {
        "bucket": facts.bucket(scope),
        "model": facts.model_name(scope, spec.name),
        "component": spec.name,
        "approval": spec.approval.value,
        "profile": scope.profile.value,
        "trust_pickle": spec.trust_pickle,
        "description": spec.description,
        "card": None if spec.card is None else spec.card.model_dump(mode="json"),
        "labels": facts.labels(scope),
    }
