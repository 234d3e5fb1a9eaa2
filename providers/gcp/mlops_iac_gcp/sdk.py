"""Pulumi and its Google Cloud package, each loaded at its first use.

Checking a declaration needs none of them, and they take a second; so adapters say `sdk.gcp`.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pulumi
    import pulumi_gcp as gcp

__all__ = ["gcp", "pulumi"]

_MODULES = {"gcp": "pulumi_gcp", "pulumi": "pulumi"}


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Return a module by its name here (PEP 562); from then on it is an attribute."""
        if name not in _MODULES:
            raise AttributeError(f"no attribute `{name}`")
        globals()[name] = importlib.import_module(_MODULES[name])
        return globals()[name]
