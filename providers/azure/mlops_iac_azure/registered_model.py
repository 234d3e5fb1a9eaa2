"""RegisteredModel on Azure: a model container, and what our own resources know of its versions."""

from collections.abc import Iterable
from typing import Any

from mlops_iac.outputs import RegisteredModelOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import RegisteredModel
from mlops_iac_azure import facts

MODEL_VERSIONS = "mlops-iac:azure:ModelVersions"


class RegisteredModelAdapter:
    """Maps `RegisteredModel`; see `docs/mappings/azure/registered_model.md`."""

    def check(self, spec: RegisteredModel, scope: Scope) -> Iterable[Problem]:  # noqa: ARG002
        """Return nothing: names are cut to fit, and everything declared is recorded."""
        return ()

    def build(self, spec: RegisteredModel, context: BuildContext) -> RegisteredModelOutputs:
        """Register the model and its record; versions come from runs."""
        from mlops_iac_azure.frame.registered_model import build_registered_model

        return build_registered_model(spec, context)


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
        "labels": scope.tags,
    }
