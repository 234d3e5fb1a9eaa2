"""The bytes of an asset or archive, as the official provider reads them."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_iac.wire import ARCHIVE, SIGNATURE

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""A zip with the times of its files would differ each time."""


def content(value: Mapping[str, Any]) -> bytes:
    """Return what a wire asset holds; an archive is a zip."""
    if value[SIGNATURE] == ARCHIVE and "assets" in value:
        return _zipped(value["assets"])
    if "text" in value:
        return str(value["text"]).encode()
    return Path(value["path"]).read_bytes()


def _zipped(assets: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, asset in sorted(assets.items()):
            file.writestr(zipfile.ZipInfo(name, _EPOCH), content(asset))
    return buffer.getvalue()
