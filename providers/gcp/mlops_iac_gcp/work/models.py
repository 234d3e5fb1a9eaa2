"""Models that a step works with: what a step before has left, or a version of the registry."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.registry import Model
from mlops_iac.wishes import wanted
from mlops_iac_gcp import place, registry
from mlops_iac_gcp.work.launch import RESULT, Launch


def located(launch: Launch, wish: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the URI of a model's folder, and its digest, as the runtime is told of them.

    Raises:
        OperationError: there is none, and the wish does not say that it may lack.
    """
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


def left_by(launch: Launch, step: str) -> dict[str, str]:
    """Return the URI of the folder with the model that a step has left, and its digest.

    Raises:
        OperationError: it has left none.
    """
    base = launch.report_of(step)["left"]
    result = launch.read(f"{base}/output/{RESULT}")
    model = (result or {}).get("model")
    if not model:
        raise OperationError(f"step `{step}` has left no model", remedy="call `context.log_model`")
    # The runtime tells the path as its container saw it; the folder below the bucket is the same.
    inside = model["path"].partition(f"{base}/model")[2]
    return {
        "path": place.uri(launch.bucket, f"{base}/model{inside}"),
        "digest": model["digest"],
    }
