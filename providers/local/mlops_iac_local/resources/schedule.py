"""`mlops-iac:local:Schedule`: when the loop starts a component by itself."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from mlops_iac.custom import Call, Existing, Properties
from mlops_iac_local.loop import schedules
from mlops_iac_local.resources.common import LocalHandler, declared, existing

_FACTS = ("kind", "action", "trigger")


class ScheduleHandler(LocalHandler):
    """The schedule of one component, a file that the loop watches."""

    token = "mlops-iac:local:Schedule"  # noqa: S105
    replace_on = frozenset({"component"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Write the schedule; the first of a stack starts the loop."""
        component = inputs["component"]
        call.journal("put-schedule", component=component)
        facts = {name: inputs[name] for name in _FACTS}
        schedules.put(self.layout(call), component, facts)
        return component, dict(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the schedule; gone when its file is gone."""
        found = schedules.schedule(self.layout(call), resource_id)
        if found is None:
            return None
        is_same = all(found[name] == state[name] for name in _FACTS)
        drift = None if is_same else "the schedule was changed"
        return existing(resource_id, state, declared(self, state, frozenset()), drift)

    def update(
        self,
        resource_id: str,
        state: Properties,
        inputs: Properties,
        call: Call,
    ) -> Properties:
        """Write the new schedule."""
        return self.create(inputs, call)[1]

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Forget the schedule; the last of a stack ends the loop."""
        schedules.remove(self.layout(call), resource_id)
