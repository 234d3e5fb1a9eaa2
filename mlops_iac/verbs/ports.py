"""What the verbs ask of a cloud's modules; `place`, `work` and what a name leads to are its own."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from mlops_iac.handlers import job_run, model_deployment
from mlops_iac.provider import Scope


class Layout(Protocol):
    """Where things lie in the stack's store."""

    def dataset_prefix(self, dataset: str, version: str) -> str:
        """Return the folder of a version of a dataset."""
        ...

    def definition_key(self, component: str) -> str:
        """Return where what a component's runs are started with lies."""
        ...

    def policy_prefix(self, policy: str) -> str:
        """Return the folder with rules, memory and events of a retraining policy."""
        ...

    def step_prefix(self, component: str, run: str, step: str) -> str:
        """Return the folder in which a step of a run leaves its results."""
        ...

    def split(self, location: str) -> tuple[str, str]:
        """Return bucket and path of an address."""
        ...

    def uri(self, bucket: str, path: str) -> str:
        """Return the address of a path."""
        ...


class Facts(Protocol):
    """What follows from the declaration alone."""

    def bucket(self, scope: Scope) -> str:
        """Return the name of the stack's store."""
        ...

    def model_name(self, scope: Scope, model: str) -> str:
        """Return the full name of a registered model."""
        ...


class Runs(job_run.Runs, Protocol):
    """Runs, and what their steps tell."""

    def job_id(self, where: Any, run: str) -> str:
        """Return the full name of a run."""
        ...

    def execution(self, where: Any, name: str) -> Any:
        """Return a run of a full name as it is now."""
        ...

    def executions(self, where: Any, pipeline: str) -> Iterator[Any]:
        """Yield the runs of a pipeline, newest first."""
        ...

    def start(self, where: Any, definition: Mapping[str, Any], key: str, *, again: int = 0) -> Any:
        """Start a run of a definition, or adopt the one of that key and repetition."""
        ...

    def reports(self, where: Any, bucket: str, run: Any) -> Mapping[str, Mapping[str, Any]]:
        """Return what each step of a run has told, by its name."""
        ...


class Registry(Protocol):
    """Versions of registered models."""

    def listed(self, place: Any, model: Any) -> Sequence[Any]:
        """Return the versions of a model, newest first."""
        ...

    def versions(self, place: Any, model: Any) -> Sequence[Any]:
        """Return the versions of a model with all that is known of them, newest first."""
        ...

    def approve(self, place: Any, model: Any, number: int, *, approver: str, comment: str) -> Any:
        """Let a version be deployed."""
        ...

    def reject(self, place: Any, model: Any, number: int, *, approver: str, comment: str) -> Any:
        """Refuse a version for good."""
        ...


class Serving(model_deployment.Serving, Protocol):
    """What endpoints serve, and served."""

    def path_of(self, component: str) -> str:
        """Return where in the store the document of an endpoint lies."""
        ...

    def load(self, place: Any, bucket: str, component: str) -> Any:
        """Return the document of an endpoint."""
        ...

    def promote(self, work: Any, deployment: Any, number: int) -> Any:
        """Serve an approved version and move the alias to it."""
        ...

    def rollback(self, work: Any, deployment: Any) -> Any:
        """Go back to the approved version that was served before."""
        ...
