"""The run-time verbs on this machine: runs, versions, endpoints."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops_iac.operations import ComponentStatus, ModelVersion, Run, Truth
from mlops_iac.provider import OperationScope
from mlops_iac.records import StackRecords
from mlops_iac_local import endpoint_verbs, feature_verbs, run_verbs, version_verbs
from mlops_iac_local.layout import Layout
from mlops_iac_local.monitors import checks, told
from mlops_iac_local.states import component_status


class LocalOperations:
    """Implements `mlops_iac.operations.Operations` for one stack."""

    def __init__(self, scope: OperationScope) -> None:
        self._scope = scope
        self._layout = Layout.of(scope.project_dir, scope.stack)

    def status(self) -> Sequence[ComponentStatus]:
        """Return how each component is now, seen in the folder and the processes."""
        return [component_status(self._layout, spec) for spec in self._scope.specs.values()]

    def run(
        self,
        component: str,
        *,
        again: bool = False,
        parameters: Mapping[str, Any] | None = None,
    ) -> Run:
        """Start a run that outlives this command; the same key runs again only with `again`."""
        return run_verbs.run(self._layout, component, again=again, parameters=parameters or {})

    def wait(self, run: Run) -> Run:
        """Wait until a run has ended and what it made is kept and registered."""
        return run_verbs.wait(self._layout, run)

    def stop(self, run: Run) -> Run:
        """Stop a run; return when its processes are gone."""
        return run_verbs.stop(self._layout, run)

    def runs(self, component: str) -> Sequence[Run]:
        """Return the runs of a job, newest first."""
        return run_verbs.runs(self._layout, component)

    def logs(self, component: str, *, follow: bool = False) -> Iterator[str]:
        """Yield log lines of the newest run of a job, or of an endpoint."""
        return run_verbs.logs(self._layout, component, follow=follow)

    def versions(self, model: str) -> Sequence[ModelVersion]:
        """Return the versions of a model, newest first."""
        return version_verbs.versions(self._layout, model)

    def approve(self, model: str, version: int, *, approver: str, comment: str) -> ModelVersion:
        """Let a version be deployed; endpoints that wait for the model's first serve it."""
        return version_verbs.approve(
            self._layout, model, version, approver=approver, comment=comment
        )

    def reject(self, model: str, version: int, *, approver: str, comment: str) -> ModelVersion:
        """Refuse a version for good."""
        return version_verbs.reject(
            self._layout, model, version, approver=approver, comment=comment
        )

    def promote(self, endpoint: str, version: int) -> ComponentStatus:
        """Serve an approved version, and move the alias that the endpoint follows to it."""
        return endpoint_verbs.promote(self._layout, endpoint, version)

    def rollback(self, endpoint: str) -> ComponentStatus:
        """Go back to the version that was served before."""
        return endpoint_verbs.rollback(self._layout, endpoint)

    def predict(self, endpoint: str, payload: Any) -> Any:
        """Ask an endpoint for predictions: JSON rows, a JSON document, or CSV text."""
        return endpoint_verbs.predict(self._layout, endpoint, payload)

    def check(self, monitor: str) -> Run:
        """Start a check that outlives this command, on the rows that no check has judged."""
        return checks.check(self._layout, monitor)

    def truth(self, endpoint: str, path: Path, *, label: str | None = None) -> Truth:
        """Keep the labels in a file beside what the endpoint's server captured."""
        return told.tell(self._layout, endpoint, path, label)

    def features(
        self, group: str, entities: Sequence[Mapping[str, Any]]
    ) -> Sequence[Mapping[str, Any]]:
        """Return the newest values of entities, read from the online store."""
        return feature_verbs.features(self._layout, group, entities)

    def records(self) -> StackRecords:
        """Return all that the stack has done and is now, from its folder and its servers."""
        # The page's own readers; the other verbs do without them.
        from mlops_iac_local.records import collect

        return collect(self._layout, self._scope)
