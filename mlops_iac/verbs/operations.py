"""The run-time verbs on a cloud: no engine, no state; every name is known from the scope."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

from mlops_iac.operations import ComponentStatus, ModelVersion, Run, Truth
from mlops_iac.provider import OperationScope
from mlops_iac.records import StackRecords
from mlops_iac.verbs import endpoints, monitors, runs, versions
from mlops_iac.verbs.site import Site


@dataclass(frozen=True, kw_only=True)
class Verbs:
    """Where a cloud's verbs are: the modules of a cloud that brings ports by default."""

    site: Callable[[OperationScope], Site]
    """What each verb takes first."""
    features: ModuleType
    logs: ModuleType
    predict: ModuleType
    records: ModuleType
    status: ModuleType
    endpoints: ModuleType = endpoints
    monitors: ModuleType = monitors
    runs: ModuleType = runs
    versions: ModuleType = versions


class CloudOperations:
    """Implements `mlops_iac.operations.Operations` for one stack."""

    verbs: ClassVar[Verbs]

    def __init__(self, scope: OperationScope) -> None:
        self._site = self.verbs.site(scope)

    def status(self) -> Sequence[ComponentStatus]:
        """Return how each component is now, as the cloud tells it."""
        scope = self._site.scope
        declared = {scope.platform.name: scope.platform, **scope.specs}
        return [self.verbs.status.component_status(self._site, each) for each in declared.values()]

    def run(
        self,
        component: str,
        *,
        again: bool = False,
        parameters: Mapping[str, Any] | None = None,
    ) -> Run:
        """Start a run of a job's definition; the same key runs again only with `again`."""
        if self._is_monitor(component):
            return self.check(component)
        return self.verbs.runs.run(self._site, component, again=again, parameters=parameters or {})

    def wait(self, run: Run) -> Run:
        """Wait until a run has ended."""
        return self._of(run).wait(self._site, run)

    def stop(self, run: Run) -> Run:
        """Stop a run; return when it has ended."""
        return self._of(run).stop(self._site, run)

    def runs(self, component: str) -> Sequence[Run]:
        """Return the runs of a job, newest first."""
        if self._is_monitor(component):
            return self.verbs.monitors.checks(self._site, component)
        return self.verbs.runs.runs(self._site, component)

    def logs(self, component: str, *, follow: bool = False) -> Iterator[str]:
        """Yield log lines of the newest run of a job, or of an endpoint."""
        return self.verbs.logs.logs(self._site, component, follow=follow)

    def versions(self, model: str) -> Sequence[ModelVersion]:
        """Return the versions of a model, newest first."""
        return self.verbs.versions.versions(self._site, model)

    def approve(self, model: str, version: int, *, approver: str, comment: str) -> ModelVersion:
        """Let a version be deployed; endpoints that wait for the model's first are woken."""
        said = {"approver": approver, "comment": comment}
        return self.verbs.versions.approve(self._site, model, version, **said)

    def reject(self, model: str, version: int, *, approver: str, comment: str) -> ModelVersion:
        """Refuse a version for good."""
        said = {"approver": approver, "comment": comment}
        return self.verbs.versions.reject(self._site, model, version, **said)

    def promote(self, endpoint: str, version: int) -> ComponentStatus:
        """Serve an approved version, and move the alias that the endpoint follows to it."""
        return self.verbs.endpoints.promote(self._site, endpoint, version)

    def rollback(self, endpoint: str) -> ComponentStatus:
        """Go back to the version that was served before."""
        return self.verbs.endpoints.rollback(self._site, endpoint)

    def predict(self, endpoint: str, payload: Any) -> Any:
        """Ask an endpoint for predictions: JSON rows, a JSON document, or CSV text."""
        return self.verbs.predict.predict(self._site, endpoint, payload)

    def check(self, monitor: str) -> Run:
        """Start a check of a monitor now, on the rows that no check has judged."""
        return self.verbs.monitors.check(self._site, monitor)

    def truth(self, endpoint: str, path: Path, *, label: str | None = None) -> Truth:
        """Put labels where checks join them with what was captured."""
        return self.verbs.monitors.truth(self._site, endpoint, path, label)

    def features(
        self, group: str, entities: Sequence[Mapping[str, Any]]
    ) -> Sequence[Mapping[str, Any]]:
        """Return the newest values of entities, read from the online store."""
        return self.verbs.features.features(self._site, group, entities)

    def records(self) -> StackRecords:
        """Return all that the stack has done and is now, as the cloud keeps it."""
        return self.verbs.records.collect(self._site)

    def _of(self, run: Run) -> ModuleType:
        return self.verbs.monitors if self._is_monitor(run.component) else self.verbs.runs

    def _is_monitor(self, component: str) -> bool:
        return self._site.spec(component).kind == monitors.KIND
