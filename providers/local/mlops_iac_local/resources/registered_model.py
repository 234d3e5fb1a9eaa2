"""`mlops-iac:local:RegisteredModel`: a model in MLflow's registry, and its approval policy."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from mlops_iac.custom import Call, Existing, Properties
from mlops_iac_local import registry, registry_reads
from mlops_iac_local.files import read_json, remove, write_json
from mlops_iac_local.ownership import TAG, adopt_or_make, require_ours
from mlops_iac_local.resources.common import LocalHandler, declared, existing

_OUTPUTS = frozenset[str]()


class RegisteredModelHandler(LocalHandler):
    """A model; its versions are made by runs and belong to it."""

    token = "mlops-iac:local:RegisteredModel"  # noqa: S105
    replace_on = frozenset({"component", "mlflowName"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Make or adopt the model and write its policy."""
        layout = self.layout(call)
        folder = layout.model(inputs["component"])
        call.journal("create-model", name=inputs["mlflowName"])
        adopt_or_make(folder, call.urn)
        registry.adopt_or_create_model(
            layout, inputs["mlflowName"], call.urn, inputs["description"], inputs["tags"]
        )
        write_json(
            folder / registry.POLICY,
            {
                "component": inputs["component"],
                "mlflow_name": inputs["mlflowName"],
                "approval": inputs["approval"],
                "trust_pickle": inputs["trustPickle"],
                "profile": inputs["profile"],
            },
        )
        return inputs["mlflowName"], dict(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the model; gone when MLflow has none of that name with our mark."""
        layout = self.layout(call)
        tags = registry_reads.model_tags(layout, resource_id)
        if tags is None or tags.get(TAG) != call.urn:
            return None
        policy = read_json(layout.model(state["component"]) / registry.POLICY)
        drift = None if policy is not None else "the policy's file is gone"
        return existing(resource_id, state, declared(self, state, _OUTPUTS), drift)

    def update(
        self,
        resource_id: str,
        state: Properties,
        inputs: Properties,
        call: Call,
    ) -> Properties:
        """Bring description, card, tags and policy up to date."""
        return self.create(inputs, call)[1]

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Remove the model with all its versions."""
        layout = self.layout(call)
        folder = layout.model(state["component"])
        require_ours(folder, call.urn)
        registry.delete_model(layout, resource_id, call.urn)
        remove(folder)
