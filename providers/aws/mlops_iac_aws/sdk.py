"""Pulumi and its AWS packages, each loaded at its first use.

Checking a declaration needs none of them, and they take a second; so adapters say `sdk.aws`.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pulumi
    import pulumi_aws as aws
    import pulumi_aws_native as aws_native

__all__ = ["aws", "aws_native", "pulumi"]

_MODULES = {"aws": "pulumi_aws", "aws_native": "pulumi_aws_native", "pulumi": "pulumi"}


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Return a module by its name here (PEP 562); from then on it is an attribute."""
        if name not in _MODULES:
            raise AttributeError(f"no attribute `{name}`")
        globals()[name] = importlib.import_module(_MODULES[name])
        return globals()[name]
