"""The Pulumi CLI: find it, else install it, else build it, in this order and under a lock."""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_iac.engine.build import PULUMI_VERSION, build_pulumi
from mlops_iac.engine.errors import CliMissingError, EngineError
from mlops_iac.engine.files import exclusive, private_folder

if TYPE_CHECKING:
    from mlops_iac.engine.command import Command

Progress = Callable[[str], None]
"""Takes one line about what is being done."""

MINIMUM_VERSION = (3, 206, 0)
"""Oldest CLI that streams its events over gRPC, which our progress reads."""

_VERSION_TIMEOUT_SECONDS = 30
_REPOSITORY = Path(__file__).resolve().parents[2]


def tool_folder() -> Path:
    """Return the folder for tools that we install: the checkout's, else a cache of the user."""
    if (_REPOSITORY / ".git").exists() and (_REPOSITORY / "requirements.lock").exists():
        return _REPOSITORY / ".tools" / "bin"
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "mlops-iac" / "bin"


def find_pulumi() -> Path | None:
    """Return the first usable CLI: on `PATH`, in our tool folder, in `~/.pulumi/bin`."""
    return next((path for path in _candidates() if version_problem(path) is None), None)


def ensure_pulumi(progress: Progress) -> "Command":
    """Return a usable Pulumi CLI; installs or builds one when there is none.

    Safe to call from two processes at once: one works, the other waits and takes its result.

    Raises:
        CliMissingError: Nothing worked; says what was tried and what each answered.
    """
    from mlops_iac.engine.command import Command

    if (path := find_pulumi()) is not None:
        return Command(path)
    folder = private_folder(tool_folder())
    with exclusive(folder / ".lock"):
        # Whoever held the lock before us may have done the work.
        return Command(find_pulumi() or _install(folder / "pulumi", progress))


def version_problem(path: Path) -> str | None:
    """Say why the CLI at `path` cannot be used, or return `None` when it can."""
    try:
        version = pulumi_version(path)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return f"does not answer `pulumi version`: {first_line(error)}"
    if version[:1] == MINIMUM_VERSION[:1] and version >= MINIMUM_VERSION:
        return None
    wanted = ".".join(map(str, MINIMUM_VERSION))
    return (
        f"has version {'.'.join(map(str, version))}; {wanted} or newer of the same major is needed"
    )


def pulumi_version(path: Path) -> tuple[int, int, int]:
    """Ask the CLI at `path` for its version, without suffixes such as `-dev`."""
    answer = subprocess.check_output(
        [str(path), "version"],
        env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "1"},
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_VERSION_TIMEOUT_SECONDS,
    )
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", answer.strip())
    if match is None:
        raise ValueError(f"answered `{answer.strip()[:80]}`, which is no version")
    major, minor, patch = match.groups()
    return int(major), int(minor), int(patch)


def _candidates() -> Iterator[Path]:
    if found := shutil.which("pulumi"):
        yield Path(found)
    for path in (tool_folder() / "pulumi", Path.home() / ".pulumi" / "bin" / "pulumi"):
        if os.access(path, os.X_OK):
            yield path


def _install(target: Path, progress: Progress) -> Path:
    """Install the CLI at `target`, by Pulumi's installer or else from source."""
    tried = [f"{path}: {version_problem(path)}" for path in _candidates()]
    for name, way in (("Pulumi's installer", _download), ("a build from source", _build)):
        progress(f"getting the Pulumi CLI {PULUMI_VERSION} by {name}")
        try:
            return way(target, progress)
        except (EngineError, OSError, ValueError, subprocess.SubprocessError) as error:
            tried.append(f"{name}: {first_line(error)}")
    listing = "\n".join(f"  - {line}" for line in tried)
    raise CliMissingError(
        f"no usable Pulumi CLI was found, and none could be installed\n{listing}",
        remedy="install Pulumi from https://www.pulumi.com/docs/install/ and put it on `PATH`",
    )


def _download(target: Path, progress: Progress) -> Path:
    """Install by Pulumi's own installer into a private folder beside `target`."""
    from pulumi.automation import PulumiCommand
    from semver import VersionInfo

    root = target.parent / f"pulumi-{PULUMI_VERSION}"
    with _no_leftovers(root):
        PulumiCommand.install(root=str(root), version=VersionInfo.parse(PULUMI_VERSION))
    progress(f"installed {root / 'bin' / 'pulumi'}")
    # A link keeps the language hosts, which lie beside the real file, in reach.
    temporary = target.with_name(f".pulumi.{os.getpid()}")
    temporary.symlink_to(root / "bin" / "pulumi")
    temporary.replace(target)
    return target


def _build(target: Path, progress: Progress) -> Path:
    build_pulumi(target, progress)
    if problem := version_problem(target):
        raise CliMissingError(f"the CLI that was built does not start: {problem}")
    return target


@contextlib.contextmanager
def _no_leftovers(folder: Path) -> Generator[None, None, None]:
    """Remove `folder` when the block fails, so that the next try starts clean."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def first_line(error: BaseException) -> str:
    """Return the first line that `error`, or the output of its process, says."""
    detail = error.output if isinstance(error, subprocess.CalledProcessError) else None
    text = detail.decode(errors="replace") if isinstance(detail, bytes) else str(detail or error)
    return next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
