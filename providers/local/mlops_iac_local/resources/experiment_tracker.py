"""`mlops-iac:local:ExperimentTracker`: an MLflow experiment, and a server when one is declared."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from pathlib import Path

from mlops_iac.custom import Call, Change, Existing, Properties
from mlops_iac_local import experiments, tokens, trackers
from mlops_iac_local.files import remove
from mlops_iac_local.layout import Layout
from mlops_iac_local.ownership import adopt_or_make, owner_of, require_ours
from mlops_iac_local.resources.common import LocalHandler, declared, existing

_OUTPUTS = frozenset({"trackingUri", "url", "tokenFile", "tokenMark", "root"})


class ExperimentTrackerHandler(LocalHandler):
    """What jobs and people share; the runs in it are history."""

    token = "mlops-iac:local:ExperimentTracker"  # noqa: S105
    replace_on = frozenset({"component", "experiment", "program"})

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Compare the inputs, and see whether a declared server is still kept alive."""
        change = super().diff(state, old, new)
        if change.changed or state.get("size") is None:
            return change
        layout = Layout(Path(state["root"]))
        return Change(changed=("url",)) if _fault(layout, state) else change

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Make or adopt the experiment; start the server, or end one that is not wanted now."""
        layout, component = self.layout(call), inputs["component"]
        call.journal("make-experiment", name=inputs["experiment"])
        adopt_or_make(layout.tracker(component), call.urn)
        experiments.describe(
            layout, inputs["experiment"], call.urn, inputs["description"], inputs["tags"]
        )
        state = {**inputs, "root": str(layout.root), "trackingUri": layout.tracking_uri}
        if inputs.get("size") is None:
            trackers.end(layout, component)
            return component, state
        call.log("starting MLflow's server")
        server = trackers.serve(layout, component, inputs["program"])
        path = trackers.token_file(layout, component)
        served = {"trackingUri": server.url, "url": server.url, "tokenFile": str(path)}
        return component, {**state, **served, "tokenMark": tokens.token_mark(path)}

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the tracker; gone when its folder or its experiment is."""
        layout = self.layout(call)
        is_ours = owner_of(layout.tracker(resource_id)) == call.urn
        if not is_ours or not experiments.exists(layout, state["experiment"]):
            return None
        return existing(resource_id, state, declared(self, state, _OUTPUTS), _fault(layout, state))

    def update(
        self,
        resource_id: str,
        state: Properties,
        inputs: Properties,
        call: Call,
    ) -> Properties:
        """Bring description, tags and server up to date."""
        return self.create(inputs, call)[1]

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Stop the server; the experiment with its runs is history and stays with the platform."""
        layout = self.layout(call)
        require_ours(layout.tracker(resource_id), call.urn)
        trackers.end(layout, resource_id)
        remove(layout.tracker(resource_id))


def _fault(layout: Layout, state: Properties) -> str | None:
    if state.get("size") is None:
        return None
    known = trackers.server(layout, state["component"])
    if known is None or not trackers.is_kept(layout, known):
        return "the server is not running"
    path = trackers.token_file(layout, state["component"])
    is_same = tokens.token_mark(path) == state["tokenMark"]
    return None if is_same else "the token was changed, removed or opened to other users"
