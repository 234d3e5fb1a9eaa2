"""`mlops-iac:azure:ModelVersions`: what is declared of a model, and the end of its versions."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac_azure import documents, registry
from mlops_iac_azure.faults import told
from mlops_iac_azure.registry import Model, policy_path
from mlops_iac_azure.session import Place, place_of


class ModelVersionsHandler(Handler):
    """Writes the model's record; the versions are the runs', and are archived with it."""

    token = "mlops-iac:azure:ModelVersions"  # noqa: S105
    replace_on = frozenset({"bucket", "component", "model"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Write the record, or write over what an interrupted create has left."""
        _write(inputs, call)
        return inputs["model"], dict(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the record as it lies in the store; `None` when it is gone."""
        if not state:
            return None
        model = _model(state)
        with told(f"reading the record of `{model.component}`"):
            known = documents.read(_place(call), model.bucket, policy_path(model))
        return None if known is None else Existing(id=resource_id, state=known, inputs=known)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Write the record anew."""
        _write(inputs, call)
        return dict(inputs)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Archive every version, and remove the record last: a kill is resumed."""
        model = _model(state)
        with told(f"removing the versions of `{model.component}`"):
            registry.remove_all(_place(call), model, pause=call.wait)
            documents.remove(_place(call), model.bucket, policy_path(model))


def _write(inputs: Properties, call: Call) -> None:
    model = _model(inputs)
    with told(f"recording `{model.component}`"):
        documents.write(_place(call), model.bucket, policy_path(model), inputs)


def _model(state: Properties) -> Model:
    return Model(name=state["model"], component=state["component"], bucket=state["bucket"])


def _place(call: Call) -> Place:
    return place_of(call.config)
