"""A stack's documents, by their path, and what monitors and policies keep among them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mlops_iac.documents import Generations


class Layout(Protocol):
    """A provider's module of where things lie in a store."""

    def uri(self, bucket: str, path: str) -> str:
        """Return the address of a path, as people are shown it."""
        ...

    def policy_prefix(self, policy: str) -> str:
        """Return the folder of a policy's memory."""
        ...

    def reports_prefix(self, monitor: str) -> str:
        """Return the folder of a monitor's reports."""
        ...

    def truth_prefix(self, endpoint: str) -> str:
        """Return the folder of the truth of an endpoint's predictions."""
        ...


@dataclass(frozen=True)
class Kept:
    """The documents of one stack."""

    documents: Generations
    layout: Layout
    where: Any
    """The provider's own place."""
    bucket: str

    def read(self, path: str) -> Any | None:
        """Return the document at a path, or `None` when there is none."""
        return self.documents.read(self.where, self.bucket, path)

    def marked(self, path: str) -> tuple[Any, str] | None:
        """Return a document and what the store calls this very content, or `None`."""
        document, mark = self.documents.read_generation(self.where, self.bucket, path)
        return None if document is None else (document, mark)

    def write(self, path: str, document: Mapping[str, Any]) -> None:
        """Write a document, whatever is there."""
        self.documents.write(self.where, self.bucket, path, document)

    def replace(self, path: str, document: Mapping[str, Any], *, mark: str | None) -> bool:
        """Write a document over the content of a mark; false when something else is there.

        Without a mark nothing may be there.
        """
        generation = self.documents.ABSENT if mark is None else mark
        return self.documents.write(self.where, self.bucket, path, document, generation=generation)

    def remove(self, path: str) -> None:
        """Remove a document; nothing when there is none."""
        self.documents.remove(self.where, self.bucket, path)

    def paths(self, prefix: str) -> list[str]:
        """Return the paths under a prefix, in their order."""
        return self.documents.paths(self.where, self.bucket, prefix)

    def uri(self, path: str) -> str:
        """Return the address of a document, as people are shown it."""
        return self.layout.uri(self.bucket, path)
