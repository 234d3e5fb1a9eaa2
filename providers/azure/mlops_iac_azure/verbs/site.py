"""Where the verbs work: one stack's scope, its place, its names."""

import sys
import time
from dataclasses import dataclass
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.provider import OperationScope
from mlops_iac.specs import Spec
from mlops_iac_azure import documents, facts
from mlops_iac_azure.registry import Model
from mlops_iac_azure.serving import Deployment, Work, load
from mlops_iac_azure.session import Place


@dataclass(frozen=True)
class Site:
    """One stack on Azure. Every name is known from the scope: nothing is searched for."""

    scope: OperationScope

    @property
    def place(self) -> Place:
        """The stack's subscription, region and workspace, under the declared role."""
        return facts.place(self.scope)

    @property
    def bucket(self) -> str:
        """The stack's storage account."""
        return facts.bucket(self.scope)

    @property
    def work(self) -> Work:
        """What deploying may use; its progress goes to standard error."""
        return Work(place=self.place, log=tell, pause=time.sleep)

    def model(self, name: str) -> Model:
        """Return a declared registered model.

        Raises:
            OperationError: there is none of that name.
        """
        self.spec(name, "RegisteredModel")
        full = facts.model_name(self.scope, name)
        return Model(name=full, component=name, bucket=self.bucket)

    def deployment(self, endpoint: str) -> Deployment:
        """Return the document of an endpoint.

        Raises:
            OperationError: there is no such endpoint.
        """
        self.spec(endpoint, "ModelEndpoint")
        return load(self.place, self.bucket, endpoint)

    def read(self, path: str) -> Any | None:
        """Return a JSON document of the store, or `None` when there is none."""
        return documents.read(self.place, self.bucket, path)

    def paths(self, prefix: str) -> list[str]:
        """Return the paths under a prefix of the store, in their order."""
        return documents.paths(self.place, self.bucket, prefix)

    def spec(self, name: str, *kinds: str) -> Spec:
        """Return a declared component.

        Raises:
            OperationError: there is none of that name, or it is of another kind.
        """
        found = self.scope.specs.get(name)
        if found is not None and (not kinds or found.kind in kinds):
            return found
        known = [s.name for s in self.scope.specs.values() if not kinds or s.kind in kinds]
        wanted = " or ".join(f"`{kind}`" for kind in kinds) or "component"
        raise OperationError(
            f"no {wanted} is called `{name}`",
            remedy=f"declared: {', '.join(f'`{item}`' for item in known) or 'none'}",
        )


def tell(line: str) -> None:
    """Tell the user of progress, on standard error."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
