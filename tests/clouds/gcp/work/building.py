"""Cloud Build: the source is judged, and so are the steps; the control plane keeps the image.

No image is built: its digest follows from the source.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from tests.clouds.gcp.hooks import Run, RunState
from tests.clouds.gcp.work import logs
from tests.clouds.gcp.work.api import Api
from tests.clouds.gcp.work.failures import WorkError

_DOCKER = "gcr.io/cloud-builders/docker"


def build(run: Run) -> None:
    """Do a build to its end."""
    run.update()
    api = Api.of(run, run.request.get("serviceAccount", "").rpartition("/")[2])
    labels = {"build_id": run.id, "project_id": api.project, "build_trigger_id": ""}
    stream = logs.stream(api, "cloudbuild", {"type": "build", "labels": labels})
    try:
        names = _names(api, run.request)
        stream.add(f"FETCHSOURCE: {len(names)} files")
        for step in run.request["steps"]:
            stream.add(f"BUILD: {step['name']} {' '.join(step.get('args', ()))}")
        _judge(run.request, names)
        stream.add("PUSH")
    finally:
        stream.close()
    run.finish(RunState.SUCCEEDED)


def _names(api: Api, request: Mapping[str, Any]) -> Sequence[str]:
    source = request.get("source", {}).get("storageSource")
    if source is None:
        raise WorkError("The build has no `source.storageSource`.")
    blob = api.storage.bucket(source["bucket"]).blob(source["object"])
    try:
        with zipfile.ZipFile(io.BytesIO(blob.download_as_bytes())) as archive:
            return archive.namelist()
    except zipfile.BadZipFile as error:
        raise WorkError(f"failed to fetch source: {source['object']}: {error}") from None


def _judge(request: Mapping[str, Any], names: Sequence[str]) -> None:
    if "Dockerfile" not in names:
        raise WorkError(
            "unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat "
            "/workspace/Dockerfile: no such file or directory"
        )
    missing = set(request.get("images", ())) - {*_tagged(request["steps"])}
    if missing:
        raise WorkError(
            f"failed to find one or more images after execution of build steps: {sorted(missing)}"
        )


def _tagged(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the images that the steps build."""
    for step in steps:
        arguments = step.get("args", [])
        if step["name"] != _DOCKER or arguments[:1] != ["build"]:
            continue
        for option, value in pairwise(arguments):
            if option in {"--tag", "-t"}:
                yield value
