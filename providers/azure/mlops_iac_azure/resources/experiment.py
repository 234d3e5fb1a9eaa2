"""`mlops-iac:azure:Experiment`: an experiment of the workspace's MLflow server.

Jobs are put into it by its name. Azure ML keeps the experiment as long as it has runs, so deleting
the resource leaves it: it goes with the workspace.
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Mapping
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac_azure import tracking
from mlops_iac_azure.errors import NotOursError
from mlops_iac_azure.session import Place, place_of

_OWNER = ("mlops-iac-project", "mlops-iac-stack")
"""Tags by which an experiment is ours."""
_OUTPUTS = frozenset({"experiment_id", "address"})


class ExperimentHandler(Handler):
    """Makes an experiment once, adopts it, and keeps its description."""

    token = "mlops-iac:azure:Experiment"  # noqa: S105
    replace_on = frozenset({"name"})
    stable_outputs = frozenset({"experiment_id", "address"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Make the experiment, or adopt the stack's own of that name.

        Raises:
            NotOursError: somebody else has marked it as theirs.
        """
        where = place_of(call.config)
        known = tracking.make_experiment(where, inputs["name"])
        _refuse_foreign(known, inputs)
        tracking.describe(where, known["experiment_id"], _tags(inputs))
        return inputs["name"], _state(where, inputs, known)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the experiment as it is; gone when the server does not know it."""
        where = place_of(call.config)
        known = tracking.experiment(where, resource_id)
        if known is None or known.get("lifecycle_stage") == "deleted":
            return None
        told = tracking.tags_of(known)
        owned = {key: told[key] for key in (state.get("tags") or _OWNER) if key in told}
        inputs = {
            "name": resource_id,
            "description": told.get(tracking.NOTE, ""),
            "tags": owned,
        }
        return Existing(id=resource_id, state=_state(where, inputs, known), inputs=inputs)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Write the description anew."""
        where = place_of(call.config)
        tracking.describe(where, state["experiment_id"], _tags(inputs))
        return {**inputs, **{key: state[key] for key in _OUTPUTS}}

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Leave the experiment with its runs to the workspace."""
        call.log(f"experiment {resource_id} stays: its runs are history")


def _tags(inputs: Properties) -> dict[str, str]:
    return {**(inputs.get("tags") or {}), tracking.NOTE: inputs.get("description") or ""}


def _refuse_foreign(known: Mapping[str, Any], inputs: Properties) -> None:
    told, wished = tracking.tags_of(known), inputs.get("tags") or {}
    strange = [key for key in _OWNER if key in told and told[key] != wished.get(key)]
    if strange:
        owner = "/".join(told.get(key, "nobody") for key in _OWNER)
        raise NotOursError(
            f"experiment `{inputs['name']}` is `{owner}`'s", remedy="rename the component"
        )


def _state(where: Place, inputs: Properties, known: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **inputs,
        "experiment_id": str(known["experiment_id"]),
        "address": tracking.address(where),
    }
