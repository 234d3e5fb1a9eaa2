"""Where the verbs work: one stack's scope, its place in a cloud, its names."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar

from mlops_iac.errors import MlopsError, OperationError
from mlops_iac.loop.preparing import Window
from mlops_iac.loop.truth import Labels
from mlops_iac.provider import OperationScope
from mlops_iac.runtime.policy.memory import STATE
from mlops_iac.specs import Spec
from mlops_iac.verbs.ports import Documents, Facts, Layout, Registry, Runs, Serving


@dataclass(frozen=True)
class Site(ABC):
    """One stack. Every name is known from the scope: nothing is searched for."""

    scope: OperationScope
    title: ClassVar[str]
    """The cloud's name for people."""

    @staticmethod
    @abstractmethod
    def told(doing: str) -> AbstractContextManager[None]:
        """Turn what the cloud's own clients raise within into an error with a remedy."""

    @abstractmethod
    def is_there(self) -> bool:
        """Whether the stack's store is there: it is among the first of a stack and its last."""

    @abstractmethod
    def read(self, path: str) -> Any | None:
        """Return a JSON document of the store, or `None` when there is none."""

    @abstractmethod
    def paths(self, prefix: str) -> list[str]:
        """Return the paths under a prefix of the store, in their order."""

    @abstractmethod
    def definition(self, component: str) -> Mapping[str, Any] | None:
        """Return what the runs of a component are started with; `None` before the first `up`."""

    @abstractmethod
    def policy_folder(self, policy: str) -> str:
        """Return the folder with memory and events of a retraining policy."""

    def memory(self, policy: str) -> Any | None:
        """Return what a retraining policy remembers, or `None`."""
        return self.read(f"{self.policy_folder(policy)}/{STATE}")

    def named(self, *kinds: str) -> list[str]:
        """Return the names of the declared components of some kinds."""
        return [spec.name for spec in self.scope.specs.values() if spec.kind in kinds]

    def spec(self, name: str, *kinds: str) -> Spec:
        """Return a declared component.

        Raises:
            OperationError: there is none of that name, or it is of another kind.
        """
        found = self.scope.specs.get(name)
        if found is not None and (not kinds or found.kind in kinds):
            return found
        known = self.named(*kinds) if kinds else [s.name for s in self.scope.specs.values()]
        wanted = " or ".join(f"`{kind}`" for kind in kinds) or "component"
        raise OperationError(
            f"no {wanted} is called `{name}`",
            remedy=f"declared: {', '.join(f'`{item}`' for item in known) or 'none'}",
        )


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
    def wake(self, model: Any) -> None:
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

    def model(self, name: str) -> Any:
        """Return a declared registered model.

        Raises:
            OperationError: there is none of that name.
        """
        self.spec(name, "RegisteredModel")
        return self.registry.model_of(self.bucket, name, self.facts.model_name(self.scope, name))

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


def tell(line: str) -> None:
    """Tell the user of progress, on standard error."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
