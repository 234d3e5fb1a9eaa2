"""Which serialisations are safe to load, and what a file of each must look like."""

import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_MAX_SCHEMA_BYTES = 512 << 20
_MAX_UNPACKED_BYTES = 8 << 30

# skops trusts sklearn's, numpy's and scipy's public types by itself. These are the private ones
# that fitted estimators hold. The trees can at worst crash this process with indices out of
# bounds (skops/io/_trusted_types.py), never run code; the digest says whose they are.
TRUSTED_TYPES = frozenset(
    {
        "numpy.dtype",
        "sklearn._loss.loss.HalfTweedieLossIdentity",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.metrics._dist_metrics.ManhattanDistance64",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
    }
)

# What a schema may name at all, before skops judges each name exactly.
_SCHEMA_ROOTS = frozenset({"collections", "numpy", "scipy", "sklearn"})
_SCHEMA_BUILTINS = frozenset(
    {
        "NoneType", "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset",
        "int", "list", "map", "range", "set", "slice", "str", "tuple", "type",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Format:
    """One flavor in one serialisation that may be loaded without trusting its author."""

    flavor: str
    """MLflow's name of the flavor, as `MLmodel` has it."""
    serialization: str
    """Our name of the serialisation, as results and logs show it."""
    loader_module: str
    """The only module that the `python_function` flavor may name."""
    file_key: str
    """Key of the flavor that names the model's file."""
    suffixes: tuple[str, ...]
    """What the file's name may end with."""
    required: Mapping[str, frozenset[Any]]
    """Keys of the flavor that must be present, with the values each may have."""
    fault: Callable[[Path], str | None] = field(repr=False)
    """Says what is wrong with the file's bytes; `None` when nothing is."""


def skops_fault(path: Path) -> str | None:  # noqa: PLR0911 -- one return per rule
    """Return why a skops file is refused: the archive's shape, or a name outside sklearn."""
    if not zipfile.is_zipfile(path):
        return "it is not a skops archive"
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > _MAX_UNPACKED_BYTES:
            return f"it unpacks to more than {_MAX_UNPACKED_BYTES} bytes"
        if "schema.json" not in archive.namelist():
            return "it has no `schema.json`"
        if archive.getinfo("schema.json").file_size > _MAX_SCHEMA_BYTES:
            return f"its schema is larger than {_MAX_SCHEMA_BYTES} bytes"
        try:
            schema = json.loads(archive.read("schema.json"))
        except (ValueError, RecursionError) as error:
            return f"its schema cannot be read ({error})"
    if not isinstance(schema, dict) or not isinstance(schema.get("protocol"), int):
        return "its `schema.json` is not skops'"
    unknown = sorted({name for name in _schema_types(schema) if not _may_be_named(name)})
    return f"it names the types {', '.join(unknown)}" if unknown else None


def _schema_types(schema: Any) -> Iterator[str]:
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "__module__" in node or "__class__" in node:
                yield f"{node.get('__module__')}.{node.get('__class__')}"
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _may_be_named(name: str) -> bool:
    root, _, rest = name.partition(".")
    return rest in _SCHEMA_BUILTINS if root == "builtins" else root in _SCHEMA_ROOTS


def xgboost_fault(path: Path) -> str | None:
    """Return why an XGBoost file is refused; both JSON and UBJSON begin with a brace."""
    with path.open("rb") as file:
        return None if file.read(1) == b"{" else "it is neither XGBoost JSON nor UBJSON"


def lightgbm_fault(path: Path) -> str | None:
    """Return why a LightGBM file is refused; its text form begins with `tree`."""
    with path.open("rb") as file:
        return None if file.read(5).rstrip() == b"tree" else "it is not LightGBM's text form"


_ONNX_LOCATION = re.compile(rb"\x0a\x08location\x12([\x01-\x7f])([^\x00-\x1f]*)")


def onnx_fault(path: Path) -> str | None:
    """Return why an ONNX file is refused: tensors kept in a file outside its folder.

    Every mention of `location` must be the plain form of an external tensor's entry; a
    stranger encoding is refused rather than understood.
    """
    content = path.read_bytes()
    entries = _ONNX_LOCATION.findall(content)
    if len(entries) != content.count(b"location"):
        return "it mentions `location` in a form that is not an external tensor's"
    for length, rest in entries:
        name = rest[: length[0]].decode(errors="replace")
        if not re.fullmatch(r"[\w-][\w.-]*", name):
            return f"it keeps tensors in `{name}`, which is not a file of its own folder"
    return None


_XGBOOST_CLASSES = frozenset(
    {
        "xgboost.core.Booster",
        "xgboost.sklearn.XGBClassifier",
        "xgboost.sklearn.XGBModel",
        "xgboost.sklearn.XGBRFClassifier",
        "xgboost.sklearn.XGBRFRegressor",
        "xgboost.sklearn.XGBRanker",
        "xgboost.sklearn.XGBRegressor",
    }
)

SAFE_FORMATS: tuple[Format, ...] = (
    Format(
        flavor="sklearn",
        serialization="skops",
        loader_module="mlflow.sklearn",
        file_key="pickled_model",
        suffixes=(".skops",),
        required={"serialization_format": frozenset({"skops"})},
        fault=skops_fault,
    ),
    Format(
        flavor="xgboost",
        serialization="xgboost",
        loader_module="mlflow.xgboost",
        file_key="data",
        suffixes=(".json", ".ubj"),
        required={"model_class": _XGBOOST_CLASSES},
        fault=xgboost_fault,
    ),
    Format(
        flavor="lightgbm",
        serialization="text",
        loader_module="mlflow.lightgbm",
        file_key="data",
        suffixes=(".lgb", ".txt"),
        required={"model_class": frozenset({"lightgbm.basic.Booster"})},
        fault=lightgbm_fault,
    ),
    Format(
        flavor="onnx",
        serialization="onnx",
        loader_module="mlflow.onnx",
        file_key="data",
        suffixes=(".onnx",),
        required={},
        fault=onnx_fault,
    ),
)
"""Everything that is loaded without `trust_pickle`; what is not here is refused."""

PICKLE_LOADERS = frozenset(
    {
        "mlflow.catboost",
        "mlflow.lightgbm",
        "mlflow.pyfunc.model",
        "mlflow.pytorch",
        "mlflow.sklearn",
        "mlflow.statsmodels",
        "mlflow.tensorflow",
        "mlflow.xgboost",
        *(row.loader_module for row in SAFE_FORMATS),
    }
)
"""The loaders that `trust_pickle` opens; a module out of the model's own code is never one."""

METADATA_FILES = frozenset(
    {
        "MLmodel",
        "baseline.parquet",
        "conda.yaml",
        "input_example.json",
        "python_env.yaml",
        "registered_model_meta",
        "requirements.txt",
        "serving_input_example.json",
    }
)
"""Files that describe a model and are never executed by a loader."""
