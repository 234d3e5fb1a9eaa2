"""What images are built from: a Dockerfile, a lock with hashes, and the wheel of this package.

The same for every cloud; a provider hands it to the cloud's own builder.
"""

from collections.abc import Iterable
from pathlib import Path

from mlops_iac.content import FileSet
from mlops_iac.image.wheel import package_files, wheel

__all__ = ["job_context", "runtime_context", "runtime_sources"]

_HERE = Path(__file__).parent
_DOCKERFILE, _LOCK = "Dockerfile", "requirements.lock"


def runtime_sources(packages: Iterable[str]) -> FileSet:
    """Return all that decides the runtime image, by name; hashing it gives the image's key.

    Args:
        packages: the core and the provider's own package.
    """
    return {**_fixed(), **package_files(packages)}


def runtime_context(packages: Iterable[str]) -> FileSet:
    """Return the folder that the runtime image is built in; writes the wheel when it is new."""
    built = wheel(packages)
    return {**_fixed(), built.name: built}


def job_context(requirements: Path) -> FileSet:
    """Return the folder that the image of a job with requirements is built in."""
    return {
        _DOCKERFILE: _HERE / "Dockerfile.requirements",
        "requirements.txt": requirements,
    }


def _fixed() -> FileSet:
    return {_DOCKERFILE: _HERE / _DOCKERFILE, _LOCK: _HERE / _LOCK}
