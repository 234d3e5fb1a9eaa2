"""`mlops-iac:aws:ModelVersions`: the versions in a model's group; runs made them, `destroy` ends.

SageMaker deletes no group that has versions, and no declaration knows what runs have registered.
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac_aws import registry
from mlops_iac_aws.faults import found, told
from mlops_iac_aws.session import Clients, clients, place_of


class ModelVersionsHandler(Handler):
    """Makes nothing; removes, before their group, the versions that are left."""

    token = "mlops-iac:aws:ModelVersions"  # noqa: S105
    replace_on = frozenset({"group"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Note the group; its versions are the runs'."""
        return inputs["group"], dict(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the group's name as long as there is such a group."""
        known = {"group": resource_id}
        return Existing(id=resource_id, state=known, inputs=known) if _has(call, known) else None

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Remove every version, the newest first; nothing when the group is gone."""
        if not _has(call, state):
            return
        with told(f"removing the versions in `{state['group']}`"):
            for item in registry.listed(_clients(call), state["group"]):
                call.check_cancelled()
                call.log(f"removing version {item.number}")
                remove = _clients(call)("sagemaker").delete_model_package
                found(remove, ModelPackageName=item.arn)


def _clients(call: Call) -> Clients:
    return clients(place_of(call.config))


def _has(call: Call, state: Properties) -> bool:
    describe = _clients(call)("sagemaker").describe_model_package_group
    return found(describe, ModelPackageGroupName=state["group"]) is not None
