"""The small library inside training and serving containers, and on the laptop.

A training script asks it for its inputs, hyperparameters and output folders, the same on
every platform; the model server in `mlops_iac.runtime.server` answers every platform's HTTP
contract. It imports no Pulumi and no cloud SDK, and its own parts only when they are used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlops_iac.runtime.context import TrainingContext, training_context
    from mlops_iac.runtime.digest import tree_digest
    from mlops_iac.runtime.hyperparameters import encode_hyperparameters
    from mlops_iac.runtime.model import LoadedModel, load_model
    from mlops_iac.runtime.processing import ProcessingContext, processing_context
    from mlops_iac.runtime.result import RunResult, read_result

_HOMES = {
    "LoadedModel": "model",
    "ProcessingContext": "processing",
    "RunResult": "result",
    "TrainingContext": "context",
    "encode_hyperparameters": "hyperparameters",
    "load_model": "model",
    "processing_context": "processing",
    "read_result": "result",
    "training_context": "context",
    "tree_digest": "digest",
}

__all__ = [
    "LoadedModel",
    "ProcessingContext",
    "RunResult",
    "TrainingContext",
    "encode_hyperparameters",
    "load_model",
    "processing_context",
    "read_result",
    "training_context",
    "tree_digest",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
