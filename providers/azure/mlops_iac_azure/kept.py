"""A stack's documents in its store, as the loop of monitors and policies keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.loop.reports import Reports
from mlops_iac.loop.store import Store
from mlops_iac.loop.truth import Labels
from mlops_iac_azure import documents, place
from mlops_iac_azure.session import Place


@dataclass(frozen=True)
class Bucket:
    """Implements `mlops_iac.loop.kept.Kept`."""

    where: Place
    bucket: str

    def read(self, path: str) -> Any | None:
        """Return the document at a path, or `None` when there is none."""
        return documents.read(self.where, self.bucket, path)

    def marked(self, path: str) -> tuple[Any, str] | None:
        """Return a document and its ETag, or `None`."""
        document, generation = documents.read_generation(self.where, self.bucket, path)
        return None if document is None else (document, generation)

    def write(self, path: str, document: Mapping[str, Any]) -> None:
        """Write a document, whatever is there."""
        documents.write(self.where, self.bucket, path, document)

    def replace(self, path: str, document: Mapping[str, Any], *, mark: str | None) -> bool:
        """Write a document over that content; false when another one is there."""
        generation = documents.ABSENT if mark is None else mark
        return documents.write(self.where, self.bucket, path, document, generation=generation)

    def remove(self, path: str) -> None:
        """Remove a document; nothing when there is none."""
        documents.remove(self.where, self.bucket, path)

    def paths(self, prefix: str) -> list[str]:
        """Return the paths under a prefix, in their order."""
        return documents.paths(self.where, self.bucket, prefix)

    def uri(self, path: str) -> str:
        """Return the address of a document."""
        return place.uri(self.bucket, path)


def store_of(where: Place, bucket: str, policy: str) -> Store:
    """Return the memory of a policy."""
    return Store(kept=Bucket(where, bucket), prefix=place.policy_prefix(policy))


def reports_of(where: Place, bucket: str, monitor: str) -> Reports:
    """Return the reports of a monitor."""
    return Reports(kept=Bucket(where, bucket), prefix=place.reports_prefix(monitor))


def labels_of(where: Place, bucket: str, endpoint: str) -> Labels:
    """Return the truth of an endpoint's predictions."""
    kept = Bucket(where, bucket)
    return Labels(kept=kept, endpoint=endpoint, prefix=place.truth_prefix(endpoint))
