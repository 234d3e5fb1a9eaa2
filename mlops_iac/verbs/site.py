"""Where the verbs work: one stack as its cloud has it."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar

from mlops_iac.errors import OperationError
from mlops_iac.operations import Run
from mlops_iac.provider import OperationScope
from mlops_iac.runtime.policy.memory import STATE
from mlops_iac.specs import Spec


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

    @abstractmethod
    def executions(self, component: str) -> Iterable[Any]:
        """Yield the runs of a component, newest first, as the cloud tells them."""

    @abstractmethod
    def execution(self, run: Run) -> Any:
        """Return a run as the cloud tells it now."""

    @abstractmethod
    def begun(self, definition: Mapping[str, Any], key: str, *, again: bool) -> Any:
        """Start a run of a definition, or return the one that its key has unless `again`."""

    @abstractmethod
    def finished(self, execution: Any, seconds: float) -> Any:
        """Return a run when it has ended; after `seconds` it is stopped."""

    @abstractmethod
    def halt(self, execution: Any) -> None:
        """Have a run stopped, without waiting for that."""

    @abstractmethod
    def outcome(self, execution: Any) -> Any:
        """Return what a run made."""

    @abstractmethod
    def failure(self, execution: Any) -> str:
        """Return why a run failed."""

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


def tell(line: str) -> None:
    """Tell the user of progress, on standard error."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
