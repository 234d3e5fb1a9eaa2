"""`mlops-iac:azure:WorkspacePurge`: when a workspace goes, it goes for good.

A deleted workspace keeps its name for fourteen days, and cannot be made anew meanwhile. Where the
profile lets data go, this stands between the workspace and all that is in it: it is removed after
those and before that, and removes the workspace without a trace.
https://learn.microsoft.com/azure/machine-learning/concept-soft-delete
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac_azure import lro
from mlops_iac_azure.session import place_of


class WorkspacePurgeHandler(Handler):
    """Deletes the workspace without a soft-deleted rest."""

    token = "mlops-iac:azure:WorkspacePurge"  # noqa: S105
    replace_on = frozenset({"workspaceId"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Stand behind the workspace; nothing is made."""
        return inputs["workspaceId"], dict(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return what it stands behind."""
        inputs = {"workspaceId": resource_id}
        return Existing(id=resource_id, state=inputs, inputs=inputs)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Delete the workspace for good; one that is gone already is fine."""
        lro.removed(
            place_of(call.config),
            resource_id,
            query={"forceToPurge": "true"},
            pause=call.wait,
            log=call.log,
        )
