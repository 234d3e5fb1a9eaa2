"""Builds of a registry: what is asked is judged, and the folder; the control plane keeps the image.

No image is built: its digest follows from the source.
"""

import io
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any

from tests.clouds.azure.hooks import Run, RunState
from tests.clouds.azure.work.failures import WorkError, unknown

_KIND = "DockerBuildRequest"


def build(run: Run) -> None:
    """Do a build to its end.

    Raises:
        WorkError: it cannot be built.
    """
    run.update()
    asked = run.request["request"]
    if asked.get("type") != _KIND:
        raise unknown(f"builds of the type `{asked.get('type')}`")
    lines = ["Downloading source code..."]
    names = _names(run.request.get("source"))
    file = asked.get("dockerFilePath") or "Dockerfile"
    lines += [f"Step: build {image} with {file}" for image in asked.get("imageNames") or ()]
    run.update(log=lines)
    if names is not None and file not in names:
        raise WorkError(
            f"unable to prepare context: unable to evaluate symlinks in {file}: no file"
        )
    _judge(asked)
    run.finish(RunState.SUCCEEDED, log=[*lines, "Successfully pushed"])


def _names(source: Any) -> Sequence[str] | None:
    """Return the files of the folder; None where the control plane does not tell it."""
    if source is None:
        return None
    try:
        with tarfile.open(fileobj=io.BytesIO(source)) as archive:
            return archive.getnames()
    except tarfile.TarError as error:
        raise WorkError(f"failed to download context: {error}") from None


def _judge(asked: Mapping[str, Any]) -> None:
    if asked.get("isPushEnabled", True) and not asked.get("imageNames"):
        raise WorkError("an image that is to be pushed needs a name")
