"""JSON documents in a stack's store: what a provider's module of them offers.

The module stands on the standard library: it travels into the containers.
"""

from collections.abc import Mapping
from typing import Any, Protocol


class Documents(Protocol):
    """A provider's module of documents; `where` is its own place."""

    def read(self, where: Any, bucket: str, path: str, /) -> Any | None:
        """Return the document at a path, or `None` when there is none."""
        ...

    def write(self, where: Any, bucket: str, path: str, document: Mapping[str, Any], /) -> Any:
        """Write a document, whatever is there."""
        ...

    def remove(self, where: Any, bucket: str, path: str, /) -> None:
        """Remove a document; nothing when there is none."""
        ...

    def paths(self, where: Any, bucket: str, prefix: str, /) -> list[str]:
        """Return the paths under a prefix, in their order; none when there is no such store."""
        ...

    def bucket_exists(self, where: Any, bucket: str, /) -> bool:
        """Whether the store is there."""
        ...


class Generations(Documents, Protocol):
    """Documents with generations to compare, so that nobody writes over what they have not read."""

    ABSENT: Any
    """Generation of a document that is not there."""

    def read_generation(self, where: Any, bucket: str, path: str, /) -> tuple[Any | None, Any]:
        """Return a document and its generation; `None` and `ABSENT` when there is none."""
        ...

    def write(
        self,
        where: Any,
        bucket: str,
        path: str,
        document: Mapping[str, Any],
        /,
        *,
        generation: Any = None,
    ) -> bool:
        """Write a document; false when `generation` is given and is not the one that is there."""
        ...
