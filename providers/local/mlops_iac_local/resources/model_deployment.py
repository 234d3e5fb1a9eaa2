"""`mlops-iac:local:ModelDeployment`: what an endpoint serves; owned here, by a policy."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from pathlib import Path
from typing import Any

from mlops_iac.custom import Call, Change, Existing, Properties
from mlops_iac_local import endpoints, registry, serving, supervisor
from mlops_iac_local.files import make_folder, read_json, write_json
from mlops_iac_local.layout import Layout
from mlops_iac_local.registry_reads import APPROVED
from mlops_iac_local.resources.common import DRIFT, LocalHandler, declared, existing
from mlops_iac_local.server_plan import server_plan

_OUTPUTS = frozenset({"state", "deployedVersion", "digest", "root"})
WAITING, SERVING = "waiting", "serving"


class ModelDeploymentHandler(LocalHandler):
    """Pinned: `up` converges. Alias: `up` deploys the first version, the loop the others."""

    token = "mlops-iac:local:ModelDeployment"  # noqa: S105
    replace_on = frozenset({"endpoint", "program"})

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Compare the inputs, and see whether the server that should serve is still kept alive.

        After a restart of the machine nothing runs: `up` must see that without a refresh.
        """
        change = super().diff(state, old, new)
        if change.changed or state.get("state") != SERVING or _is_kept(state):
            return change
        return Change(changed=("state",))

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Write the server's settings and deploy what the policy asks for."""
        layout = self.layout(call)
        call.journal("deploy", endpoint=inputs["endpoint"], model=inputs["model"])
        return inputs["program"], self._converge(layout, inputs, call)

    def _converge(self, layout: Layout, inputs: Properties, call: Call) -> Properties:
        endpoint = inputs["endpoint"]
        path = layout.endpoint(endpoint) / endpoints.SERVER
        make_folder(layout.endpoint(endpoint) / "work")
        write_json(path, server_plan(layout, inputs))
        now = serving.deployed(layout, endpoint)
        wish = self._wish(layout, inputs, now)
        if wish is not None:
            call.log(f"deploying version {wish.version} of {inputs['model']}")
            serving.deploy(layout, endpoint, wish)
        if now is not None and not serving.runs_as_planned(layout, endpoint):
            call.log("starting the server with its new settings")
            serving.restart(layout, endpoint)
        return _state(layout, inputs)

    def _wish(self, layout: Layout, inputs: Properties, now: Any) -> "registry.ModelVersion | None":
        if inputs.get("version") is not None:
            pinned = registry.version(layout, inputs["model"], int(inputs["version"]))
            is_there = now is not None and now["version"] == str(pinned.version)
            return None if is_there else pinned
        if now is not None and now["name"] == inputs["model"]:
            return None
        version = registry.aliased(layout, inputs["model"], inputs["alias"])
        return version if version is not None and version.status == APPROVED else None

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return what is served. Another *approved* version is no drift under an alias."""
        layout = self.layout(call)
        if read_json(layout.endpoint(state["endpoint"]) / endpoints.SERVER) is None:
            return None
        inputs = declared(self, state, _OUTPUTS)
        fresh = _state(layout, inputs)
        return existing(resource_id, fresh, inputs, _drift(layout, state, fresh))

    def update(
        self,
        resource_id: str,
        state: Properties,
        inputs: Properties,
        call: Call,
    ) -> Properties:
        """Converge: zero downtime for a version, a restart for the server's own settings."""
        return self._converge(self.layout(call), inputs, call)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Stop the server; forget every version it served, also what the loop deployed."""
        serving.undeploy(self.layout(call), state["endpoint"], state["program"])


def _state(layout: Layout, inputs: Properties) -> dict[str, Any]:
    now = serving.deployed(layout, inputs["endpoint"])
    return {
        **{key: value for key, value in inputs.items() if key != DRIFT},
        "root": str(layout.root),
        "state": WAITING if now is None else SERVING,
        "deployedVersion": None if now is None else now["version"],
        "digest": None if now is None else now["digest"],
    }


def _drift(layout: Layout, state: Properties, fresh: Properties) -> str | None:
    if fresh["state"] == WAITING:
        return "nothing is served any more" if state["state"] == SERVING else None
    if not _is_kept(fresh):
        return "the server is not running"
    served = int(fresh["deployedVersion"])
    pinned = state.get("version")
    if pinned is not None and served != int(pinned):
        return f"version {served} is served instead of the pinned one"
    known = {item.version: item for item in registry.versions(layout, state["model"])}
    version = known.get(served)
    if version is None or version.status != APPROVED or version.digest != fresh["digest"]:
        return f"version {served} is served and is not an approved one"
    return None


def _is_kept(state: Properties) -> bool:
    return supervisor.keeps(Layout(Path(state["root"])), state["program"])
