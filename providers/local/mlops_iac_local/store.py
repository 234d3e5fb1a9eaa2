"""The content-addressed store: data, code and models by their digest, never written twice."""

import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from mlops_iac.content import FileSet
from mlops_iac_local.errors import LocalError
from mlops_iac_local.files import FOLDER_MODE, make_folder, remove
from mlops_iac_local.layout import Layout

OUTPUTS = "outputs"
"""Subject of the data that runs made; datasets, which are declared, lie under `data`."""
_STORED_MODE = 0o400


def stored(layout: Layout, subject: str, digest: str) -> Path:
    """Return where content lies; `subject` is `data`, `outputs`, `code` or `models`."""
    return layout.store / subject / digest.removeprefix("sha256:")


def data(layout: Layout, digest: str) -> Path:
    """Return the folder with data, whether it was declared or a run made it.

    Raises:
        LocalError: it is no longer there.
    """
    for subject in ("data", OUTPUTS):
        if (place := stored(layout, subject, digest)).is_dir():
            return place
    raise LocalError(
        f"the data `{digest[:19]}` is gone", remedy="run `mlops-iac up --refresh`: it is made again"
    )


def add(
    layout: Layout, subject: str, digest: str, files: FileSet, digest_of: Callable[[Path], str]
) -> Path:
    """Copy `files` into the store under their `digest` and return their folder.

    Nothing is copied when it is there already. The copy is judged by `digest_of` before it gets
    its name, so a file that changes while it is read never gets another file's digest.

    Raises:
        LocalError: the copy has another digest.
    """
    place = stored(layout, subject, digest)
    if place.is_dir():
        return place
    make_folder(place.parent)
    make_folder(layout.temporary)
    copy = Path(tempfile.mkdtemp(dir=layout.temporary))
    try:
        _copy(files, copy)
        if digest_of(copy) != digest:
            raise LocalError(
                f"the {subject} changed while `{digest[:19]}` was stored",
                remedy="run it again when nothing writes these files",
            )
        _rename(copy, place)
    finally:
        if copy.exists():
            remove(copy)
    return place


def sweep(layout: Layout, subject: str, keep: Iterable[str]) -> None:
    """Remove what the store holds of `subject`, except the digests in `keep`."""
    kept = {digest.removeprefix("sha256:") for digest in keep}
    folder = layout.store / subject
    for place in folder.iterdir() if folder.is_dir() else ():
        if place.name not in kept:
            remove(place)


def _copy(files: FileSet, folder: Path) -> None:
    for name, source in files.items():
        target = folder / name
        target.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(_STORED_MODE)


def _rename(copy: Path, place: Path) -> None:
    try:
        copy.rename(place)
    except OSError:
        # Somebody else stored the same content first: theirs is as good as ours.
        if not place.is_dir():
            raise
