"""Telling by its bytes, without running anything, whether a file can carry code."""

import pickletools
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

# Nothing that we load is compressed as a whole, so a wrapper is refused unopened: opening
# it would only invite bombs. joblib writes all of these, and `ZF` in its own old format.
COMPRESSED: Mapping[bytes, str] = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x5d\x00\x00": "lzma",
    b"\x28\xb5\x2f\xfd": "zstandard",
    b"\x04\x22\x4d\x18": "lz4",
    b"\x78\x01": "zlib",
    b"\x78\x5e": "zlib",
    b"\x78\x9c": "zlib",
    b"\x78\xda": "zlib",
    b"ZF0x": "joblib's zlib",
    b"7z\xbc\xaf\x27\x1c": "7z",
}

CONTAINERS: Mapping[bytes, str] = {
    b"\x89HDF\r\n\x1a\n": "HDF5, which Keras fills with Python bytecode",
    b"\x7fELF": "a native library",
    b"MZ": "a native library",
    b"#!": "a script",
    b"RDX": "R data",
}

_NPY_MAGIC = b"\x93NUMPY"
_PREFIX_BYTES = 512
_USTAR_AT = 257

_IMPORTING = frozenset({"GLOBAL", "INST", "STACK_GLOBAL", "EXT1", "EXT2", "EXT4"})
_RUNNING = frozenset(
    {"REDUCE", "BUILD", "OBJ", "INST", "NEWOBJ", "NEWOBJ_EX", "PERSID", "BINPERSID"}
)
_DOTTED_NAMES = re.compile(r"[A-Za-z_][\w.]* [A-Za-z_][\w.]*")


def danger(path: Path) -> str | None:
    """Return what makes a file able to carry code, or `None`. Looks into zip members too."""
    with path.open("rb") as file:
        if found := stream_danger(file):
            return found
    if not zipfile.is_zipfile(path):
        return None
    try:
        return _zip_danger(path)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, struct.error) as error:
        return f"a zip archive that cannot be read whole ({error})"


def stream_danger(file: BinaryIO) -> str | None:
    """Return what makes an open file able to carry code, judged from its beginning."""
    prefix = file.read(_PREFIX_BYTES)
    file.seek(0)
    for magic, name in {**COMPRESSED, **CONTAINERS}.items():
        if prefix.startswith(magic):
            return f"{name} (compressed)" if magic in COMPRESSED else name
    if prefix[_USTAR_AT:].startswith(b"ustar"):
        return "a tar archive"
    if prefix.startswith(_NPY_MAGIC):
        return _numpy_danger(prefix)
    return _pickle_danger(file, prefix)


def _numpy_danger(prefix: bytes) -> str | None:
    header = prefix[len(_NPY_MAGIC) :]
    descriptor = re.search(rb"'descr':\s*(.*?),\s*'(?:fortran_order|shape)'", header, re.DOTALL)
    if descriptor is None or re.search(rb"['\"][|<>=]?O", descriptor.group(1)):
        return "a numpy array of objects, which is a pickle inside"
    return None


def _pickle_danger(file: BinaryIO, prefix: bytes) -> str | None:
    # Protocols 2 to 5 begin with PROTO; anything we accept begins otherwise.
    if len(prefix) > 1 and prefix[0] == 0x80 and prefix[1] <= 0x0F:  # noqa: PLR2004
        return "a pickle"
    return "a pickle" if _imports_and_runs(file) else None


def _imports_and_runs(file: BinaryIO) -> bool:
    """Whether the bytes, read as pickle opcodes, import a name and then use it.

    `GLOBAL` is the letter `c`, so much text reads as an import; real names and a running
    opcode behind them tell a pickle from a list of packages.
    """
    has_import = False
    for name, argument in _opcodes(file):
        if name in _IMPORTING:
            has_import |= argument is None or bool(_DOTTED_NAMES.fullmatch(str(argument)))
        if has_import and name in _RUNNING:
            return True
    return False


def _opcodes(file: BinaryIO) -> Iterator[tuple[str, object]]:
    try:
        for opcode, argument, _ in pickletools.genops(file):
            yield opcode.name, argument
    except (ValueError, UnicodeDecodeError, struct.error, OverflowError, MemoryError):
        # The bytes stop being opcodes here, and an unpickler would stop here as well.
        return


def _zip_danger(path: Path) -> str | None:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.filename.endswith((".pkl", ".pickle", ".pt", ".pyc", ".so")):
                return f"a zip archive with `{member.filename}` inside"
            with archive.open(member) as file:
                start = file.read(4)
                nested = "a zip archive" if start == b"PK\x03\x04" else None
            with archive.open(member) as file:
                found = nested or stream_danger(file)  # pyright: ignore[reportArgumentType] -- ZipExtFile seeks and reads
            if found:
                return f"a zip archive with {found} inside (`{member.filename}`)"
    return None
