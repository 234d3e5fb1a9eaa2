"""JSON documents of a stack, by their path, wherever a target keeps them."""

from collections.abc import Mapping
from typing import Any, Protocol


class Kept(Protocol):
    """The documents of one stack."""

    def read(self, path: str) -> Any | None:
        """Return the document at a path, or `None` when there is none."""
        ...

    def marked(self, path: str) -> tuple[Any, str] | None:
        """Return a document and what the store calls this very content, or `None`."""
        ...

    def write(self, path: str, document: Mapping[str, Any]) -> None:
        """Write a document, whatever is there."""
        ...

    def replace(self, path: str, document: Mapping[str, Any], *, mark: str | None) -> bool:
        """Write a document over the content of a mark; false when something else is there.

        Without a mark nothing may be there.
        """
        ...

    def remove(self, path: str) -> None:
        """Remove a document; nothing when there is none."""
        ...

    def paths(self, prefix: str) -> list[str]:
        """Return the paths under a prefix, in their order."""
        ...

    def uri(self, path: str) -> str:
        """Return the address of a document, as people are shown it."""
        ...
