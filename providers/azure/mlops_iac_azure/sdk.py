"""Pulumi and its Azure package, each loaded at its first use.

Checking a declaration needs none of them, and they take seconds; so adapters say `sdk.pulumi`.
What registers resources of `pulumi-azure-native` stands in `frame/`, which is loaded to build.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pulumi

__all__ = ["pulumi"]

_MODULES = {"pulumi": "pulumi"}


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Return a module by its name here (PEP 562); from then on it is an attribute."""
        if name not in _MODULES:
            raise AttributeError(f"no attribute `{name}`")
        globals()[name] = importlib.import_module(_MODULES[name])
        return globals()[name]
