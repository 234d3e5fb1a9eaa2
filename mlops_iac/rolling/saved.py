"""The documents of endpoints in the store, so that who has no declaration deploys the same way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mlops_iac.documents import Documents
from mlops_iac.errors import OperationError
from mlops_iac.rolling.parts import Deployment, Work, path_of

D = TypeVar("D", bound=Deployment)


@dataclass(frozen=True, kw_only=True)
class Saved(Generic[D]):
    """The documents of one cloud's endpoints."""

    documents: Documents
    kind: type[D]
    store: str
    """What people call the cloud's stores."""

    def save(self, work: Work, deployment: Deployment) -> None:
        """Write the document into the store."""
        self.documents.write(work.place, deployment.bucket, deployment.path, deployment.document)

    def load(self, place: Any, bucket: str, component: str) -> D:
        """Return the deployment of an endpoint by its component name.

        Raises:
            OperationError: no such endpoint was deployed.
        """
        document = self.documents.read(place, bucket, path_of(component))
        if document is None:
            raise OperationError(
                f"there is no endpoint `{component}` in this stack",
                remedy="run `mlops-iac up` first, and name a `ModelEndpoint` of the declaration",
            )
        return self.kind.of(document)

    def document_of(self, work: Work, location: str) -> Mapping[str, Any] | None:
        """Return the document of an endpoint by `STORE/COMPONENT`, or `None`."""
        bucket, _, component = location.partition("/")
        return self.documents.read(work.place, bucket, path_of(component))

    def is_saved(self, work: Work, deployment: Deployment) -> bool:
        """Whether the document lies in the store."""
        return self.documents.read(work.place, deployment.bucket, deployment.path) is not None

    def forget(self, work: Work, deployment: Deployment) -> None:
        """Remove the document, unless it is that of the endpoint's successor.

        An endpoint that becomes serverless, or ceases to be, is replaced: the new one writes its
        document before the old one goes.
        """
        kept = self.documents.read(work.place, deployment.bucket, deployment.path)
        if kept is not None and kept["endpoint"] == deployment.endpoint:
            self.documents.remove(work.place, deployment.bucket, deployment.path)
