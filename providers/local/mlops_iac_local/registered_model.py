"""`RegisteredModel` on this machine: a model in MLflow's registry."""

import json
from collections.abc import Iterable

from mlops_iac.custom import register
from mlops_iac.outputs import RegisteredModelOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs.registered_model import RegisteredModel
from mlops_iac_local.adapting import after, nothing
from mlops_iac_local.names import MLFLOW_NAME


class RegisteredModelAdapter:
    """Maps `RegisteredModel`."""

    def check(self, spec: RegisteredModel, scope: Scope) -> Iterable[Problem]:
        """Return nothing: every such declaration can be built here."""
        del spec, scope
        return ()

    def build(self, spec: RegisteredModel, context: BuildContext) -> RegisteredModelOutputs:
        """Register the model with its policy and its card."""
        import pulumi

        name = context.physical_name(MLFLOW_NAME, spec.name)
        card = {} if spec.card is None else {"mlops-iac.card": json.dumps(spec.card.model_dump())}
        model = register(
            "mlops-iac:local:RegisteredModel",
            context.name(),
            {
                "component": spec.name,
                "mlflowName": name,
                "approval": spec.approval.value,
                "trustPickle": spec.trust_pickle,
                "profile": context.profile.value,
                "description": spec.description,
                "tags": {**context.tags, **card},
            },
            outputs=(),
            opts=context.opts("name", **after(context), **context.protected()),
        )
        return RegisteredModelOutputs(
            native_id=model.id, console_url=nothing(), model_name=pulumi.Output.from_input(name)
        )
