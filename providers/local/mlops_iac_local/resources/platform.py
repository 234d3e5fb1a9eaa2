"""`mlops-iac:local:Platform`: the stack's folder, MLflow's database, the supervisor's end."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from pathlib import Path

from mlops_iac.custom import Call, Existing, Properties
from mlops_iac_local import supervisor, tracking
from mlops_iac_local.files import FOLDER_MODE, remove, utc_now, write_json
from mlops_iac_local.ownership import adopt_or_make, owner_of, require_ours
from mlops_iac_local.resources.common import LocalHandler, declared, existing

_OUTPUTS = frozenset({"root", "artifactRoot", "trackingUri"})


class PlatformHandler(LocalHandler):
    """The foundation of a stack on this machine."""

    token = "mlops-iac:local:Platform"  # noqa: S105

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Make or adopt the folder and MLflow's database."""
        layout = self.layout(call)
        call.journal("make-folder", root=str(layout.root))
        # The plugin's journal may lie in the root before the root is ours.
        if owner_of(layout.root) is None and _holds_only_journal(layout.root):
            write_json(layout.owner, {"urn": call.urn, "created": utc_now()})
        adopt_or_make(layout.root, call.urn)
        layout.make()
        call.log("preparing MLflow's database")
        tracking.initialise(layout)
        return str(layout.root), self._state(inputs, call)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the platform; gone when its folder or its mark is gone."""
        layout = self.layout(call)
        if owner_of(layout.root) != call.urn:
            return None
        drift = None
        if not layout.database.exists():
            drift = "MLflow's database is gone"
        elif layout.root.stat().st_mode & 0o777 != FOLDER_MODE:
            drift = "other users may enter the folder"
        return existing(resource_id, state, declared(self, state, _OUTPUTS), drift)

    def update(
        self,
        resource_id: str,
        state: Properties,
        inputs: Properties,
        call: Call,
    ) -> Properties:
        """Heal the folder and the database; keep the new tags."""
        self.create(inputs, call)
        return self._state(inputs, call)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Stop everything that runs for this stack, and remove its folder."""
        layout = self.layout(call)
        require_ours(layout.root, call.urn)
        supervisor.shut_down(layout)
        _stop_runs(self, call)
        remove(layout.root)

    def _state(self, inputs: Properties, call: Call) -> Properties:
        layout = self.layout(call)
        return {
            **inputs,
            "root": str(layout.root),
            "artifactRoot": str(layout.artifacts),
            "trackingUri": layout.tracking_uri,
        }


def _stop_runs(handler: LocalHandler, call: Call) -> None:
    from mlops_iac_local.jobs.runs import RUNNING, read_run
    from mlops_iac_local.jobs.starting import stop

    layout = handler.layout(call)
    for folder in layout.runs.glob("*/*") if layout.runs.is_dir() else ():
        run = read_run(folder)
        if run is not None and run.status == RUNNING:
            stop(layout, run)


def _holds_only_journal(root: Path) -> bool:
    return root.is_dir() and {path.name for path in root.iterdir()} <= {"journal", "locks"}
