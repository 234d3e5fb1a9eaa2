"""`mlops-iac:local:Schedule`: when the loop starts a component by itself."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from pathlib import Path

from mlops_iac.custom import Call, Change, Existing, Properties
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop import control, schedules
from mlops_iac_local.resources.common import LocalHandler, declared, existing

_FACTS = ("kind", "action", "trigger")
_OUTPUTS = frozenset({"root"})


class ScheduleHandler(LocalHandler):
    """The schedule of one component, a file that the loop watches."""

    token = "mlops-iac:local:Schedule"  # noqa: S105
    replace_on = frozenset({"component"})

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Compare the inputs, and see whether the loop is still kept alive.

        After a restart of the machine nothing runs: `up` must see that without a refresh.
        """
        change = super().diff(state, old, new)
        if change.changed or control.is_kept(Layout(Path(state["root"]))):
            return change
        return Change(changed=("loop",))

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Write the schedule; the first of a stack starts the loop."""
        layout, component = self.layout(call), inputs["component"]
        call.journal("put-schedule", component=component)
        facts = {name: inputs[name] for name in _FACTS}
        schedules.put(layout, component, facts)
        return component, {**inputs, "root": str(layout.root)}

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the schedule; gone when its file is gone."""
        layout = self.layout(call)
        found = schedules.schedule(layout, resource_id)
        if found is None:
            return None
        drift = None if control.is_kept(layout) else "the loop is not running"
        if any(found[name] != state[name] for name in _FACTS):
            drift = "the schedule was changed"
        return existing(resource_id, state, declared(self, state, _OUTPUTS), drift)

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
