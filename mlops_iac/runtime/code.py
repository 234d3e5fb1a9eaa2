"""The code of a job: a folder, or a zip file that is unpacked without trusting it."""

import os
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from mlops_iac.container_contract import CODE
from mlops_iac.runtime.errors import RuntimeSettingError

MAX_FILES = 20_000
MAX_BYTES = 2 << 30
"""Bounds of an archive's content; what travels with a script is bounded far lower."""
_CHUNK_BYTES = 1 << 20
_ENCRYPTED = 0x1


def code_folder(environment: Mapping[str, str]) -> Path | None:
    """Return the folder with a job's code; `None` when it lies where the process was started.

    Raises:
        RuntimeSettingError: it is missing, or an archive that could write elsewhere or fill the
            disk.
    """
    named = environment.get(CODE)
    if not named:
        return None
    path = Path(named)
    if path.is_dir():
        return path
    if not zipfile.is_zipfile(path):
        raise RuntimeSettingError(
            f"the code `{path}` is neither a folder nor a zip file",
            remedy=f"name one of them in `{CODE}`",
        )
    folder = Path(tempfile.mkdtemp(prefix="mlops-code-"))
    _unpack(path, folder)
    return folder


def _unpack(path: Path, folder: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if len(members) > MAX_FILES:
            raise _refused(path, f"it holds {len(members)} files, more than {MAX_FILES}")
        names = [_safe_name(path, member) for member in members]
        if len(set(names)) != len(names):
            raise _refused(path, "it holds a name twice")
        left = MAX_BYTES
        for member, name in zip(members, names, strict=True):
            target = folder / name
            if member.is_dir():
                target.mkdir(mode=0o700, parents=True, exist_ok=True)
                continue
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            left -= _write(path, target, _content(archive, member), left)


def _safe_name(path: Path, member: zipfile.ZipInfo) -> PurePosixPath:
    name = PurePosixPath(member.filename)
    # `orig_filename` is what the archive says; `filename` ends at a zero byte.
    if name.is_absolute() or ".." in name.parts or set(member.orig_filename) & {"\\", "\0", ":"}:
        raise _refused(path, f"`{member.filename}` leads out of its folder")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise _refused(path, f"`{member.filename}` is a link or a device")
    if member.flag_bits & _ENCRYPTED:
        raise _refused(path, f"`{member.filename}` is encrypted")
    return name


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _write(path: Path, target: Path, content: Iterator[bytes], left: int) -> int:
    """Write `content`, return its length; what really comes out counts, not what is declared."""
    written = 0
    handle = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        try:
            for chunk in content:
                written += len(chunk)
                if written > left:
                    raise _refused(path, f"it unpacks to more than {MAX_BYTES} bytes")
                file.write(chunk)
        except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
            raise _refused(path, f"`{target.name}` cannot be read ({error})") from error
    return written


def _refused(path: Path, reason: str) -> RuntimeSettingError:
    return RuntimeSettingError(
        f"the code `{path}` is refused: {reason}", remedy="upload the code again with `up`"
    )
