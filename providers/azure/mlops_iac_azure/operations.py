"""The run-time verbs on Azure, by REST: no engine, no state; names come of the scope."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops_iac.operations import ComponentStatus, ModelVersion, Run, Truth
from mlops_iac.provider import OperationScope
from mlops_iac.records import StackRecords
from mlops_iac_azure.verbs import (
    endpoints,
    features,
    logs,
    monitors,
    records,
    runs,
    status,
    versions,
)
from mlops_iac_azure.verbs.site import Site


class AzureOperations:
    """Implements `mlops_iac.operations.Operations` for one stack."""

    def __init__(self, scope: OperationScope) -> None:
        self._site = Site(scope)

    def status(self) -> Sequence[ComponentStatus]:
        """Return how each component is now, as Azure tells it."""
        specs = {self._site.scope.platform.name: self._site.scope.platform}
        declared = {**specs, **self._site.scope.specs}
        return [status.component_status(self._site, spec) for spec in declared.values()]

    def run(
        self,
        component: str,
        *,
        again: bool = False,
        parameters: Mapping[str, Any] | None = None,
    ) -> Run:
        """Start a run of a job's definition; the same key runs again only with `again`."""
        if self._is_monitor(component):
            return monitors.check(self._site, component)
        return runs.run(self._site, component, again=again, parameters=parameters or {})

    def wait(self, run: Run) -> Run:
        """Wait until a run has ended."""
        return (monitors if self._is_monitor(run.component) else runs).wait(self._site, run)

    def stop(self, run: Run) -> Run:
        """Stop a run; return when it has ended."""
        return (monitors if self._is_monitor(run.component) else runs).stop(self._site, run)

    def runs(self, component: str) -> Sequence[Run]:
        """Return the runs of a job, newest first."""
        if self._is_monitor(component):
            return monitors.checks(self._site, component)
        return runs.runs(self._site, component)

    def logs(self, component: str, *, follow: bool = False) -> Iterator[str]:
        """Yield log lines of the newest run of a job, or of an endpoint."""
        return logs.logs(self._site, component, follow=follow)

    def versions(self, model: str) -> Sequence[ModelVersion]:
        """Return the versions of a model, newest first."""
        return versions.versions(self._site, model)

    def approve(self, model: str, version: int, *, approver: str, comment: str) -> ModelVersion:
        """Let a version be deployed; endpoints that wait for the model's first are woken."""
        return versions.approve(self._site, model, version, approver=approver, comment=comment)

    def reject(self, model: str, version: int, *, approver: str, comment: str) -> ModelVersion:
        """Refuse a version for good."""
        return versions.reject(self._site, model, version, approver=approver, comment=comment)

    def promote(self, endpoint: str, version: int) -> ComponentStatus:
        """Serve an approved version, and move the alias that the endpoint follows to it."""
        return endpoints.promote(self._site, endpoint, version)

    def rollback(self, endpoint: str) -> ComponentStatus:
        """Go back to the version that was served before."""
        return endpoints.rollback(self._site, endpoint)

    def predict(self, endpoint: str, payload: Any) -> Any:
        """Ask an endpoint for predictions: JSON rows, a JSON document, or CSV text."""
        return endpoints.predict(self._site, endpoint, payload)

    def check(self, monitor: str) -> Run:
        """Start a check of a monitor now, on the rows that no check has judged."""
        return monitors.check(self._site, monitor)

    def truth(self, endpoint: str, path: Path, *, label: str | None = None) -> Truth:
        """Put labels where checks join them with what was captured."""
        return monitors.truth(self._site, endpoint, path, label)

    def features(
        self, group: str, entities: Sequence[Mapping[str, Any]]
    ) -> Sequence[Mapping[str, Any]]:
        """Return the newest values of entities, read from the online store."""
        return features.features(self._site, group, entities)

    def records(self) -> StackRecords:
        """Return all that the stack has done and is now, as Azure keeps it."""
        return records.collect(self._site)

    def _is_monitor(self, component: str) -> bool:
        return self._site.spec(component).kind == monitors.KIND
