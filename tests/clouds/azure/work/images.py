"""Which process stands for a container's image."""

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from tests.clouds.azure.work.api import Api
from tests.clouds.azure.work.data import Data
from tests.clouds.azure.work.failures import WorkError, no_image, unknown

RUNTIME = (sys.executable, "-m", "mlops_iac.runtime")
"""Entry point of the runtime image."""
OWN = ("serve",)
"""Its arguments, where none are told."""
_ADDRESS = re.compile(
    r"(?P<registry>[a-z0-9]+)\.azurecr\.io/(?P<repository>[^@:]+)(?P<reference>[@:].+)?"
)
_AUDIENCE = "https://containerregistry.azure.net"
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
    root = f"{api.root('registry')}/{match['registry']}"
    token = _pull_token(api, root, match["repository"])
    headers = {"Authorization": f"Bearer {token}"}
    address = f"{root}/v2/{match['repository']}/manifests/{reference}"
    return bool(token) and api.send("GET", address, headers=headers).ok


def _pull_token(api: Api, root: str, repository: str) -> str:
    """Return the registry's own token for pulling; empty for who may not.

    https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md
    """
    service = {"service": root.rpartition("/")[2]}
    own = {"grant_type": "access_token", "access_token": api.token(_AUDIENCE), **service}
    refresh = _posted(api, f"{root}/oauth2/exchange", own).get("refresh_token", "")
    wanted = {"grant_type": "refresh_token", "refresh_token": refresh, **service}
    scope = f"repository:{repository}:pull"
    return _posted(api, f"{root}/oauth2/token", {**wanted, "scope": scope}).get("access_token", "")


def _posted(api: Api, address: str, form: Mapping[str, str]) -> dict[str, str]:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = api.send("POST", address, body=urlencode(form), headers=kind)
    return answer.json() if answer.ok else {}


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
