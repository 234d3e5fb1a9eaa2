"""Judging a model folder before any loader, or any module that it names, is imported."""

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from mlops_iac.runtime.digest import DIGEST_PATTERN, model_files, tree_digest
from mlops_iac.runtime.errors import ModelRefusedError
from mlops_iac.runtime.formats import (
    METADATA_FILES,
    PICKLE_LOADERS,
    SAFE_FORMATS,
    TRUSTED_TYPES,
    Format,
)
from mlops_iac.runtime.sniffing import danger

_MAX_MLMODEL_BYTES = 4 << 20
_MAX_YAML_ALIASES = 50
_PYFUNC = "python_function"

# All that the `python_function` flavor of a safe model may say; MLflow acts on each key.
_PYFUNC_KEYS = frozenset(
    {"loader_module", "model_path", "data", "predict_fn", "python_version", "env", "code",
     "streamable"}
)  # fmt: skip
PREDICT_FUNCTIONS = frozenset(
    {"predict", "predict_proba", "predict_log_proba", "predict_joint_log_proba"}
)
_SAFE_REMEDY = (
    "save the model as skops, XGBoost JSON, LightGBM text or ONNX, "
    "or declare `trust_pickle: true` for a model that you trained yourself"
)


@dataclass(frozen=True, kw_only=True)
class InspectedModel:
    """A folder that was judged fit for loading."""

    path: Path
    digest: str
    metadata: Mapping[str, Any]
    """The content of `MLmodel`."""
    format: Format | None
    """How to load it; `None` for a model that only `trust_pickle` lets in."""

    @property
    def file(self) -> Path:
        """The model's own file, for a model of a safe format."""
        assert self.format is not None  # noqa: S101 -- callers branch on `format`
        return self.path / self.metadata["flavors"][self.format.flavor][self.format.file_key]

    @property
    def predict_function(self) -> str:
        """The method that answers, such as `predict_proba`."""
        return self.metadata["flavors"][_PYFUNC].get("predict_fn") or "predict"


def inspect_model(path: Path, *, digest: str, trust_pickle: bool = False) -> InspectedModel:
    """Return the model in `path` when it may be loaded; nothing of it is run or imported.

    Args:
        path: a folder with an `MLmodel` in it.
        digest: the registry's digest of the model; anything else is of unknown origin.
        trust_pickle: whether the declaration lets a pickle of this very digest run.

    Raises:
        ModelRefusedError: the digest differs, or the model could run code of its own.
    """
    _require_digest(path, digest)
    metadata = read_metadata(path)
    flavors = _flavors(metadata)
    _check_paths(path, flavors)
    if trust_pickle:
        return _inspect_trusted(path, digest, metadata, flavors)
    row = _safe_format(flavors)
    _check_files(path, row, flavors)
    return InspectedModel(path=path, digest=digest, metadata=metadata, format=row)


def read_metadata(path: Path) -> Mapping[str, Any]:
    """Return the content of a model's `MLmodel`, read as plain data and bounded in size."""
    file = path / "MLmodel"
    if file.is_symlink() or not file.is_file():
        raise ModelRefusedError(
            f"`{path}` has no `MLmodel`", remedy="save the model with MLflow, or name its folder"
        )
    if file.stat().st_size > _MAX_MLMODEL_BYTES:
        raise _refused(f"`MLmodel` is larger than {_MAX_MLMODEL_BYTES} bytes")
    text = file.read_text(encoding="utf-8", errors="strict")
    try:
        # Aliases make a small file expand without end; MLflow writes few or none.
        aliases = sum(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text))
        if aliases > _MAX_YAML_ALIASES:
            raise _refused(f"`MLmodel` has {aliases} YAML aliases")
        metadata = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise _refused(f"`MLmodel` is not plain YAML: {error}") from error
    if not isinstance(metadata, dict):
        raise _refused("`MLmodel` is not a mapping")
    return metadata


def serializations(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return flavor → serialisation of a model, such as `{"sklearn": "skops"}`."""
    return {
        name: str(
            (flavor or {}).get("serialization_format") or (flavor or {}).get("model_format") or name
        )
        for name, flavor in (metadata.get("flavors") or {}).items()
        if name != _PYFUNC
    }


def _require_digest(path: Path, digest: str) -> None:
    if not DIGEST_PATTERN.fullmatch(digest):
        raise ModelRefusedError(
            f"`{digest}` is not a digest: `sha256:` and 64 hexadecimal digits are",
            remedy="give the digest that the model registry holds for the version",
        )
    if not path.is_dir():
        raise ModelRefusedError(f"`{path}` is not a folder", remedy="name the model's folder")
    found = tree_digest(path)
    if found != digest:
        raise ModelRefusedError(
            f"the model's digest is `{found}`, but `{digest}` was asked for",
            remedy="deploy the registered version again: these files are not the registered ones",
        )


def _flavors(metadata: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    flavors = metadata.get("flavors")
    if not isinstance(flavors, dict) or not isinstance(flavors.get(_PYFUNC), dict):
        raise _refused("`MLmodel` has no `python_function` flavor")
    if wrong := [name for name, flavor in flavors.items() if not isinstance(flavor, dict)]:
        raise _refused(f"`MLmodel` has flavors that are no mappings: {wrong}")
    if (metadata.get("metadata") or {}).get("mlflow.model.isExternal"):
        raise _refused("the model keeps its artifacts elsewhere")
    return flavors


# Each is a path that some loader joins to the folder, or puts on `sys.path`.
_PATH_KEYS = ("code", "data", "model_path", "model_code_path", "pickled_model", "model_data",
              "python_model", "artifact_path")  # fmt: skip


def _check_paths(path: Path, flavors: Mapping[str, Mapping[str, Any]]) -> None:
    for name, flavor in flavors.items():
        for key in _PATH_KEYS:
            value = flavor.get(key)
            if value is not None and not _is_inside(path, value):
                raise _refused(f"`{name}.{key}` is `{value}`, which leads out of the model")


def _is_inside(path: Path, value: Any) -> bool:
    if not isinstance(value, str) or "\0" in value or "\\" in value or "://" in value:
        return False
    relative = PurePosixPath(value)
    if relative.is_absolute() or ".." in relative.parts or value.startswith("~"):
        return False
    return (path / value).resolve().is_relative_to(path.resolve())


def _inspect_trusted(
    path: Path,
    digest: str,
    metadata: Mapping[str, Any],
    flavors: Mapping[str, Mapping[str, Any]],
) -> InspectedModel:
    loader = flavors[_PYFUNC].get("loader_module")
    if loader not in PICKLE_LOADERS:
        raise _refused(f"`python_function.loader_module` is `{loader}`, which is not MLflow's")
    try:
        row = _safe_format(flavors)
        _check_files(path, row, flavors)
    except ModelRefusedError:
        # Trusted, so what the safe path refuses goes MLflow's own way.
        row = None
    return InspectedModel(path=path, digest=digest, metadata=metadata, format=row)


def _safe_format(flavors: Mapping[str, Mapping[str, Any]]) -> Format:
    pyfunc = flavors[_PYFUNC]
    if odd := sorted(set(pyfunc) - _PYFUNC_KEYS):
        raise _refused(f"`python_function` has the keys {odd}")
    if pyfunc.get("code"):
        raise _refused(f"`python_function.code` brings code of its own: `{pyfunc['code']}`")
    if pyfunc.get("predict_fn", "predict") not in PREDICT_FUNCTIONS:
        raise _refused(f"`python_function.predict_fn` is `{pyfunc['predict_fn']}`")
    for row in SAFE_FORMATS:
        if pyfunc.get("loader_module") == row.loader_module and row.flavor in flavors:
            _check_flavor(row, flavors)
            return row
    raise _refused(f"no safe format has the loader `{pyfunc.get('loader_module')}`")


def _check_flavor(row: Format, flavors: Mapping[str, Mapping[str, Any]]) -> None:
    flavor, pyfunc = flavors[row.flavor], flavors[_PYFUNC]
    for key, allowed in row.required.items():
        if flavor.get(key) not in allowed:
            raise _refused(f"`{row.flavor}.{key}` is `{flavor.get(key)}`")
    if flavor.get("code"):
        raise _refused(f"`{row.flavor}.code` brings code of its own: `{flavor['code']}`")
    name = flavor.get(row.file_key)
    if not isinstance(name, str) or PurePosixPath(name).name != name:
        raise _refused(f"`{row.flavor}.{row.file_key}` is `{name}`, not a file of the folder")
    if not name.endswith(row.suffixes):
        raise _refused(f"`{name}` does not end with {' or '.join(row.suffixes)}")
    if any(pyfunc.get(key, name) != name for key in ("data", "model_path")):
        raise _refused("`python_function` names another file than its flavor")
    # MLflow writes its types to every LightGBM model, also where no skops file is to be loaded.
    is_skops = row.serialization == "skops"
    odd = sorted(set(flavor.get("skops_trusted_types") or ()) - TRUSTED_TYPES)
    if is_skops and odd:
        raise _refused(f"it asks to trust the types {', '.join(map(str, odd))}")


def _check_files(path: Path, row: Format, flavors: Mapping[str, Mapping[str, Any]]) -> None:
    own = flavors[row.flavor][row.file_key]
    if not (path / own).is_file():
        raise _refused(f"`{own}` is missing")
    for relative, file in _relative_files(path):
        if relative not in METADATA_FILES and relative != own and not _is_onnx_data(row, relative):
            raise _refused(f"`{relative}` is no part of a `{row.serialization}` model")
        if relative != own and zipfile.is_zipfile(file):
            raise _refused(f"`{relative}` is a zip archive")
        if found := danger(file):
            raise _refused(f"`{relative}` is {found}")
    if fault := row.fault(path / own):
        raise _refused(f"`{own}` is refused: {fault}")


def _relative_files(path: Path) -> Iterator[tuple[str, Path]]:
    return ((file.relative_to(path).as_posix(), file) for file in model_files(path))


def _is_onnx_data(row: Format, relative: str) -> bool:
    return row.flavor == "onnx" and "/" not in relative and relative.endswith(".data")


def _refused(reason: str) -> ModelRefusedError:
    return ModelRefusedError(f"the model is refused: {reason}", remedy=_SAFE_REMEDY)
