"""The wheel of the distribution as it is installed here, without a build tool or a network.

An installed wheel and an editable checkout of the same code give the same bytes: the image that is
built with it has one key wherever `up` runs.
"""

import base64
import csv
import hashlib
import importlib.util
import io
import os
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from mlops_iac.content import FileSet, digest
from mlops_iac.errors import ProviderError
from mlops_iac.version import VERSION

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold."""
_NAME = "mlops_iac"
_LEFT_OUT = frozenset({"__pycache__"})
PLUGINS = "entry_points.txt"
"""File of a package with what it is to other programs in its containers, as a wheel spells it:
https://packaging.python.org/en/latest/specifications/entry-points/#file-format"""


def package_files(packages: Iterable[str]) -> FileSet:
    """Return the files of installed packages by their path in a wheel, caches left out.

    Raises:
        ProviderError: a package is not installed as a folder of files.
    """
    return {path: file for name in packages for path, file in _files(name).items()}


@cache
def _files(package: str) -> FileSet:
    """Return the files of one package; an installed one does not change while a process runs."""
    folder = _folder(package)
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not _LEFT_OUT & {*inside.parts}:
            found[f"{package}/{inside.as_posix()}"] = path
    return found


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ProviderError(
            f"package `{package}` is not installed as files, so no image can be built with it",
            remedy="install `mlops-iac` with pip or uv, or name a ready `platform.runtime_image`",
        )
    return Path(next(iter(found.submodule_search_locations)))


def wheel(packages: Iterable[str]) -> Path:
    """Return the wheel that holds `packages`; written once for each content.

    It lies in the user's cache, `$XDG_CACHE_HOME/mlops-iac/wheels/`.
    """
    files = package_files(packages)
    folder = _cache() / digest(files)[:16]
    target = folder / f"{_NAME}-{VERSION}-py3-none-any.whl"
    if not target.is_file():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(target, _members(files))
    return target


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "mlops-iac" / "wheels"


def _members(files: FileSet) -> dict[str, bytes]:
    info = f"{_NAME}-{VERSION}.dist-info"
    members = {name: path.read_bytes() for name, path in files.items()}
    members[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: mlops-iac\nVersion: {VERSION}\n".encode()
    )
    members[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: mlops-iac\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    plugins = [members[name] for name in files if name.partition("/")[2] == PLUGINS]
    if plugins:
        members[f"{info}/{PLUGINS}"] = b"\n".join(plugins)
    record = f"{info}/RECORD"
    members[record] = _record(members, record)
    return members


def _record(members: Mapping[str, bytes], record: str) -> bytes:
    """Return the list of a wheel's members with their hashes.

    https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for name, content in members.items():
        found = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
        writer.writerow((name, f"sha256={found.decode()}", len(content)))
    writer.writerow((record, "", ""))
    return text.getvalue().encode()


def _write(target: Path, members: Mapping[str, bytes]) -> None:
    """Write a zip file of fixed times and modes; another process sees all of it or nothing."""
    with (
        tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, content in members.items():
            member = zipfile.ZipInfo(name, _EPOCH)
            member.external_attr = 0o644 << 16
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    Path(file.name).replace(target)
