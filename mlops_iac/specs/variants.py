"""Choosing among the variants of a field by what is written, for clear errors."""

from collections.abc import Mapping
from typing import Any

from pydantic import Discriminator


def by_keys(keys: Mapping[str, str], default: str) -> Discriminator:
    """Pick a variant by its `mode`, or else by the first key in `keys` that was written.

    A plain union would report the errors of every variant; this reports those of the one meant.
    """

    def discriminate(value: Any) -> str:
        if not isinstance(value, Mapping):
            return str(getattr(value, "mode", default))
        if "mode" in value:
            return str(value["mode"])
        return next((tag for key, tag in keys.items() if key in value), default)

    return Discriminator(discriminate)
