"""A named model, its approval policy and its card."""

from collections.abc import Iterator

from mlops_iac.outputs import RegisteredModelOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import RegisteredModel
from mlops_iac_azure import names


class RegisteredModelAdapter:
    """Maps `RegisteredModel` to a model container; versions come from runs."""

    def check(self, spec: RegisteredModel, scope: Scope) -> Iterator[Problem]:
        """Yield nothing: Azure ML takes every model that a spec can declare."""
        del spec, scope
        yield from ()

    def build(self, spec: RegisteredModel, context: BuildContext) -> RegisteredModelOutputs:
        """Register the model."""
        from mlops_iac_azure.frame.registered_model import build_registered_model

        return build_registered_model(spec, context)


def model_name(scope: Scope, model: str) -> str:
    """Return the name of a model in the workspace."""
    return scope.physical_name(names.ASSET, model)
