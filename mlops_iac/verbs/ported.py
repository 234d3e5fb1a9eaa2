"""Where the verbs work on a cloud that brings its modules as ports."""

import time
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from mlops_iac.documents import Documents
from mlops_iac.errors import MlopsError
from mlops_iac.keyed_runs import next_repetition
from mlops_iac.loop.preparing import Window
from mlops_iac.loop.truth import Labels
from mlops_iac.operations import Run
from mlops_iac.registry import Model
from mlops_iac.verbs.ports import Facts, Layout, Registry, Runs, Serving
from mlops_iac.verbs.site import Site, tell


@dataclass(frozen=True)
class PortedSite(Site):
    """One stack on a cloud that brings its modules as ports."""

    failed: ClassVar[type[MlopsError]]
    """What the cloud refuses, or lacks."""
    documents: ClassVar[Documents]
    facts: ClassVar[Facts]
    layout: ClassVar[Layout]
    registry: ClassVar[Registry]
    runs: ClassVar[Runs]
    serving: ClassVar[Serving]

    @property
    @abstractmethod
    def place(self) -> Any:
        """Where the stack is, under the declared role."""

    @property
    @abstractmethod
    def work(self) -> Any:
        """What deploying may use; its progress goes to standard error."""

    @abstractmethod
    def pipeline(self, component: str) -> str:
        """Return the name of the pipeline of a component's runs."""

    @abstractmethod
    def wake(self, model: Model) -> None:
        """Start the first deployment of each endpoint that waits for a version of a model."""

    @abstractmethod
    def history(self, deployment: Any) -> Sequence[Any]:
        """Return the versions that an endpoint has served, the last one first."""

    @abstractmethod
    def traffic(self, endpoint: str, window: Window) -> list[dict[str, Any]]:
        """Return logged requests, newest first."""

    @abstractmethod
    def labels(self, endpoint: str) -> Labels:
        """Return the truth of an endpoint's predictions."""

    @property
    def bucket(self) -> str:
        """The stack's store."""
        return self.facts.bucket(self.scope)

    def model(self, name: str) -> Model:
        """Return a declared registered model.

        Raises:
            OperationError: there is none of that name.
        """
        self.spec(name, "RegisteredModel")
        full = self.facts.model_name(self.scope, name)
        return Model(name=full, component=name, bucket=self.bucket)

    def deployment(self, endpoint: str) -> Any:
        """Return the document of an endpoint.

        Raises:
            OperationError: there is no such endpoint.
        """
        self.spec(endpoint, "ModelEndpoint")
        return self.serving.load(self.place, self.bucket, endpoint)

    def read(self, path: str) -> Any | None:
        """Return a JSON document of the store, or `None` when there is none."""
        return self.documents.read(self.place, self.bucket, path)

    def paths(self, prefix: str) -> list[str]:
        """Return the paths under a prefix of the store, in their order."""
        return self.documents.paths(self.place, self.bucket, prefix)

    def definition(self, component: str) -> Mapping[str, Any] | None:
        """Return what the runs of a component are started with; `None` before the first `up`."""
        return self.read(self.layout.definition_key(component))

    def policy_folder(self, policy: str) -> str:
        """Return the folder with memory and events of a retraining policy."""
        return self.layout.policy_prefix(policy)

    def executions(self, component: str) -> Iterator[Any]:
        """Yield the runs of a component, newest first, as the cloud tells them."""
        return self.runs.executions(self.place, self.pipeline(component))

    def execution(self, run: Run) -> Any:
        """Return a run as the cloud tells it now."""
        return self.runs.execution(self.place, self.runs.job_id(self.place, run.id))

    def begun(self, definition: Mapping[str, Any], key: str, *, again: bool) -> Any:
        """Start a run of a definition, or return the one that its key has unless `again`."""
        known = [*self.runs.runs_of_key(self.place, definition["pipeline"], key)]
        living = self.runs.of_this_life(self.place, self.bucket, known)
        if living and not again:
            return living[0]
        number = next_repetition(known)
        return self.runs.start(self.place, definition, key, again=number)

    def finished(self, execution: Any, seconds: float) -> Any:
        """Return a run when it has ended; after `seconds` it is stopped."""
        return self.runs.finish(self.place, execution, wait=time.sleep, tell=tell, seconds=seconds)

    def halt(self, execution: Any) -> None:
        """Have a run stopped, without waiting for that."""
        self.runs.stop(self.place, execution)

    def outcome(self, execution: Any) -> Any:
        """Return what a run made."""
        return self.runs.outcome(self.place, self.bucket, execution)

    def failure(self, execution: Any) -> str:
        """Return why a run failed."""
        return self.runs.failure(self.place, self.bucket, execution)
