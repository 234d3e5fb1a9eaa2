"""Keeping secrets out of messages, logs and the journal."""

from collections.abc import Iterable, Mapping
from typing import Any

HIDDEN = "[secret]"
SHORTEST = 4
"""Shorter texts are not searched for inside others: `on` or `1` would garble every message."""


class Redactor:
    """Replaces the secrets of one engine call wherever they appear in text."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # Longest first: a secret may be the beginning of another.
        self._secrets = tuple(sorted(frozenset(secrets), key=len, reverse=True))

    def text(self, text: str) -> str:
        """Return `text` without any secret."""
        for secret in self._secrets:
            if text == secret:
                return HIDDEN
            if len(secret) >= SHORTEST:
                text = text.replace(secret, HIDDEN)
        return text

    def contains(self, text: str) -> bool:
        """Return whether `text` is or contains a secret."""
        return self.text(text) != text

    def data(self, value: Any) -> Any:
        """Return JSON-like `value` without any secret."""
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {self.text(str(key)): self.data(item) for key, item in value.items()}
            case list() | tuple():
                return [self.data(item) for item in value]
            case _:
                return value
