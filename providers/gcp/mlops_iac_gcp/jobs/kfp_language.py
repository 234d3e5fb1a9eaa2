"""KFP's language without KFP's client: importing that takes longer than the rest of a small plan.

`kfp/__init__.py` imports its client for Kubernetes, which nothing here talks to, unless
`_KFP_RUNTIME` says that it runs in a container of its own.
"""

import os
import sys
from importlib import import_module
from typing import Any

_SWITCH = "_KFP_RUNTIME"


def dsl() -> Any:
    """Return `kfp.dsl`; `kfp.Client` is imported when somebody reads it."""
    if "kfp" not in sys.modules and _SWITCH not in os.environ:
        _import_without_client()
    return import_module("kfp.dsl")


def _import_without_client() -> None:
    os.environ[_SWITCH] = "true"
    try:
        package: Any = import_module("kfp")
    finally:
        # `kfp.dsl` is whole only without it.
        del os.environ[_SWITCH]
    package.__getattr__ = _later


def _later(name: str) -> Any:
    """Return what `kfp` itself would have imported."""
    if name == "Client":
        return import_module("kfp.client").Client
    if name in {"components", "dsl"}:
        return import_module(f"kfp.{name}")
    raise AttributeError(f"module 'kfp' has no attribute {name!r}")
