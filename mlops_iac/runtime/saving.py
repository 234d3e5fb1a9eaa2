"""Saving a model in MLflow's form, in the serialisation that the server accepts."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from mlops_iac.runtime.errors import TrainingError
from mlops_iac.runtime.formats import TRUSTED_TYPES

# First part of the model's class's module → MLflow's flavor and the argument that takes the model.
_FLAVORS: Mapping[str, tuple[str, str]] = {
    "sklearn": ("sklearn", "sk_model"),
    "xgboost": ("xgboost", "xgb_model"),
    "lightgbm": ("lightgbm", "lgb_model"),
    "onnx": ("onnx", "onnx_model"),
}

_SAFE_ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "sklearn": {
        "serialization_format": "skops",
        "skops_trusted_types": sorted(TRUSTED_TYPES),
    },
    "xgboost": {"model_format": "ubj"},
}


def flavor_of(model: Any) -> str:
    """Return MLflow's name of the flavor that saves `model`.

    Raises:
        TrainingError: none is known.
    """
    for ancestor in type(model).__mro__:
        root = ancestor.__module__.partition(".")[0]
        if root in _FLAVORS:
            return root
    raise TrainingError(
        f"no flavor is known for a model of type `{type(model).__qualname__}`",
        remedy=f"give `flavor=`, one of {', '.join(_FLAVORS)}, "
        "or save an MLflow model in `context.model_dir`",
    )


def save_model(
    model: Any,
    flavor: str,
    *,
    folder: Path | None,
    signature: Any,
    options: Mapping[str, Any],
) -> None:
    """Save `model` in `folder`; with no folder, log it to the active MLflow run.

    `options` go to MLflow as they are and win over our safe defaults.
    """
    module = import_module(f"mlflow.{flavor}")
    arguments = {
        _FLAVORS[flavor][1]: model,
        "signature": signature,
        **_SAFE_ARGUMENTS.get(flavor, {}),
        **options,
    }
    if folder is None:
        module.log_model(name=arguments.pop("name", "model"), **arguments)
    else:
        module.save_model(path=str(folder), **arguments)


def infer_model_signature(model: Any, example: Any, options: Mapping[str, Any]) -> Any:
    """Return the signature that an example of the inputs and the model's answer to it show."""
    from mlflow.models import infer_signature

    answer = getattr(model, options.get("pyfunc_predict_fn", "predict"))
    return infer_signature(example, answer(example))
