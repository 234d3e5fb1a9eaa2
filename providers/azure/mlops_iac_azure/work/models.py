"""Models that a step works with: what a step before has left, or a version of the registry."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.registry import Model
from mlops_iac.wishes import wanted
from mlops_iac_azure import place, registry
from mlops_iac_azure.work.launch import Launch
from mlops_iac_azure.work.moving import fetch_folder


def located(launch: Launch, wish: Mapping[str, Any], folder: Path) -> dict[str, str] | None:
    """Return a model's folder, which it is fetched to, and its digest, as the runtime takes them.

    Raises:
        OperationError: there is none, and the wish does not say that it may lack.
    """
    found = _found(launch, wish)
    if found is None:
        return None
    bucket, path = place.split(found["path"])
    fetch_folder(launch.where, bucket, path, folder)
    return {"path": str(folder), "digest": found["digest"]}


def left_by(launch: Launch, step: str) -> dict[str, str]:
    """Return the URI of the folder with the model that a step has left, and its digest.

    Raises:
        OperationError: it has left none.
    """
    model = launch.report_of(step).get("model")
    if not model:
        raise OperationError(f"step `{step}` has left no model", remedy="call `context.log_model`")
    return {"path": model["path"], "digest": model["digest"]}


def _found(launch: Launch, wish: Mapping[str, Any]) -> dict[str, str] | None:
    if "step" in wish:
        return left_by(launch, wish["step"])
    model = Model(name=wish["model"], component=wish["component"], bucket=launch.bucket)
    version = wanted(registry.listed(launch.where, model), wish)
    if version is not None:
        full = registry.version(launch.where, version.model, version.number)
        return {"path": full.artifact, "digest": full.digest or ""}
    if wish.get("may_lack"):
        return None
    raise OperationError(
        f"there is no approved version of the model `{wish['component']}`",
        remedy="approve one, and run again",
    )
