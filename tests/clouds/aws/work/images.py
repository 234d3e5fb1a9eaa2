"""Which process stands for a container image."""

import re
import sys
from typing import Any

RUNTIME = (sys.executable, "-m", "mlops_iac.runtime")
"""Entry point of the runtime image."""

_ADDRESS = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/(?P<name>[^@:]+)"
    r"(?P<reference>[@:].+)?"
)
IMAGES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"(.*[/-])?runtime(-.*)?"), RUNTIME),
)
"""Repositories that need no image in the server's ECR → entry point."""


class CannotPullError(Exception):
    """The image is nowhere; the message is SageMaker's."""


def entry_point(image: str, ecr: Any) -> tuple[str, ...]:
    """Return the command that stands for `image`.

    Images that were built into the server's own ECR are ours as well: they extend the runtime.

    Raises:
        CannotPullError: the image is in neither place.
    """
    match = _ADDRESS.fullmatch(image)
    if match is None:
        raise CannotPullError(_reason(image))
    for pattern, command in IMAGES:
        if pattern.fullmatch(match["name"]):
            return command
    if not _is_stored(match["name"], match["reference"] or ":latest", ecr):
        raise CannotPullError(_reason(image))
    return RUNTIME


def command(image: str, ecr: Any, entrypoint: list[str], arguments: list[str]) -> list[str]:
    """Return a container's command; `python` in it is this one.

    Raises:
        CannotPullError: there is no such image.
    """
    own = entry_point(image, ecr)
    first = [*entrypoint] or [*own]
    if first[0] in {"python", "python3"}:
        first[0] = sys.executable
    return [*first, *arguments]


def _is_stored(repository: str, reference: str, ecr: Any) -> bool:
    key = "imageDigest" if reference.startswith("@") else "imageTag"
    try:
        answer = ecr.batch_get_image(repositoryName=repository, imageIds=[{key: reference[1:]}])
    except ecr.exceptions.RepositoryNotFoundException:
        return False
    return bool(answer["images"])


def _reason(image: str) -> str:
    return f"ClientError: CannotPullContainerError: the image `{image}` is not found"
