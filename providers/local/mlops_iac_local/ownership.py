"""The ownership mark: adopt what is ours, refuse what is not."""

from pathlib import Path

from mlops_iac_local.errors import NotOursError
from mlops_iac_local.files import make_folder, read_json, utc_now, write_json

MARK = "owner.json"
TAG = "mlops-iac.urn"
"""The same mark as a tag, on what lies in MLflow."""


def adopt_or_make(folder: Path, urn: str) -> bool:
    """Make `folder` with the mark of `urn`; return whether it was there with that mark already.

    Raises:
        NotOursError: it carries another resource's mark, or holds files and no mark.
    """
    owner = owner_of(folder)
    if owner is None and folder.is_dir() and any(folder.iterdir()):
        raise _refused(folder, "without a mark of ours")
    if owner not in {None, urn}:
        raise _refused(folder, f"and belongs to `{owner}`")
    if owner is None:
        make_folder(folder)
        write_json(folder / MARK, {"urn": urn, "created": utc_now()})
    return owner is not None


def owner_of(folder: Path) -> str | None:
    """Return the URN that made `folder`, or `None` when there is no mark."""
    document = read_json(folder / MARK)
    return None if document is None else str(document["urn"])


def require_ours(folder: Path, urn: str) -> None:
    """Refuse to touch a folder that carries another resource's mark."""
    owner = owner_of(folder)
    if owner not in {None, urn}:
        raise _refused(folder, f"and belongs to `{owner}`")


def _refused(folder: Path, why: str) -> NotOursError:
    return NotOursError(
        f"`{folder}` exists {why}",
        remedy="rename the component, or remove the folder when nothing needs it any more",
    )
