"""Which process stands for a container's image."""

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tests.clouds.azure.work.api import Api, RefusedError
from tests.clouds.azure.work.data import Data
from tests.clouds.azure.work.failures import WorkError, no_image, unknown

RUNTIME = (sys.executable, "-m", "mlops_iac.runtime")
"""Entry point of the runtime image."""
OWN = ("serve",)
"""Its arguments, where none are told."""
_ADDRESS = re.compile(
    r"(?P<registry>[a-z0-9]+)\.azurecr\.io/(?P<repository>[^@:]+)(?P<reference>[@:].+)?"
)
_OURS = re.compile(r"(.*[/-])?runtime(-.*)?")


def require(image: str, api: Api) -> None:
    """Judge whether an image can be pulled.

    Images named `runtime` are ours, and so is what was built into the cloud's own registry: it
    extends the runtime.

    Raises:
        WorkError: there is no such image.
    """
    match = _ADDRESS.fullmatch(image)
    if match is None or not (_OURS.fullmatch(match["repository"]) or _is_stored(match, api)):
        raise no_image(image)


def _is_stored(match: re.Match[str], api: Api) -> bool:
    reference = (match["reference"] or ":latest")[1:].rpartition("@")[2]
    address = f"{match['registry']}/v2/{match['repository']}/manifests/{reference}"
    try:
        api.call("GET", "registry", address)
    except RefusedError:
        return False
    return True


def environment(data: Data, reference: str, api: Api) -> Mapping[str, Any]:
    """Return the properties of an environment's version, whose image is there.

    Args:
        data: what the workspace knows.
        reference: its id, or `azureml:NAME:VERSION`.
        api: the calls of who pulls.

    Raises:
        WorkError: it is not there, or it is made of more than an image.
    """
    if not reference:
        raise WorkError("The job has no environment.")
    properties = data.asset(reference, "environments")["properties"]
    image = properties.get("image")
    if not image:
        raise unknown("environments that Azure ML builds")
    require(image, api)
    return properties


def program(command: Sequence[str] = (), arguments: Sequence[str] = ()) -> list[str]:
    """Return what a container starts: what it is told, else what the image says; `python` is this.

    As with Docker, a command goes before the image's entry point, arguments before its own.
    """
    first = [*command, *arguments] if command else [*RUNTIME, *(arguments or OWN)]
    if first[0] in {"python", "python3"}:
        first = [sys.executable, *first[1:]]
    return first
