"""Which model is to be served: `deployment.json`, or the container's own folder."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.runtime.errors import RuntimeSettingError

_KEYS = {"model_path", "model_uri", "digest", "version", "trust_pickle", "name"}
_MOUNTS = ("/mnt/models", "/opt/ml/model")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One model, as the registry knows it."""

    location: str
    """A folder, or a URI that MLflow can download."""
    digest: str
    version: str
    trust_pickle: bool = False
    name: str | None = None

    def fetch(self) -> Path:
        """Return the model's folder, downloaded first when it lies elsewhere."""
        if "://" not in self.location or self.location.startswith("file://"):
            return Path(self.location.removeprefix("file://"))
        import mlflow.artifacts

        folder = tempfile.mkdtemp(prefix="mlops-model-")
        return _with_mlmodel(
            Path(mlflow.artifacts.download_artifacts(artifact_uri=self.location, dst_path=folder))
        )


def read_deployment(file: Path) -> Deployment | None:
    """Return what `deployment.json` asks for; `None` while there is no such file.

    Raises:
        RuntimeSettingError: the file is no deployment.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise RuntimeSettingError(f"`{file}` cannot be read: {error}") from error
    if not isinstance(document, dict) or set(document) - _KEYS:
        raise RuntimeSettingError(f"`{file}` must be an object with keys out of {sorted(_KEYS)}")
    location = document.get("model_path") or document.get("model_uri")
    if not location or not isinstance(document.get("digest"), str):
        raise RuntimeSettingError(f"`{file}` lacks `digest`, or `model_path` and `model_uri`")
    if not isinstance(document.get("trust_pickle", False), bool):
        raise RuntimeSettingError(f"`trust_pickle` in `{file}` is neither true nor false")
    return Deployment(
        location=str(location),
        digest=document["digest"],
        version=str(document.get("version", "")),
        trust_pickle=document.get("trust_pickle", False),
        name=document.get("name"),
    )


def own_deployment(environment: Mapping[str, str]) -> Deployment:
    """Return the model that the platform mounted, with the digest that the adapter set.

    Raises:
        RuntimeSettingError: no model is found, or nobody says its digest.
    """
    digest = environment.get(contract.MODEL_DIGEST)
    if not digest:
        raise RuntimeSettingError(
            f"`{contract.MODEL_DIGEST}` is not set: a model of unknown origin is not loaded",
            remedy="set it to the digest that the model registry holds",
        )
    return Deployment(
        location=_location(environment),
        digest=digest,
        version=environment.get(contract.MODEL_VERSION, ""),
        trust_pickle=environment.get(contract.TRUST_PICKLE) == "1",
    )


def _location(environment: Mapping[str, str]) -> str:
    root = Path(environment.get(contract.ROOT, "/"))
    named = (environment.get(contract.MODEL_DIR), environment.get("AZUREML_MODEL_DIR"))
    mounts = (root / mount.lstrip("/") for mount in _MOUNTS)
    for folder in (*(Path(name) for name in named if name), *mounts):
        if folder.is_dir():
            return str(_with_mlmodel(folder))
    if uri := environment.get("AIP_STORAGE_URI"):
        return uri
    raise RuntimeSettingError(
        "no model is found", remedy=f"set `{contract.MODEL_DIR}` to the folder with its `MLmodel`"
    )


def _with_mlmodel(folder: Path) -> Path:
    # Azure ML mounts the registered folder by its own name inside the model folder.
    found: list[Any] = sorted(folder.rglob("MLmodel"), key=lambda path: len(path.parts))
    return found[0].parent if found else folder
