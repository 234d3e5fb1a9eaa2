"""Which process stands for a container's image."""

import re
import sys
from collections.abc import Sequence
from urllib.parse import quote

from tests.clouds.gcp.work.api import Api, RefusedError
from tests.clouds.gcp.work.failures import no_image

RUNTIME = (sys.executable, "-m", "mlops_iac.runtime")
"""Entry point of the runtime image."""
_ADDRESS = re.compile(
    r"(?P<region>[a-z0-9-]+)-docker\.pkg\.dev/(?P<project>[^/]+)/(?P<repository>[^/]+)/"
    r"(?P<package>[^@:]+)(?P<reference>[@:].+)?"
)
_OURS = re.compile(r"(.*[/-])?runtime(-.*)?")


def command(image: str, api: Api, entrypoint: Sequence[str], arguments: Sequence[str]) -> list[str]:
    """Return a container's command; `python` in it is this one.

    Images named `runtime` are ours, and so is what was built into the cloud's own registry: it
    extends the runtime.

    Raises:
        WorkError: there is no such image.
    """
    match = _ADDRESS.fullmatch(image)
    if match is None or not (_OURS.fullmatch(match["package"]) or _is_stored(match, api)):
        raise no_image(image)
    first = [*entrypoint] or [*RUNTIME]
    if first[0] in {"python", "python3"}:
        first[0] = sys.executable
    return [*first, *arguments]


def _is_stored(match: re.Match[str], api: Api) -> bool:
    reference = match["reference"] or ":latest"
    kind = "versions" if reference.startswith("@") else "tags"
    package = quote(match["package"], safe="").replace("%", "%25")
    path = (
        f"v1/projects/{match['project']}/locations/{match['region']}/repositories/"
        f"{match['repository']}/packages/{package}/{kind}/{reference[1:]}"
    )
    try:
        api.call("GET", "artifactregistry", path)
    except RefusedError:
        return False
    return True
