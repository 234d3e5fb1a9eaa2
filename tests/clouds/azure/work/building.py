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
    asked = run.request["request"]
    file = _file(asked)
    lines = [f"Step: build {image} with {file}" for image in asked.get("imageNames") or ()]
    run.update(log=["Downloading source code...", *lines])
    judge(asked, run.request.get("source"))
    run.finish(RunState.SUCCEEDED)


def judge(asked: Mapping[str, Any], source: bytes | None) -> None:
    """Judge whether a request can be built.

    Args:
        asked: the body of `scheduleRun`.
        source: the archive of the folder; None where nobody tells it.

    Raises:
        WorkError: it cannot.
    """
    if asked.get("type") != _KIND:
        raise unknown(f"builds of the type `{asked.get('type')}`")
    if source is not None and _file(asked) not in _names(source):
        raise WorkError(
            "unable to prepare context: unable to evaluate symlinks in Dockerfile path: "
            f"{_file(asked)}: no such file or directory"
        )
    if asked.get("isPushEnabled", True) and not asked.get("imageNames"):
        raise WorkError("an image that is to be pushed needs a name")


def _file(asked: Mapping[str, Any]) -> str:
    return asked.get("dockerFilePath") or "Dockerfile"


def _names(source: bytes) -> Sequence[str]:
    try:
        with tarfile.open(fileobj=io.BytesIO(source)) as archive:
            return archive.getnames()
    except tarfile.TarError as error:
        raise WorkError(f"failed to download context: {error}") from None
