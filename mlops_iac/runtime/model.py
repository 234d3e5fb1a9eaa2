"""Loading a model by its digest: an allow-list of formats, and a pickle only on trust."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from mlops_iac.runtime.errors import ModelRefusedError
from mlops_iac.runtime.formats import TRUSTED_TYPES
from mlops_iac.runtime.inspection import InspectedModel, inspect_model
from mlops_iac.runtime.signature import Signature, read_signature

Predict = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """A model in memory, with the proof of which one it is."""

    predict: Predict = field(repr=False)
    """Takes a data frame (an array for a model of tensors), answers what the model answers."""
    signature: Signature
    digest: str
    serialization: str
    """The format it was loaded from, such as `skops`."""
    estimator: Any = field(default=None, repr=False)
    """What answers by its method `function`; `None` where MLflow stands between."""
    function: str = "predict"


@dataclass(frozen=True, kw_only=True)
class _Loaded:
    predict: Predict
    estimator: Any = None


def load_model(path: Path, *, digest: str, trust_pickle: bool = False) -> LoadedModel:
    """Return the model in `path`, judged first and then loaded.

    The files are hashed and then read again by the loader: keep them where nobody else
    writes, as the supervisor's content-addressed store does.

    Raises:
        ModelRefusedError: the digest differs, the format is not allowed, or it does not load.
    """
    inspected = inspect_model(path, digest=digest, trust_pickle=trust_pickle)
    serialization = inspected.format.serialization if inspected.format else "pickle"
    try:
        loaded = _LOADERS[serialization](inspected)
    except Exception as error:
        raise ModelRefusedError(
            f"the model in `{path}` does not load as `{serialization}`: {error}",
            remedy="load it with the package versions of its `requirements.txt`",
        ) from error
    return LoadedModel(
        predict=loaded.predict,
        signature=read_signature(inspected.metadata),
        digest=digest,
        serialization=serialization,
        estimator=loaded.estimator,
        function=inspected.predict_function,
    )


def _load_skops(inspected: InspectedModel) -> _Loaded:
    # MLflow would take the trusted types from the model's own file; we give ours.
    import skops.io

    model = skops.io.load(inspected.file, trusted=sorted(TRUSTED_TYPES))
    return _Loaded(predict=getattr(model, inspected.predict_function), estimator=model)


def _load_xgboost(inspected: InspectedModel) -> _Loaded:
    module, _, name = inspected.metadata["flavors"]["xgboost"]["model_class"].rpartition(".")
    model = getattr(import_module(module), name)()
    model.load_model(inspected.file)
    predict = getattr(model, inspected.predict_function)
    if name != "Booster":
        return _Loaded(predict=predict, estimator=model)
    matrix = import_module("xgboost").DMatrix
    return _Loaded(predict=lambda frame: predict(matrix(frame)), estimator=model)


def _load_lightgbm(inspected: InspectedModel) -> _Loaded:
    model = import_module("lightgbm").Booster(model_file=str(inspected.file))
    return _Loaded(predict=model.predict, estimator=model)


def _load_by_mlflow(inspected: InspectedModel) -> _Loaded:
    import mlflow.pyfunc

    return _Loaded(predict=mlflow.pyfunc.load_model(str(inspected.path)).predict)


_LOADERS: Mapping[str, Callable[[InspectedModel], _Loaded]] = {
    "skops": _load_skops,
    "xgboost": _load_xgboost,
    "text": _load_lightgbm,
    "onnx": _load_by_mlflow,
    "pickle": _load_by_mlflow,
}
