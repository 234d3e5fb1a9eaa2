"""`mlops-iac:local:RetrainingPolicy`: rules that the loop follows, and what it remembers."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from pathlib import Path

from mlops_iac.custom import Call, Change, Existing, Properties
from mlops_iac.runtime.policy import Rules
from mlops_iac_local.files import remove
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop import control, policies
from mlops_iac_local.loop.policies import Policy
from mlops_iac_local.ownership import adopt_or_make, owner_of, require_ours
from mlops_iac_local.resources.common import LocalHandler, declared, existing

_OUTPUTS = frozenset({"events", "root"})
_NAMES = ("name", "monitor", "pipeline", "endpoint", "model")


class RetrainingPolicyHandler(LocalHandler):
    """`up` writes the rules; the loop decides by them and keeps its memory beside them."""

    token = "mlops-iac:local:RetrainingPolicy"  # noqa: S105
    replace_on = frozenset({"name"})

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Compare the inputs, and see whether the loop is still kept alive.

        After a restart of the machine nothing runs: `up` must see that without a refresh.
        """
        change = super().diff(state, old, new)
        if change.changed or control.is_kept(_layout(state)):
            return change
        return Change(changed=("loop",))

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Write the rules; the loop is started when it does not run."""
        layout, name = self.layout(call), inputs["name"]
        call.journal("write-policy", policy=name)
        adopt_or_make(policies.folder(layout, name), call.urn)
        policies.write_policy(layout, _policy(inputs))
        control.ensure(layout)
        events = policies.folder(layout, name) / policies.EVENTS
        return name, {**inputs, "events": str(events), "root": str(layout.root)}

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the policy; gone when its folder is, drifted when the rules or the loop are."""
        layout = self.layout(call)
        if owner_of(policies.folder(layout, resource_id)) != call.urn:
            return None
        inputs = declared(self, state, _OUTPUTS)
        return existing(resource_id, state, inputs, _drift(layout, resource_id, inputs))

    def update(
        self,
        resource_id: str,
        state: Properties,
        inputs: Properties,
        call: Call,
    ) -> Properties:
        """Write the new rules; what is under way goes on, and is judged by them from now on."""
        return self.create(inputs, call)[1]

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Forget the policy and its events; a run that it started goes on."""
        layout = self.layout(call)
        place = policies.folder(layout, resource_id)
        require_ours(place, call.urn)
        # The loop drives a policy as long as it has rules.
        (place / policies.RULES).unlink(missing_ok=True)
        with policies.held(layout, resource_id):
            remove(place)
        control.end_when_idle(layout)


def _layout(state: Properties) -> Layout:

    return Layout(Path(state["root"]))


def _policy(inputs: Properties) -> Policy:
    return Policy(
        rules=Rules.from_document(inputs["rules"]), **{name: inputs[name] for name in _NAMES}
    )


def _drift(layout: Layout, name: str, inputs: Properties) -> str | None:
    if name not in control.policy_names(layout):
        return "the rules are gone"
    if policies.policy_of(layout, name) != _policy(inputs):
        return "the rules were changed"
    return None if control.is_kept(layout) else "the loop is not running"
